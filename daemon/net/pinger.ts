// Asks one host whether it lives, over a connection of its own. A native host answers `ping` with
// `pong` and its node id: another id is another node's, which has the address now. A legacy host
// answers no ping in any dialect, so that it accepts the connection counts.
import { connect } from 'node:net';
import type { PingResult } from '../../shared/ipc/contract.ts';
import { addressWords, formatIp, parseAddress } from '../../shared/protocol/address.ts';
import type { HostDialect } from '../core/registry.ts';

/** A host that needs longer to connect and answer would be of no use to a new node either. */
export const pingTimeoutMs = 5_000;

/** An answer is one short line; whoever sends more is not answering a ping. */
const maxAnswerBytes = 256;

const pong = /^pong ([A-Za-z0-9._-]{1,64})\r?\n/;

/** A ping's result, and what it was made of. */
export interface PingOutcome extends PingResult {
  /** the system's, when it was the connection that failed */
  errorCode: string | null;
  /** the connection was accepted */
  isAccepted: boolean;
  /** the node id in a `pong`, whoever's it is */
  answeredBy: string | null;
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

/**
 * Resolves always: an unreachable host is a result, not an error. With a `nodeId` a native host has
 * answered only when it says that one.
 */
export function pingHost(
  address: string,
  dialect: HostDialect,
  options: { nodeId?: string; from?: string; timeoutMs?: number; signal?: AbortSignal } = {},
): Promise<PingOutcome> {
  const words = parseAddress(address);
  if (words === null) throw new RangeError(`not an address: ${address}`);
  const { nodeId, signal, timeoutMs = pingTimeoutMs } = options;
  return new Promise((resolve) => {
    const startedAt = performance.now();
    const socket = connect({
      host: formatIp(words, 0),
      port: words[addressWords - 1] as number,
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
