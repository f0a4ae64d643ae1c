// Clients that begin a request and do not end it: each keeps a place in a name server's backlog until
// it goes. They are closed after their time, and the name server would close them by its own deadline.
import { connect, type Socket } from 'node:net';

/** Nobody of the network: what is seen from there is the burst. One source alone could not fill a backlog. */
const sourceIp = (index: number) => `127.0.2.${index + 1}`;

export class Bursts {
  private readonly open = new Set<Socket>();
  private readonly timers = new Set<NodeJS.Timeout>();

  /** `clients` of them at `ip:port`, for `forMs`. */
  start({ ip, port }: { ip: string; port: number }, clients: number, forMs: number): void {
    const sockets = Array.from({ length: clients }, (_, index) => {
      const socket = connect({ host: ip, port, localAddress: sourceIp(index) });
      this.open.add(socket);
      socket.on('error', () => {});
      socket.once('close', () => this.open.delete(socket));
      socket.once('connect', () => socket.write(`query slow-${index} 40`));
      return socket.resume();
    });
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      for (const socket of sockets) socket.destroy();
    }, forMs);
    this.timers.add(timer);
  }

  close(): void {
    for (const timer of this.timers) clearTimeout(timer);
    for (const socket of this.open) socket.destroy();
  }
}
