// The program of a worker process, which only ddnsd starts (worker-process.ts). It ends when the main process ends it or
// is gone; it ignores the signals that a terminal sends to every process, because they are for the main process.
import { Socket } from 'node:net';
import { exitCodes } from '../../shared/program.ts';
import { linkFd } from './link.ts';
import { Worker } from './worker.ts';

/**
 * Stops reading from `socket`, which has no listeners any more. Returns what was read: `first`, and what came while the
 * socket was paused; everything later stays with the kernel for the process that gets the socket. Pausing is not enough:
 * Node reads on into the stream's buffer, which does not go with the socket, so its handle is stopped (undocumented).
 */
function stopReading(socket: Socket, first: Buffer): Buffer {
  const { _handle: handle } = socket as Socket & { _handle?: { readStop(): void } | null };
  handle?.readStop();
  socket.pause();
  const rest = socket.read() as Buffer | null;
  return rest === null ? first : Buffer.concat([first, rest]);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

if (process.send === undefined) {
  console.error('ddnsd-worker is a part of ddnsd and cannot run alone; start ddnsd');
  process.exit(exitCodes.usage);
}

new Worker({
  link: new Socket({ fd: linkFd, readable: true, writable: true }),
  passOn: (socket, first) => {
    process.send?.(stopReading(socket, first).toString('latin1'), socket);
  },
  ended: () => process.exit(exitCodes.ok),
});
