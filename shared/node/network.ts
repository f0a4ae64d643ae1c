// The node's view of network and time: connections out, connections in, clock, timers and chance. They are handed
// in, so that many nodes run in one test without sockets, hours of retries pass at once, and a run repeats. Here are
// the interfaces, and what implements them on real sockets.
import { connect, createServer, isIP, type Server, type Socket } from 'node:net';
import { ownAddresses } from '../own-interfaces.ts';
import { AddressList, addressWords, formatIp, parseAddress } from '../protocol/address.ts';
import { sourceOfIp } from '../protocol/address-kind.ts';
import { ChunkWriter } from '../protocol/chunk-writer.ts';
import { native, replyChunks } from '../protocol/dialect.ts';
import { requestDeadlineMs } from '../protocol/limits.ts';
import type { Extent, Reply, Request } from '../protocol/message.ts';
import { NativeReplyDecoder, type ReplyPart } from '../protocol/native-reply.ts';
import { encodeRequest } from '../protocol/native-request.ts';
import { wallNow } from '../wall-clock.ts';

/** Answers a request that came from `ip`. */
export type Answerer = (request: Request, ip: string) => Reply;

/** A listening port. */
export interface NodeListener {
  /** the port; the one that the system chose if 0 was asked for */
  port: number;
  close(): Promise<void>;
}

/** Connections to others, and from others. */
export interface Network {
  /** Sends a request to `address` (`ip:port`); always resolves. */
  exchange(
    address: string,
    request: Request,
    options: Omit<ExchangeOptions, 'timers'>,
  ): Promise<Outcome>;
  /** IPs of this machine, for a node that listens on all addresses */
  addresses?(): string[];
  /** Listens; rejects with the system's error if it cannot. */
  listen(ip: string, port: number, answer: Answerer): Promise<NodeListener>;
}

/** The network of this machine. */
export function tcpNetwork(timers: Timers): Network {
  return {
    exchange: (address, request, options) => exchange(address, request, { ...options, timers }),
    listen: listenTcp,
    addresses: () => ownAddresses().map(({ address }) => address),
  };
}

/** Time and chance. */
export interface Timers {
  /** Milliseconds since 1970 on a clock that never goes back while the process runs, and goes on while the machine sleeps. */
  now(): number;
  /** Runs `task` once after `ms`; returns a function that cancels it. */
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

/**
 * Most of a long wait at a time, in ms. Timers stand still while the machine sleeps, so a node that was deleted
 * meanwhile would be missing until the rest of its wait was over. Deadlines are shorter, and are not cut short by a
 * wall clock that is set forward.
 */
const mostAtOnceMs = 30_000;

/** Waits by the clock `now`, which goes on while the machine sleeps; `after` waits while it is awake. */
export function afterThroughSleep(now: Timers['now'], after: Timers['after']): Timers['after'] {
  return (ms, task) => {
    const due = now() + ms;
    let cancel = () => {};
    const wait = (rest: number) => {
      if (rest <= mostAtOnceMs) cancel = after(rest, task);
      else cancel = after(mostAtOnceMs, () => wait(Math.max(0, due - now())));
    };
    wait(ms);
    return () => cancel();
  };
}

const systemClock = clockThroughSleep(() => performance.now(), wallNow);

export const systemTimers: Timers = {
  now: systemClock,
  after: afterThroughSleep(systemClock, (ms, task) => {
    const timer = setTimeout(task, ms);
    return () => clearTimeout(timer);
  }),
  random: Math.random,
};

/** `ms` ± `share` of it, so that nodes that started together do not return together. */
export function jittered(ms: number, share: number, timers: Timers): number {
  return Math.round(ms * (1 - share + 2 * share * timers.random()));
}

/** Resolves after `ms`, or as soon as `signal` aborts. */
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

/** What `promise` resolves to, or null as soon as `signal` aborts. Rejects as it does. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | null> {
  let stop = () => {};
  const aborted = new Promise<null>((resolve) => {
    stop = () => resolve(null);
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
  });
  return Promise.race([promise, aborted]).finally(() => signal.removeEventListener('abort', stop));
}

/** Longest wait for a connection; around the world it takes a third of a second. */
export const connectDeadlineMs = 5_000;

/** Longest wait for a complete reply, and again for each further million hosts: 1 MB a second. */
export const replyDeadlineMs = 30_000;

/** Most addresses in a reply: MaxHosts is at most 16 million, and a quarter more may be gone. */
export const maxReplyHosts = 20_000_001;

/**
 * Most addresses kept of a reply: 20 MB, as many as a node remembers. The first ones are kept, because a name server
 * lists hosts that answered a ping first.
 */
export const maxKeptHosts = 1_000_000;

/** How far a request got: no response, a refusal, or a connection. */
export type Reached = 'nobody' | 'refusal' | 'connection';

/** Error codes of a refusal by the other end, which proves that the network between works. */
const refusalCodes = ['ECONNREFUSED', 'ECONNRESET'];

/** A complete list of hosts. */
export interface List {
  kind: 'list';
  hosts: AddressList;
  gone: AddressList;
  cursor: string;
  extent: Extent;
}

/** The outcome of a request. */
export type Outcome =
  | List
  | Exclude<ReplyPart, { kind: 'hosts' | 'gone' | 'end' | 'error' }>
  /** `hosts` are those before the error */
  | { kind: 'error'; code: string; text: string; hosts: AddressList }
  /** no connection, no complete reply, or a malformed one */
  | { kind: 'failed'; reason: string; reached: Reached };

const everyIpv4 = '0.0.0.0';

/** Limits of a request. */
export interface ExchangeOptions {
  timers: Timers;
  /** longest wait for the complete reply; default: 30 s */
  deadlineMs?: number;
  /** most addresses in a reply; default: as many as a name server may have; the first million are kept */
  maxHosts?: number;
  /**
   * the IP to connect from, under which the server registers the node; 0.0.0.0: any of IPv4; undefined: any. What
   * registers the node fails where that is of the other family: the node does not listen where it would be listed.
   */
  localAddress?: string | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Sends `request` to `server` (`ip:port`) over a new connection. Always resolves: a server that is down, silent or
 * talks nonsense is an outcome. Bounded in time and in hosts.
 * @throws RangeError if `server` is not an address or `request` breaks a rule of the protocol
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
    const host = formatIp(words, 0);
    const isOwnFamily = localAddress === undefined || isIP(localAddress) === isIP(host);
    // A ping registers nothing, so it may come from any address.
    if (!isOwnFamily && request.verb !== 'ping') {
      const reason = `it is asked over IPv${isIP(host)}, and this node listens over IPv${isIP(localAddress)} only (${localAddress})`;
      return resolve({ kind: 'failed', reason, reached });
    }
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
      host,
      port: words[addressWords - 1] as number,
      localAddress: isOwnFamily && localAddress !== everyIpv4 ? localAddress : undefined,
    });
    const deadlines = [
      timers.after(connectDeadlineMs, () => {
        if (socket.connecting) fail(`no connection within ${connectDeadlineMs / 1_000} s`);
      }),
    ];
    const wholeBy = () =>
      timers.after(deadlineMs, () => fail(`no complete reply within ${deadlineMs / 1_000} s`));
    let cancelWhole = wholeBy();
    signal?.addEventListener('abort', giveUp);
    const onProgress = () => {
      cancelWhole();
      cancelWhole = wholeBy();
    };
    const decoder = createOutcomeDecoder(finish, fail, maxHosts, onProgress);
    socket.on('connect', () => {
      reached = 'connection';
      socket.write(bytes);
    });
    socket.on('data', (chunk) => decoder.push(chunk));
    socket.on('error', ({ code = '', message, syscall }: NodeJS.ErrnoException) => {
      if (reached === 'nobody' && refusalCodes.includes(code)) reached = 'refusal';
      fail(
        syscall === 'bind' && code === 'EADDRNOTAVAIL'
          ? `this machine has no address ${localAddress} now, at which this node listens`
          : message,
      );
    });
    socket.on('close', () =>
      fail(
        decoder.pending
          ? 'connection closed in the middle of the reply'
          : 'connection closed without a reply',
      ),
    );
  });
}

