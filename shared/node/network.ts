// What a node needs of a network: to ask, and to be asked. Handed in, so that many nodes run in one
// test without sockets.
// Time and chance, as the node's engine uses them: handed in, so that a test runs hours of retries
// and refreshes at once and the same way each time.
// One request to one server, over a connection of its own, and what came of it. Resolves always: a
// server that is down, silent, or talks nonsense is a result. Bounded in time and in hosts.
// The bytes of one reply, gathered to what came of the request. Bounded in hosts, and more so in those kept.
// The node's own port: decodes what others ask and sends back what the node answers. Whoever asks is
// a stranger: connections, their time and the requests on each are bounded.

import { connect, createServer, type Server, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { AddressList, addressWords, formatIp, parseAddress } from '../protocol/address.ts';
import { sourceOfIp } from '../protocol/address-kind.ts';
import { native } from '../protocol/dialect.ts';
import { requestDeadlineMs } from '../protocol/limits.ts';
import type { Extent, Reply, Request } from '../protocol/message.ts';
import { NativeReplyDecoder, type ReplyPart } from '../protocol/native-reply.ts';
import { encodeRequest } from '../protocol/native-request.ts';
import { wallNow } from '../wall-clock.ts';

/** Answers a request that came from `ip`. */
export type Answerer = (request: Request, ip: string) => Reply;

export interface Listener {
  /** the one the system chose when any was asked for */
  port: number;
  close(): Promise<void>;
}

export interface Network {
  /** Asks `address`, `ip:port`; resolves always. */
  exchange(
    address: string,
    request: Request,
    options: Omit<ExchangeOptions, 'timers'>,
  ): Promise<Outcome>;
  /** IPs of this machine, for a node that listens on all of them. */
  addresses?(): string[];
  /** Rejects when it cannot listen there. */
  listen(ip: string, port: number, answer: Answerer): Promise<Listener>;
}

export function tcpNetwork(timers: Timers): Network {
  return {
    exchange: (address, request, options) => exchange(address, request, { ...options, timers }),
    listen: listenTcp,
    addresses: () =>
      Object.values(networkInterfaces()).flatMap((infos) =>
        (infos ?? []).map(({ address }) => address),
      ),
  };
}

export interface Timers {
  /** Milliseconds since 1970 on a clock that never goes back while the process runs, and goes on while the machine sleeps. */
  now(): number;
  /** Runs `task` once after `ms`; returns what cancels it. */
  after(ms: number, task: () => void): () => void;
  /** A number in [0, 1). */
  random(): number;
}

/**
 * A clock that follows the wall clock forward but never back. The monotonic one stands still while the machine
 * sleeps: a list of days ago would be one of a moment ago, and its hosts still be vouched for. One that was set
 * forward makes hosts older than they are, and then they are pinged. Both clocks are in ms.
 */
export function clockThroughSleep(monotonic: () => number, wall: () => number): () => number {
  let before = monotonic();
  let latest = wall();
  return () => {
    const now = monotonic();
    latest = Math.max(latest + now - before, wall());
    before = now;
    return Math.round(latest);
  };
}

export const systemTimers: Timers = {
  now: clockThroughSleep(() => performance.now(), wallNow),
  after(ms, task) {
    const timer = setTimeout(task, ms);
    return () => clearTimeout(timer);
  },
  random: Math.random,
};

/** `ms` ± `share`, so that nodes that started together do not come back together. */
export function jittered(ms: number, share: number, timers: Timers): number {
  return Math.round(ms * (1 - share + 2 * share * timers.random()));
}

/** Resolves after `ms`, or at once when `signal` aborts. */
export function pause(ms: number, timers: Timers, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      cancel();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const cancel = timers.after(ms, done);
    signal.addEventListener('abort', done);
  });
}

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

/**
 * `finish` is called with a whole reply, `fail` when it cannot be read; after either comes nothing. Of a list of
 * more than `maxKeptHosts` the first ones are kept; it is no full one then. `goesOn` is called with each
 * further million of them.
 */
