// Asks one host whether it lives, over a connection of its own. A native host answers `ping` with
// `pong` and its node id: another id is another node's, which has the address now. A legacy host
// answers no ping in any dialect, so that it accepts the connection counts.
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { NetworkInterfaces } from '../../shared/config/interface-address.ts';
import type { PingResult } from '../../shared/ipc/contract.ts';
import { addressWords, formatIp, parseAddress } from '../../shared/protocol/address.ts';
import { sourceOf } from '../../shared/protocol/address-kind.ts';
import type { HostDialect } from '../core/registry/registry.ts';

/** A host that needs longer to connect and answer would be of no use to a new node either. */
export const pingTimeoutMs = 5_000;

/** An answer is one short line; whoever sends more is not answering a ping. */
const maxAnswerBytes = 256;

const pong = /^pong ([A-Za-z0-9._-]{1,64})\r?\n/;

/**
 * What went wrong here and says nothing about the host: no address, no route, no free file; no way from our
 * address to its (EINVAL), no family for it, a firewall or a sandbox of ours.
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

/** A ping's result, and what it was made of. */
export interface PingOutcome extends PingResult {
  /** the system's, when it was the connection that failed */
  errorCode: string | null;
  /** the connection was accepted */
  isAccepted: boolean;
  /** the node id in a `pong`, whoever's it is */
  answeredBy: string | null;
}

/** Whether a ping failed for a reason that says nothing about the host. */
export function isOwnTrouble({ errorCode }: Pick<PingOutcome, 'errorCode'>): boolean {
  return errorCode !== null && ownTroubles.includes(errorCode);
}

/**
 * As `pingHost`, at most `most` at once; the others wait for a place. A place that becomes free goes to the source
 * that has fewest, so that one whose hosts accept and say nothing delays itself. Who waited half of its time is
 * not asked at all, which says nothing about the host: whoever asks reckons with an end by then.
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

/** What a ping is that did not get its turn; an operator who asked for it reads the reason. */
function notAsked(most: number): PingOutcome {
  const reason = `it was not asked: the ${most} pings that there may be at once are all under way; try again later`;
  return {
    answered: false,
    roundTripMs: null,
    reason,
    errorCode: 'EMFILE',
    isAccepted: false,
    answeredBy: null,
  };
}

/** Places for pings, and who waits for one. */
class Places {
  private free: number;
  private readonly taken = new Map<string, number>();
  private readonly waiting = new Set<{ source: string; settle: (hasPlace: boolean) => void }>();

  constructor(count: number) {
    this.free = count;
  }

  /** Whether there was a place within `ms`. */
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

/** Interfaces tried for one host: a machine has a few links. */
const mostLinks = 8;

/**
 * Where to connect for an IP: a link-local address (RFC 4291) means another host on each link, so that it is
 * looked for on that of `from`, or on every one that has such addresses.
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
 * Resolves always: an unreachable host is a result, not an error. With a `nodeId` a native host has
 * answered only when it says that one.
 */
export async function pingHost(
  address: string,
  dialect: HostDialect,
  options: PingOptions = {},
): Promise<PingOutcome> {
  const words = packed(address);
  const ip = formatIp(words, 0);
  const port = words[addressWords - 1] as number;
  const hosts = isLinkLocal(ip) ? hostsOf(ip, options.from, networkInterfaces()) : [ip];
  const outcomes = await Promise.all(hosts.map((host) => ping({ host, port }, dialect, options)));
  return (outcomes.find(({ answered }) => answered) ?? outcomes[0]) as PingOutcome;
}

function packed(address: string): Uint32Array {
  const words = parseAddress(address);
  if (words === null) throw new RangeError(`not an address: ${address}`);
  return words;
}

interface PingOptions {
  nodeId?: string;
  from?: string;
  timeoutMs?: number;
  signal?: AbortSignal;
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
    // Not given to `connect`, which would leave a listener for each ping there was.
    const abort = () => socket.destroy();
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort);
    let isAccepted = false;
    let answeredBy: string | null = null;
    const finish = (answered: boolean, reason: string | null, errorCode: string | null = null) => {
      clearTimeout(timer);
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
    const timer = setTimeout(() => finish(false, `no answer within ${timeoutMs} ms`), timeoutMs);
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
        else finish(false, `another node has its address: it says that it is ${answeredBy}`);
      else if (received.length > maxAnswerBytes || received.includes('\n'))
        finish(false, 'it answered something else than pong');
    });
    socket.on('error', (error: NodeJS.ErrnoException) =>
      finish(
        false,
        error.code === 'ECONNREFUSED' ? 'connection refused' : error.message,
        error.code ?? null,
      ),
    );
    socket.on('close', () => finish(false, 'it closed the connection without an answer'));
  });
}