/**
 * Decodes one reply: calls `finish` with a complete reply or `fail` with what is wrong, and then nothing more. Of a
 * list of more than `maxKeptHosts` the first ones are kept, and the list is `partial`. Calls `onProgress` after each
 * million addresses.
 */
export function createOutcomeDecoder(
  finish: (outcome: Outcome) => void,
  fail: (reason: string) => void,
  maxHosts: number,
  onProgress: () => void = () => {},
): NativeReplyDecoder {
  const hosts = new AddressList();
  const gone = new AddressList();
  let received = 0;
  const take = (list: AddressList, more: AddressList) => {
    const kept = Math.min(more.length, maxKeptHosts - list.length);
    for (let index = 0; index < kept; index++) list.push(more.words, index * addressWords);
    const before = received;
    received += more.length;
    if (Math.floor(received / maxKeptHosts) > Math.floor(before / maxKeptHosts)) onProgress();
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
            const isCut = part.count > hosts.length && part.extent !== 'unknown-cursor';
            return finish({
              ...{ ...part, kind: 'list', hosts, gone },
              extent: isCut ? 'partial' : part.extent,
            });
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

/** Most inbound connections: a few name servers ping and a few nodes query; a flood must not take all files. */
const maxConnections = 64;

/** Most requests per connection: replies to a client that does not read wait in memory. */
const maxRequests = 100;

/**
 * Listens on `ip` and `port` (0: any free one). Clients are strangers: connections, their time and their requests
 * are bounded. A newcomer always gets in, because a node that answers no ping is deleted: the longest connection of
 * the source that holds most gives way. Rejects with the system's error if it cannot listen.
 */
export function listenTcp(ip: string, port: number, answer: Answerer): Promise<NodeListener> {
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

/** Empty between two replies. */
const writer = new ChunkWriter();

function serve(socket: Socket, ip: string, answer: Answerer): void {
  const deadline = setTimeout(() => socket.destroy(), requestDeadlineMs);
  socket.on('error', () => {});
  socket.once('close', () => clearTimeout(deadline));
  let requests = 0;
  const reply = (reply: Reply) => {
    if (socket.writableEnded) return;
    for (const chunk of replyChunks(native, reply, writer)) socket.write(chunk);
    // The connection ends after a list, so that it costs one list at most.
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
