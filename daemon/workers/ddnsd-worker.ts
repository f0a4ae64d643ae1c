// The program of a worker process, started by ddnsd (worker-process.ts) and by nobody else. It
// ends when the main process says so or is gone; signals that a terminal sends to all of its processes
// mean the main process alone.
import { Socket } from 'node:net';
import { exitCodes } from '../../shared/program.ts';
import { stopReading } from '../clients/passing-on.ts';
import { linkFd } from './link.ts';
import { Worker } from './worker.ts';

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

if (process.send === undefined) {
  console.error('ddnsd-worker is a part of ddnsd, which starts it by itself; start ddnsd');
  process.exit(exitCodes.usage);
}

new Worker({
  link: new Socket({ fd: linkFd, readable: true, writable: true }),
  passOn: (socket, first) => {
    const read = stopReading(socket, first);
    process.send?.(read.toString('latin1'), socket);
  },
  ended: () => process.exit(exitCodes.ok),
});
