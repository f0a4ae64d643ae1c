// The IPC socket of a daemon: accepts consoles, a bounded number of them, and ticks their
// subscriptions while there are any.
import type { Socket } from 'node:net';
import { wallNow } from '../../shared/wall-clock.ts';
import { KeptSocket } from './kept-socket.ts';
import type { IpcService } from './service.ts';
import { Session } from './session.ts';
import { deltaIntervalMs } from './subscription.ts';

/** Of the connections that there may be, those that are kept for who is told that there is no room. */
const refusedShare = 1 / 5;

export class IpcServer {
  private readonly socket: KeptSocket;
  private readonly sessions = new Set<Session>();
  private service: IpcService | null = null;
  private ticker: NodeJS.Timeout | null = null;

  /** Consoles attached at once: operators and their scripts, not a crowd. */
  private readonly maxConsoles: number;
  private readonly maxConnections: number;

  constructor(path: string, maxConnections: number) {
    this.maxConnections = maxConnections;
    this.maxConsoles = maxConnections - Math.floor(maxConnections * refusedShare);
    this.socket = new KeptSocket(path, (socket) => this.accept(socket));
  }

  /**
   * Takes the socket, before anything else of a daemon is opened: whoever holds it is the daemon.
   * Consoles that connect before `serve` are closed and try again.
   * @throws SocketError
   */
  async start(): Promise<void> {
    await this.socket.listen();
  }

  /** As KeptSocket.look. @throws SocketError */
  look(): Promise<string | null> {
    return this.socket.look();
  }

  serve(service: IpcService): void {
    this.service = service;
  }

  async close(): Promise<void> {
    if (this.ticker !== null) clearInterval(this.ticker);
    this.ticker = null;
    for (const session of this.sessions) session.close();
    await this.socket.close();
  }

  private accept(socket: Socket): void {
    const { service } = this;
    if (service === null) {
      socket.destroy();
      return;
    }
    if (this.sessions.size >= this.maxConnections) {
      const [longest] = [...this.sessions].filter(({ isGreeted }) => !isGreeted);
      if (longest === undefined) {
        // So few may attach that none are left to be told.
        socket.destroy();
        return;
      }
      longest.end('it did not greet, and others came');
      this.forget(longest);
    }
    const session = new Session(socket, { service, refusal: () => this.refusal() });
    this.sessions.add(session);
    this.ticker ??= setInterval(() => this.tick(), deltaIntervalMs);
    socket.once('close', () => this.forget(session));
  }

  private refusal(): string | null {
    const attached = [...this.sessions].filter(({ isGreeted }) => isGreeted).length;
    return attached < this.maxConsoles
      ? null
      : `${attached} consoles are attached to this name server, the most that it takes: close one (ss -xp lists the processes), then try again`;
  }

  private forget(session: Session): void {
    session.close();
    this.sessions.delete(session);
    if (this.sessions.size > 0 || this.ticker === null) return;
    clearInterval(this.ticker);
    this.ticker = null;
  }

  private tick(): void {
    const now = wallNow();
    for (const session of this.sessions) session.tick(now);
  }
}