export function createOutcomeDecoder(
  finish: (outcome: Outcome) => void,
  fail: (reason: string) => void,
  maxHosts: number,
  goesOn: () => void = () => {},
): NativeReplyDecoder {
  const hosts = new AddressList();
  const gone = new AddressList();
  let told = 0;
  const take = (list: AddressList, more: AddressList) => {
    const kept = Math.min(more.length, maxKeptHosts - list.length);
    for (let index = 0; index < kept; index++) list.push(more.words, index * addressWords);
    const before = told;
    told += more.length;
    if (Math.floor(told / maxKeptHosts) > Math.floor(before / maxKeptHosts)) goesOn();
  };
  return new NativeReplyDecoder(
    {
      part(part) {
        switch (part.kind) {
          case 'hosts':
            return take(hosts, part.hosts);
          case 'gone':
            return take(gone, part.hosts);
          case 'end': {
            const extent = part.count > hosts.length ? 'partial' : part.extent;
            return finish({ ...part, extent, kind: 'list', hosts, gone });
          }
          case 'error':
            return finish({ ...part, hosts });
          default:
            return finish(part);
        }
      },
      refuse: ({ text }) => fail(text),
    },
    maxHosts,
  );
}

/** Pings come from a few name servers, queries from a few nodes; a flood must not take all files. */
const maxConnections = 64;

/** Answers wait in memory for a reader that does not read; a ping's is some 70 bytes. */
const maxRequests = 100;

/** Resolves when it listens; port 0 lets the system choose one. Rejects when it cannot listen. */
export function listenTcp(ip: string, port: number, answer: Answerer): Promise<Listener> {
  const sockets = new Map<Socket, string>();
  const server = createServer((socket) => {
    const ip = socket.remoteAddress;
    if (ip === undefined) return void socket.destroy();
    if (sockets.size >= maxConnections) giveWay(sockets);
    sockets.set(socket, sourceOfIp(ip));
    socket.once('close', () => sockets.delete(socket));
    serve(socket, ip, answer);
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, ip, () => {
      server.off('error', reject);
      server.on('error', () => {});
      const address = server.address();
      resolve({
        port: typeof address === 'object' && address !== null ? address.port : port,
        close: () => close(server, sockets),
      });
    });
  });
}

/** Ends the longest of the connections of the source that has most; `sockets` are in the order in which they came. */
function giveWay(sockets: Map<Socket, string>): void {
  const counts = new Map<string, number>();
  for (const source of sockets.values()) counts.set(source, (counts.get(source) ?? 0) + 1);
  const most = Math.max(...counts.values());
  for (const [socket, source] of sockets) {
    if (counts.get(source) !== most) continue;
    sockets.delete(socket);
    socket.destroy();
    return;
  }
}

function close(server: Server, sockets: ReadonlyMap<Socket, string>): Promise<void> {
  for (const socket of sockets.keys()) socket.destroy();
  return new Promise((resolve) => server.close(() => resolve()));
}

function serve(socket: Socket, ip: string, answer: Answerer): void {
  const deadline = setTimeout(() => socket.destroy(), requestDeadlineMs);
  socket.on('error', () => {});
  socket.once('close', () => clearTimeout(deadline));
  let requests = 0;
  const reply = (reply: Reply) => {
    if (socket.writableEnded) return;
    const chunks = native.encodeReply(reply);
    for (let next = chunks.next(); !next.done; next = chunks.next()) socket.write(next.value);
    // A list is the last thing asked for; so a connection costs one.
    if (reply.kind === 'hosts' || reply.kind === 'error' || ++requests === maxRequests)
      socket.end();
  };
  const decoder = native.createDecoder({
    request: (request) => {
      if (!socket.writableEnded) reply(answer(request, ip));
    },
    refuse: ({ code, text }) => reply({ kind: 'error', code, text }),
  });
  socket.on('data', (chunk) => decoder.push(chunk));
}
