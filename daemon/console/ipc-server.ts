// The IPC server: accepts a bounded number of consoles, and ticks their sessions while there are any.
import type { Socket } from 'node:net';
import { wallNow } from '../../shared/wall-clock.ts';
import { KeptSocket } from './kept-socket.ts';
import type { IpcService } from './service.ts';
import { Session } from './session.ts';
import { deltaIntervalMs } from './subscription.ts';

/** Share of the connections reserved for consoles that are refused with a message. */
const refusedShare = 1 / 5;

/** The sessions of all attached consoles. */
export class IpcServer {
  private readonly socket: KeptSocket;
  private readonly sessions = new Set<Session>();
  private service: IpcService | null = null;
  private ticker: NodeJS.Timeout | null = null;

  /** consoles attached at once */
  private readonly maxConsoles: number;
  private readonly maxConnections: number;

  /** `path`: of the socket. `maxConnections`: at once, those to be refused included. */
  constructor(path: string, maxConnections: number) {
    this.maxConnections = maxConnections;
    this.maxConsoles = maxConnections - Math.floor(maxConnections * refusedShare);
    this.socket = new KeptSocket(path, (socket) => this.accept(socket));
  }

  /**
   * Takes the socket before the daemon opens anything else: the process that holds it is the daemon.
   * Consoles that connect before `serve` are closed, and try again.
   * @throws SocketError
   */
  async start(): Promise<void> {
    await this.socket.listen();
  }

  /** `KeptSocket.look`: once a second. @throws SocketError */
  look(): Promise<string | null> {
    return this.socket.look();
  }

  /** Answers consoles from now on. */
  serve(service: IpcService): void {
    this.service = service;
  }

  /** Closes the socket and all sessions. */
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
        // All connections are attached consoles.
        socket.destroy();
        return;
      }
      longest.end('it sent no hello, and its connection was needed');
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
      : `${attached} consoles are attached to this name server, the maximum: close one (ss -xp lists the processes), then try again`;
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
