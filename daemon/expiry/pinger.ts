// Asks one host whether it lives, over a connection of its own. A native host answers `ping` with
// `pong` and its node id: another id is another node's, which has the address now. A legacy host
// answers no ping in any dialect, so that it accepts the connection counts.
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { NetworkInterfaces } from '../../shared/config/interface-address.ts';
import type { PingResult } from '../../shared/ipc/contract.ts';
import { addressWords, formatIp, parseAddress } from '../../shared/protocol/address.ts';
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

/** As `pingHost`, at most `most` at once: the others wait for their turn, and their time begins with it. */
export function limitPings(most: number): typeof pingHost {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (address, dialect, options) => {
    if (running < most) running++;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await pingHost(address, dialect, options);
    } finally {
      // Its place goes to the next one.
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    }
  };
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
  const words = parseAddress(address);
  if (words === null) throw new RangeError(`not an address: ${address}`);
  const ip = formatIp(words, 0);
  const port = words[addressWords - 1] as number;
  const hosts = isLinkLocal(ip) ? hostsOf(ip, options.from, networkInterfaces()) : [ip];
  const outcomes = await Promise.all(hosts.map((host) => ping({ host, port }, dialect, options)));
  return (outcomes.find(({ answered }) => answered) ?? outcomes[0]) as PingOutcome;
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
