// Connections of load balancers whose PROXY protocol header is not complete yet. Behind it they are their clients'.
import type { Socket } from 'node:net';
import { requestDeadlineMs } from '../../shared/protocol/limits.ts';
import { Deadlines } from '../core/timing/timing.ts';
import { decodeProxyHeader } from './proxy-header.ts';

/** Most connections without a complete header: a load balancer sends it at once. The oldest gives way. */
const maxWaiting = 1_000;

/** Called with the client's IP; null: the load balancer speaks for itself. */
type Taker = (client: string | null) => void;

export class ProxiedSockets {
  private readonly now: () => number;
  private readonly refused: (socket: Socket) => void;
  private readonly waiting = new Set<Socket>();
  private readonly deadline = new Deadlines<Socket>(requestDeadlineMs);
  /** of connections that are open: who gives one to another process gives the header as well */
  private readonly headers = new WeakMap<Socket, Buffer>();

  /** @param now monotonic ms @param refused called for a connection that begins with something else; it is closed */
  constructor(now: () => number, refused: (socket: Socket) => void) {
    this.now = now;
    this.refused = refused;
  }

  /** Reads the header of a new connection; the socket has the bytes behind it when `take` is called. */
  read(socket: Socket, take: Taker): void {
    let bytes = Buffer.alloc(0);
    const receive = (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      const header = decodeProxyHeader(bytes);
      if (header === 'incomplete') return;
      forget();
      if (header === 'wrong') {
        this.refused(socket);
        socket.destroy();
        return;
      }
      socket.pause();
      this.headers.set(socket, bytes.subarray(0, header.length));
      if (bytes.length > header.length) socket.unshift(bytes.subarray(header.length));
      take(header.client);
      socket.resume();
    };
    const end = () => {
      forget();
      socket.destroy();
    };
    const forget = () => {
      this.waiting.delete(socket);
      this.deadline.stop(socket);
      socket.off('data', receive).off('end', end).off('error', end).off('close', forget);
    };
    socket.on('data', receive).on('end', end).on('error', end).on('close', forget);
    this.waiting.add(socket);
    this.deadline.start(socket, this.now());
    const [oldest] = this.waiting;
    if (this.waiting.size > maxWaiting) oldest?.destroy();
  }

  /** The header that was in front of the socket's bytes; null: none. */
  headerOf(socket: Socket): Buffer | null {
    return this.headers.get(socket) ?? null;
  }

  /** Ends those that are overdue. */
  sweep(now: number): void {
    for (const socket of this.deadline.takeDue(now)) socket.destroy();
  }

  close(): void {
    for (const socket of this.waiting) socket.destroy();
  }
}
