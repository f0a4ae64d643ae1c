// The network of one simulated node, in place of TCP: requests and replies go as bytes through the
// real codecs, in pieces, each way as late as the line is long. A line that is cut loses them. Who
// does not run refuses, when its machine still does; otherwise it says nothing.
import {
  type Answerer,
  connectDeadlineMs,
  createOutcomeDecoder,
  type ExchangeOptions,
  maxReplyHosts,
  type Network,
  type NodeListener,
  type Outcome,
  type Reached,
  replyDeadlineMs,
} from '../../../shared/node/network.ts';
import { ChunkWriter } from '../../../shared/protocol/chunk-writer.ts';
import { native, replyChunks } from '../../../shared/protocol/dialect.ts';
import type { Reply, RequestSink, Request as Said } from '../../../shared/protocol/message.ts';
import { encodeRequest } from '../../../shared/protocol/native-request.ts';
import { packed } from '../../fixture/registry.ts';
import type { Internet } from './internet.ts';

export class NodeNetwork implements Network {
  /** A name server has answered this node's `leave`. */
  isGoodbyeHeard = false;
  private readonly internet: Internet;
  private readonly address: string;
  private readonly words: Uint32Array;

  constructor(internet: Internet, address: string) {
    this.internet = internet;
    this.address = address;
    this.words = packed(address);
  }

  async listen(_ip: string, port: number, answer: Answerer): Promise<NodeListener> {
    this.internet.open(this.address, answer);
    return { port, close: async () => this.internet.shut(this.address) };
  }

  exchange(
    address: string,
    request: Said,
    options: Omit<ExchangeOptions, 'timers'>,
  ): Promise<Outcome> {
    const { signal, deadlineMs = replyDeadlineMs, maxHosts = maxReplyHosts } = options;
    const { internet, words } = this;
    const { time } = internet;
    const bytes = encodeRequest(request);
    return new Promise((resolve) => {
      let reached: Reached = 'nobody';
      let isOver = false;
      const finish = (outcome: Outcome) => {
        if (isOver) return;
        isOver = true;
        for (const cancel of deadlines) cancel();
        signal?.removeEventListener('abort', giveUp);
        if (request.verb === 'leave' && outcome.kind === 'ok') this.isGoodbyeHeard = true;
        resolve(outcome);
      };
      const fail = (reason: string) => finish({ kind: 'failed', reason, reached });
      const giveUp = () => fail('given up');
      const deadlines = [
        time.after(connectDeadlineMs, () => {
          if (reached === 'nobody') fail('no connection');
        }),
        time.after(deadlineMs, () => fail('no whole reply')),
      ];
      if (signal?.aborted) return giveUp();
      signal?.addEventListener('abort', giveUp);
      const replies = createOutcomeDecoder(finish, fail, maxHosts);
      const line = internet.line(this.address, address);
      line.carry(() => {
        const door = internet.doorAt(address);
        if (door === 'silent') return;
        line.carry(() => {
          if (isOver) return;
          reached = door === 'shut' ? 'refusal' : 'connection';
          if (door === 'shut') return fail('connection refused');
          const send = (reply: Reply) => {
            for (const chunk of replyChunks(native, reply, writer))
              for (const piece of internet.pieces(chunk))
                line.carry(() => {
                  if (!isOver) replies.push(piece);
                });
          };
          const requests = native.createDecoder(sinkOf((said) => door(said, words, send)));
          for (const piece of internet.pieces(bytes)) line.carry(() => requests.push(piece));
        });
      });
    });
  }
}

/** Empty between two replies. */
const writer = new ChunkWriter();

function sinkOf(request: (request: Said) => void): RequestSink {
  const unreadable = (what: string) => {
    throw new Error(`a node said what could not be read: ${what}`);
  };
  return { request, sync: unreadable, refuse: ({ text }) => unreadable(text) };
}
