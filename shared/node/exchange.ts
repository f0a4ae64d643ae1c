// One request to one server, over a connection of its own, and what came of it. Resolves always: a
// server that is down, silent, or talks nonsense is a result. Bounded in time and in hosts.
import { connect } from 'node:net';
import { type AddressList, addressWords, formatIp, parseAddress } from '../protocol/address.ts';
import type { Extent, Request } from '../protocol/message.ts';
import type { ReplyPart } from '../protocol/native-reply-decoder.ts';
import { encodeRequest } from '../protocol/native-request-encoder.ts';
import { createOutcomeDecoder } from './outcome-decoder.ts';
import type { Timers } from './timers.ts';

/** From the first packet to a connection; across the world it takes a third of a second. */
export const connectDeadlineMs = 5_000;

/** From the start to the reply's last byte, and again for each further million: 1 MB a second. */
export const replyDeadlineMs = 30_000;

/** Hosts and gone ones of one reply: MaxHosts of a name server is at most 16 million, a quarter more are gone. */
export const maxReplyHosts = 20_000_001;

/**
 * Of those, how many are kept: 20 MB, and as many as a node remembers. The first ones are the best: a
 * name server begins with those that answered a ping.
 */
export const maxKeptHosts = 1_000_000;

/** How far a request got: nobody there, somebody who refused it, or a connection. */
export type Reached = 'nobody' | 'refusal' | 'connection';

/** What the system says when the other end refused; then there is a network up to there. */
const refusalCodes = ['ECONNREFUSED', 'ECONNRESET'];

export interface List {
  kind: 'list';
  hosts: AddressList;
  gone: AddressList;
  cursor: string;
  extent: Extent;
}

export type Outcome =
  | List
  | Exclude<ReplyPart, { kind: 'hosts' | 'gone' | 'end' | 'error' }>
  /** `hosts` are those that came before the error */
  | { kind: 'error'; code: string; text: string; hosts: AddressList }
  /** no connection, no whole reply, or none that can be understood */
  | { kind: 'failed'; reason: string; reached: Reached };

export interface ExchangeOptions {
  timers: Timers;
  /** Until the reply's last byte has to be there; default: 30 s. */
  deadlineMs?: number;
  /** Most hosts in a reply; default: as many as a name server may have. The first million are kept. */
  maxHosts?: number;
  /** The IP to connect from, which is the one the server registers; undefined: any. */
  localAddress?: string | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Sends `request` to `server` (`ip:port`).
 * @throws RangeError when `server` is no address or `request` breaks a rule of the protocol
 */
export function exchange(
  server: string,
  request: Request,
  options: ExchangeOptions,
): Promise<Outcome> {
  const { timers, localAddress, signal } = options;
  const { deadlineMs = replyDeadlineMs, maxHosts = maxReplyHosts } = options;
  const words = parseAddress(server);
  if (words === null) throw new RangeError(`not an address: ${server}`);
  const bytes = encodeRequest(request);
  return new Promise((resolve) => {
    let reached: Reached = 'nobody';
    if (signal?.aborted) return resolve({ kind: 'failed', reason: 'given up', reached });
    const finish = (outcome: Outcome) => {
      for (const cancel of deadlines) cancel();
      cancelWhole();
      signal?.removeEventListener('abort', giveUp);
      socket.destroy();
      resolve(outcome);
    };
    const fail = (reason: string) => finish({ kind: 'failed', reason, reached });
    const giveUp = () => fail('given up');
    const socket = connect({
      host: formatIp(words, 0),
      port: words[addressWords - 1] as number,
      localAddress,
    });
    const deadlines = [
      timers.after(connectDeadlineMs, () => {
        if (socket.connecting) fail(`no connection within ${connectDeadlineMs / 1_000} s`);
      }),
    ];
    const wholeBy = () =>
      timers.after(deadlineMs, () => fail(`no whole reply within ${deadlineMs / 1_000} s`));
    let cancelWhole = wholeBy();
    signal?.addEventListener('abort', giveUp);
    const goesOn = () => {
      cancelWhole();
      cancelWhole = wholeBy();
    };
    const decoder = createOutcomeDecoder(finish, fail, maxHosts, goesOn);
    socket.on('connect', () => {
      reached = 'connection';
      socket.write(bytes);
    });
    socket.on('data', (chunk) => decoder.push(chunk));
    socket.on('error', ({ code = '', message }: NodeJS.ErrnoException) => {
      if (reached === 'nobody' && refusalCodes.includes(code)) reached = 'refusal';
      fail(message);
    });
    socket.on('close', () =>
      fail(decoder.pending ? 'it closed in the middle of its reply' : 'it closed without a reply'),
    );
  });
}
