// Asks one host whether it lives, over a connection of its own. A native host answers `ping` with
// `pong`; a legacy host answers no ping in any dialect, so that it accepts the connection counts.
import { connect } from 'node:net';
import type { PingResult } from '../../shared/ipc/contract.ts';
import { addressWords, formatIp, parseAddress } from '../../shared/protocol/address.ts';
import type { HostDialect } from '../core/registry.ts';

/** A host that needs longer to connect and answer would be of no use to a new node either. */
export const pingTimeoutMs = 5_000;

/** An answer is one short line; whoever sends more is not answering a ping. */
const maxAnswerBytes = 256;

/** A ping's result, and the system's code when it was the connection that failed. */
export interface PingOutcome extends PingResult {
  errorCode: string | null;
}

/** Resolves always: an unreachable host is a result, not an error. */
export function pingHost(
  address: string,
  dialect: HostDialect,
  options: { from?: string; timeoutMs?: number; signal?: AbortSignal } = {},
): Promise<PingOutcome> {
  const words = parseAddress(address);
  if (words === null) throw new RangeError(`not an address: ${address}`);
  const { signal, timeoutMs = pingTimeoutMs } = options;
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
    const finish = (answered: boolean, reason: string | null, errorCode: string | null = null) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      socket.destroy();
      resolve({
        answered,
        roundTripMs: answered ? Math.round((performance.now() - startedAt) * 10) / 10 : null,
        reason,
        errorCode,
      });
    };
    const timer = setTimeout(() => finish(false, `no answer within ${timeoutMs} ms`), timeoutMs);
    let received = '';
    socket.on('connect', () => {
      if (dialect === 'legacy') finish(true, null);
      else socket.write('ping\n');
    });
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      if (/^pong [^\n]*\n/.test(received)) finish(true, null);
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
