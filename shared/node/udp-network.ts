// The network of a node that speaks over UDP (PROTOCOL.md, "Datagrams"): requests go in datagrams from the port on which
// the node listens, and over TCP when no answer comes or when the answer says so. The same port answers requests over
// both. A request is sent up to three times; what comes back counts only with the id of the request and from the address
// that was asked.
import type { RemoteInfo, Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { createDatagramSocket } from '../datagram-socket.ts';
import {
  AddressList,
  addressWords,
  formatAddress,
  formatIp,
  packAddress,
  parseAddress,
} from '../protocol/address.ts';
import { encodeDatagramReply, queryInDatagram } from '../protocol/datagram-reply.ts';
import { createId, encodeDatagram, openDatagram } from '../protocol/datagram-request.ts';
import type { Reply, Request } from '../protocol/message.ts';
import { createCookieKey, SourceCookies } from '../protocol/source-cookies.ts';
import {
  type Answerer,
  createOutcomeDecoder,
  type ExchangeOptions,
  maxReplyHosts,
  type Network,
  type NodeListener,
  type Outcome,
  replyDeadlineMs,
  type Timers,
} from './network.ts';

/** How long an answer in datagrams is waited for, ms: then TCP is tried, which most networks let through. */
const patienceMs = 3_000;

/**
 * Shares of that time at which the request is sent: after half a second, more than a round trip around the world, and
 * after another one. With 10 % loss each way, one request in 150 goes over TCP.
 */
const sentAt = [0, 1 / 6, 1 / 2] as const;

/** For how long one that gave no answer in datagrams is asked over TCP at once, ms. */
const silentMs = 60_000;

/** Cookies taken for one request: a second one if the server was restarted meanwhile, or its hour ended. */
const maxCookies = 3;

/** Addresses whose cookies, or whose silence, are remembered: a few name servers, and nodes. */
const maxRemembered = 1_000;

/** Known hosts named in a query that asks for a sample: as many as fit in any case. */
const maxHaveInDatagram = 20;

/** Ports that are tried for both TCP and UDP, when any free one will do. */
const mostPortsTried = 10;

const idLine = /^id ([A-Za-z0-9_-]{1,16})\r?\n/;
const cookieReply = /^cookie ([A-Za-z0-9_-]{1,64})\r?\n$/;
const tcpReply = /^tcp\r?\n$/;

type Options = Omit<ExchangeOptions, 'timers'>;

/** What a request in datagrams came to, `silent`: no answer; `tcp`: ask over TCP. */
type Answer = Outcome | 'silent' | 'tcp';

/** A request that waits for its answer. */
interface Waiting {
  address: string;
  take(reply: Buffer): void;
}

/** Speaks over UDP on the listening port; `tcp` is the network for everything else. */
export class UdpNetwork implements Network {
  private readonly tcp: Network;
  private readonly timers: Timers;
  private readonly ownCookies: SourceCookies;
  private socket: Socket | null = null;
  private readonly waiting = new Map<string, Waiting>();
  private readonly cookies = new Map<string, string>();
  /** until when each address is asked over TCP only */
  private readonly silent = new Map<string, number>();

  constructor(tcp: Network, timers: Timers) {
    this.tcp = tcp;
    this.timers = timers;
    this.ownCookies = new SourceCookies(createCookieKey(), () => timers.now());
  }

  addresses(): string[] {
    return this.tcp.addresses?.() ?? [];
  }

  async listen(ip: string, port: number, answer: Answerer): Promise<NodeListener> {
    for (let tried = 1; ; tried++) {
      const listener = await this.tcp.listen(ip, port, answer);
      try {
        this.socket = await bind(ip, listener.port);
      } catch (error) {
        await listener.close();
        if (port === 0 && tried < mostPortsTried) continue;
        throw error;
      }
      // A failed read, or an answer that nobody takes.
      this.socket.on('error', () => {});
      this.socket.on('message', (bytes, from) => this.receive(bytes, from, answer));
      return { port: listener.port, close: () => this.close(listener) };
    }
  }

  async exchange(address: string, request: Request, options: Options): Promise<Outcome> {
    const { deadlineMs = replyDeadlineMs, signal } = options;
    const since = this.timers.now();
    const isSilent = (this.silent.get(address) ?? 0) > since;
    const answer =
      this.socket === null || isSilent ? 'tcp' : await this.ask(address, request, options);
    if (typeof answer !== 'string') return answer;
    if (signal?.aborted) return { kind: 'failed', reason: 'given up', reached: 'nobody' };
    if (answer === 'silent') remember(this.silent, address, this.timers.now() + silentMs);
    const leftMs = Math.max(1, deadlineMs - (this.timers.now() - since));
    return this.tcp.exchange(address, request, { ...options, deadlineMs: leftMs });
  }

  private async close(listener: NodeListener): Promise<void> {
    this.socket?.close();
    this.socket = null;
    await listener.close();
  }

  /** Asks in datagrams, for at most half of the deadline. */
  private ask(address: string, request: Request, options: Options): Promise<Answer> {
    const { deadlineMs = replyDeadlineMs, maxHosts = maxReplyHosts, signal } = options;
    const { timers, waiting, cookies } = this;
    const waitMs = Math.min(patienceMs, deadlineMs / 2);
    const id = createId();
    const fitting = withFittingHave(request);
    if (encodeDatagram(fitting, { cookie: cookies.get(address) ?? null, id }) === null)
      return Promise.resolve('tcp');
    return new Promise((resolve) => {
      let cancels: (() => void)[] = [];
      let cookiesTaken = 0;
      const stop = () => {
        for (const cancel of cancels) cancel();
        cancels = [];
      };
      const finish = (answer: Answer) => {
        stop();
        waiting.delete(id);
        signal?.removeEventListener('abort', giveUp);
        resolve(answer);
      };
      const giveUp = () => finish('silent');
      const fail = (reason: string) => finish({ kind: 'failed', reason, reached: 'connection' });
      const send = () => {
        const bytes = encodeDatagram(fitting, { cookie: cookies.get(address) ?? null, id });
        if (bytes === null) finish('tcp');
        else this.send(bytes, address);
      };
      const begin = () => {
        stop();
        const [, ...later] = sentAt;
        cancels = later.map((share) => timers.after(share * waitMs, send));
        cancels.push(timers.after(waitMs, () => finish('silent')));
        send();
      };
      const take = (reply: Buffer) => {
        const text = reply.toString('latin1');
        const cookie = cookieReply.exec(text)?.[1];
        if (tcpReply.test(text)) return finish('tcp');
        if (cookie === undefined) {
          const decoder = createOutcomeDecoder(finish, fail, maxHosts);
          decoder.push(reply);
          if (waiting.has(id)) fail('the answer was not a complete reply');
          return;
        }
        // The answer to a retransmission, which repeats what is known.
        if (cookies.get(address) === cookie || ++cookiesTaken > maxCookies) return;
        remember(cookies, address, cookie);
        begin();
      };
      if (signal?.aborted) return giveUp();
      signal?.addEventListener('abort', giveUp);
      waiting.set(id, { address, take });
      begin();
    });
  }

  private receive(bytes: Buffer, { address: from, port }: RemoteInfo, answer: Answerer): void {
    const words = packAddress(from, port);
    // Nothing can be sent to port 0.
    if (words === null) return;
    const ip = formatIp(words, 0);
    const reply = this.replyTo(bytes, words, ip, answer);
    if (reply !== null) this.socket?.send(reply, port, from, () => {});
    else this.takeReply(bytes, formatAddress(words, 0));
  }

  /** The reply to a request of a stranger; without proof of its source it is no longer than the request. */
  private replyTo(bytes: Buffer, words: Uint32Array, ip: string, answer: Answerer): Buffer | null {
    const datagram = openDatagram(bytes);
    if (datagram === null) return null;
    const { cookie, id, isPing } = datagram;
    const isProved = cookie !== null && this.ownCookies.isValid(cookie, words);
    if (!isProved && !isPing) return this.ownCookies.challenge(words, id, bytes.length);
    const request = datagram.decode();
    const reply: Reply =
      'code' in request ? { kind: 'error', ...request } : answer(queryInDatagram(request), ip);
    const encoded = encodeDatagramReply(reply, id, true);
    return isProved || encoded.length <= bytes.length ? encoded : null;
  }

  private takeReply(bytes: Buffer, from: string): void {
    const line = idLine.exec(bytes.toString('latin1', 0, 24));
    const waiting = line === null ? undefined : this.waiting.get(line[1] as string);
    if (line !== null && waiting?.address === from) waiting.take(bytes.subarray(line[0].length));
  }

  private send(bytes: Uint8Array, address: string): void {
    const words = parseAddress(address);
    const { socket } = this;
    if (words === null || socket === null) return;
    const ip = formatIp(words, 0);
    // A socket for both families takes IPv4 addresses in their mapped form.
    const isMapped = isIPv6(socket.address().address) && !isIPv6(ip);
    // A datagram that cannot be sent counts as lost.
    socket.send(bytes, words[addressWords - 1] as number, isMapped ? `::ffff:${ip}` : ip, () => {});
  }
}

/** A bound socket; rejects with the system's error. */
function bind(ip: string, port: number): Promise<Socket> {
  const socket = createDatagramSocket(ip);
  return new Promise((resolve, reject) => {
    socket.once('error', (error) => {
      socket.close();
      reject(error);
    });
    socket.bind({ address: ip, port, exclusive: true }, () => {
      socket.removeAllListeners('error');
      resolve(socket);
    });
  });
}

/** Of the known hosts in a query for a sample, those that fit: the sample may then have others of them. */
function withFittingHave(request: Request): Request {
  if (request.verb !== 'query' || request.limit === null || request.have === null) return request;
  if (request.since !== null || request.have.length <= maxHaveInDatagram) return request;
  const have = new AddressList();
  for (let index = 0; index < maxHaveInDatagram; index++)
    have.push(request.have.words, index * addressWords);
  return { ...request, have };
}

/** Forgets the oldest entry when there are too many. */
function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > maxRemembered && oldest !== undefined) map.delete(oldest);
}
