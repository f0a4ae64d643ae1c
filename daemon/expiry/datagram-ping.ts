// Pings one host by datagrams (PROTOCOL.md, "Datagrams"), from a socket of its own: a reply through the mapping that a
// NAT made for the node's requests to the port of this name server would not prove that others reach the node. The
// system passes on only what comes from the host's address, and the id in the answer is a number that only the host was
// sent. A datagram that is lost on the way is sent again.
import { createDatagramSocket } from '../../shared/datagram-socket.ts';
import { afterListening } from '../../shared/listening-time.ts';
import { createId, encodeDatagram } from '../../shared/protocol/datagram-request.ts';
import {
  failure,
  otherNode,
  type PingOptions,
  type PingOutcome,
  pingTimeoutMs,
} from './ping-outcome.ts';

/**
 * Shares of the time at which the ping is sent: with 10 % loss each way, one ping of a live host in 800 has no answer
 * to any of four, and its other attempts follow.
 */
const sentAt = [0, 0.1, 0.3, 0.6] as const;

/** Pings the host at an IP address and port. Always resolves, like `pingHost`. */
export function datagramPing(
  to: { host: string; port: number },
  { nodeId, from, signal, timeoutMs = pingTimeoutMs }: PingOptions,
): Promise<PingOutcome> {
  const id = createId();
  const ping = encodeDatagram({ verb: 'ping' }, { cookie: null, id }) as Uint8Array;
  const pong = new RegExp(`^id ${id}\\r?\\npong ([A-Za-z0-9._-]{1,64})\\r?\\n$`);
  return new Promise((resolve) => {
    const startedAt = performance.now();
    const socket = createDatagramSocket(to.host);
    const timers: NodeJS.Timeout[] = [];
    let stopWaiting = () => {};
    let isFinished = false;
    const finish = (outcome: Partial<PingOutcome> & Pick<PingOutcome, 'reason'>) => {
      if (isFinished) return;
      isFinished = true;
      for (const timer of timers) clearTimeout(timer);
      stopWaiting();
      signal?.removeEventListener('abort', abort);
      socket.close();
      resolve({ ...failure(''), ...outcome });
    };
    const abort = () => finish({ reason: 'stopped before an answer came' });
    const failed = (error: NodeJS.ErrnoException | null | undefined) => {
      if (!error) return;
      const reason =
        error.code === 'ECONNREFUSED' ? 'nobody receives datagrams there' : error.message;
      finish({ reason, errorCode: error.code ?? null });
    };
    socket.on('error', failed);
    socket.on('message', (bytes) => {
      const answeredBy = pong.exec(bytes.toString('latin1'))?.[1];
      if (answeredBy === undefined) return;
      if (nodeId !== undefined && answeredBy !== nodeId)
        finish({ reason: otherNode(answeredBy), answeredBy });
      else
        finish({
          answered: true,
          roundTripMs: Math.round((performance.now() - startedAt) * 10) / 10,
          reason: null,
          answeredBy,
        });
    });
    const send = () => {
      if (!isFinished) socket.send(ping, failed);
    };
    if (signal?.aborted) {
      abort();
      return;
    }
    signal?.addEventListener('abort', abort);
    stopWaiting = afterListening(timeoutMs, () =>
      finish({ reason: `no answer within ${timeoutMs} ms` }),
    );
    socket.bind({ address: from }, () => {
      if (isFinished) return;
      socket.connect(to.port, to.host, (error?: NodeJS.ErrnoException) => {
        failed(error);
        for (const share of sentAt) timers.push(setTimeout(send, share * timeoutMs));
      });
    });
  });
}
