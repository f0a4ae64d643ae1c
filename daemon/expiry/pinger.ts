// Pings one host over a connection of its own, or over a UDP socket of its own (datagram-ping.ts). A native host answers `ping` with `pong` and its node id; another id
// belongs to another node, which has the address now. A legacy host answers no ping in any dialect, so an
// accepted connection counts as its answer.
import { connect } from 'node:net';
import { afterListening } from '../../shared/listening-time.ts';
import { type NetworkInterfaces, ownInterfaces } from '../../shared/own-interfaces.ts';
import { addressWords, formatIp, parseAddress } from '../../shared/protocol/address.ts';
import { sourceOf } from '../../shared/protocol/address-kind.ts';
import type { HostDialect } from '../core/registry/registry.ts';
import { datagramPing } from './datagram-ping.ts';
import {
  failure,
  otherNode,
  type PingOptions,
  type PingOutcome,
  pingTimeoutMs,
} from './ping-outcome.ts';

/** A pong is one short line; a longer answer is something else. */
const maxAnswerBytes = 256;

const pong = /^pong ([A-Za-z0-9._-]{1,64})\r?\n/;

/**
 * Errors of this machine that say nothing about the host: no address, route, address family or file descriptor,
 * no way from our address to the host's (EINVAL), or a firewall or sandbox of this machine.
 */
const ownTroubles: readonly string[] = [
  'EACCES',
  'EADDRNOTAVAIL',
  'EAFNOSUPPORT',
  'EINVAL',
  'EMFILE',
  'ENETDOWN',
  'ENETUNREACH',
  'ENFILE',
  'ENOBUFS',
  'EPERM',
];

/** Whether a ping failed because of this machine, which says nothing about the host. */
export function isOwnTrouble({ errorCode }: Pick<PingOutcome, 'errorCode'>): boolean {
  return errorCode !== null && ownTroubles.includes(errorCode);
}

/**
 * `pingHost` with at most `most` pings at once; further ones wait for a place. A free place goes to the source with
 * the fewest pings in flight, so that a source whose hosts accept and stay silent delays only itself. A ping that
 * waited for half of its timeout is not sent, which says nothing about the host.
 */
export function limitPings(most: number): typeof pingHost {
  const places = new Places(most);
  return async (address, dialect, options = {}) => {
    const { timeoutMs = pingTimeoutMs } = options;
    const source = sourceOf(packed(address));
    const since = performance.now();
    if (!(await places.take(source, timeoutMs / 2))) return notAsked(most);
    try {
      const leftMs = Math.round(timeoutMs - (performance.now() - since));
      return await pingHost(address, dialect, { ...options, timeoutMs: leftMs });
    } finally {
      places.giveBack(source);
    }
  };
}

/** The outcome of a ping that got no place in time; the reason is shown to operators. */
function notAsked(most: number): PingOutcome {
  const reason = `not sent: ${most} pings are in flight, the maximum; try again later`;
  return { ...failure(reason), errorCode: 'EMFILE' };
}

/** The places for pings in flight, and the pings that wait for one. */
class Places {
  private free: number;
  private readonly taken = new Map<string, number>();
  private readonly waiting = new Set<{ source: string; settle: (hasPlace: boolean) => void }>();

  constructor(count: number) {
    this.free = count;
  }

  /** Takes a place for `source`; false: none became free within `ms`. */
  take(source: string, ms: number): Promise<boolean> {
    if (this.free > 0) {
      this.begin(source);
      return Promise.resolve(true);
    }
    return new Promise((resolve) => {
      const waiter = {
        source,
        settle: (hasPlace: boolean) => {
          clearTimeout(timer);
          this.waiting.delete(waiter);
          resolve(hasPlace);
        },
      };
      const timer = setTimeout(() => waiter.settle(false), ms);
      this.waiting.add(waiter);
    });
  }

  giveBack(source: string): void {
    this.free++;
    const left = this.takenBy(source) - 1;
    if (left === 0) this.taken.delete(source);
    else this.taken.set(source, left);
    const [first, ...others] = this.waiting;
    if (first === undefined) return;
    let next = first;
    for (const each of others)
      if (this.takenBy(each.source) < this.takenBy(next.source)) next = each;
    this.begin(next.source);
    next.settle(true);
  }

  private begin(source: string): void {
    this.free--;
    this.taken.set(source, this.takenBy(source) + 1);
  }

  private takenBy(source: string): number {
    return this.taken.get(source) ?? 0;
  }
}

/** Links tried for one host: a machine has a few. */
const mostLinks = 8;

/**
 * The addresses to connect to for an IP. A link-local address (RFC 4291) exists once per link: it is tried on the
 * link of `from`, or on all links with link-local addresses.
 */
export function hostsOf(
  ip: string,
  from: string | undefined,
  interfaces: NetworkInterfaces,
): string[] {
  if (!isLinkLocal(ip)) return [ip];
  const zone = from?.split('%')[1];
  if (zone !== undefined) return [`${ip}%${zone}`];
  const links = Object.entries(interfaces).flatMap(([name, infos]) =>
    infos?.some(({ address, internal }) => !internal && isLinkLocal(address)) ? [name] : [],
  );
  return links.length === 0 ? [ip] : links.slice(0, mostLinks).map((name) => `${ip}%${name}`);
}

function isLinkLocal(ip: string): boolean {
  return /^fe[89ab]/i.test(ip);
}

/**
 * Pings the host at `address`. Always resolves: an unreachable host is a result, not an error. With `nodeId`, only a
 * pong with that id counts as an answer. @throws RangeError when `address` is not `ip:port`
 */
export async function pingHost(
  address: string,
  dialect: HostDialect,
  options: PingOptions = {},
): Promise<PingOutcome> {
  const words = packed(address);
  const ip = formatIp(words, 0);
  const port = words[addressWords - 1] as number;
  const hosts = isLinkLocal(ip) ? hostsOf(ip, options.from, ownInterfaces() ?? {}) : [ip];
  const outcomes = await Promise.all(
    hosts.map((host) =>
      dialect === 'udp'
        ? datagramPing({ host, port }, options)
        : ping({ host, port }, dialect, options),
    ),
  );
  return (outcomes.find(({ answered }) => answered) ?? outcomes[0]) as PingOutcome;
}

function packed(address: string): Uint32Array {
  const words = parseAddress(address);
  if (words === null) throw new RangeError(`not an address: ${address}`);
  return words;
}

function ping(
  to: { host: string; port: number },
  dialect: HostDialect,
  options: PingOptions,
): Promise<PingOutcome> {
  const { nodeId, signal, timeoutMs = pingTimeoutMs } = options;
  return new Promise((resolve) => {
    const startedAt = performance.now();
    const socket = connect({
      ...to,
      localAddress: options.from,
    });
    // The signal is not given to `connect`, which would leave a listener on it after every ping.
    const abort = () => socket.destroy();
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort);
    let isAccepted = false;
    let answeredBy: string | null = null;
    const finish = (answered: boolean, reason: string | null, errorCode: string | null = null) => {
      stopWaiting();
      signal?.removeEventListener('abort', abort);
      socket.destroy();
      resolve({
        answered,
        roundTripMs: answered ? Math.round((performance.now() - startedAt) * 10) / 10 : null,
        reason,
        errorCode,
        isAccepted,
        answeredBy,
      });
    };
    const stopWaiting = afterListening(timeoutMs, () =>
      finish(false, `no answer within ${timeoutMs} ms`),
    );
    let received = '';
    socket.on('connect', () => {
      isAccepted = true;
      if (dialect === 'legacy') finish(true, null);
      else socket.write('ping\n');
    });
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      answeredBy = pong.exec(received)?.[1] ?? null;
      if (answeredBy !== null)
        if (nodeId === undefined || answeredBy === nodeId) finish(true, null);
        else finish(false, otherNode(answeredBy));
      else if (received.length > maxAnswerBytes || received.includes('\n'))
        finish(false, 'the answer was not a pong');
    });
    socket.on('error', (error: NodeJS.ErrnoException) =>
      finish(
        false,
        error.code === 'ECONNREFUSED' ? 'connection refused' : error.message,
        error.code ?? null,
      ),
    );
    socket.on('close', () => finish(false, 'connection closed without an answer'));
  });
}
