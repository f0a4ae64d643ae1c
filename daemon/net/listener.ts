// The listening socket: accepts connections, lets them in through the doorway, and sweeps what is
// overdue. Where it can listen is decided by the configuration; what it says when it cannot is here.
import { createServer, type Server, type Socket } from 'node:net';
import { Connection } from './connection.ts';
import type { Doorway } from './doorway.ts';

/** How often overdue connections are looked for: a deadline is at most this much late. */
const sweepIntervalMs = 250;

/** Bytes a socket buffers before a writer waits: two chunks of a long list. */
const writeBufferBytes = 131_072;

/** What a stop waits for requests that were asked to be answered. */
const finishTimeoutMs = 5_000;

export interface ListenAddress {
  address: string;
  port: number;
}

/** The port cannot be listened on; `message` ends with the next thing to do. */
export class ListenError extends Error {
  readonly code: 'port-taken' | 'address-missing' | 'not-allowed' | 'listen-failed';

  constructor(code: ListenError['code'], message: string, cause: unknown) {
    super(message, { cause });
    this.name = 'ListenError';
    this.code = code;
  }
}

export class Listener {
  private readonly server: Server;
  private readonly doorway: Doorway;
  private sweeper: NodeJS.Timeout | null = null;

  constructor(doorway: Doorway) {
    this.doorway = doorway;
    this.server = createServer(
      // The client may end its half before the reply is made: `printf 'ping\n' | nc`.
      { allowHalfOpen: true, highWaterMark: writeBufferBytes, noDelay: true },
      (socket) => this.accept(socket),
    );
  }

  /** Starts to listen; `port` 0 takes a free one. @throws ListenError */
  async start(at: ListenAddress): Promise<ListenAddress> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', (error: NodeJS.ErrnoException) => reject(explain(error, at)));
      // The kernel's queue is as long as it allows: `Backlog` is counted here, after accepting.
      this.server.listen({ host: at.address, port: at.port, backlog: 4096, exclusive: true }, () =>
        resolve(),
      );
    });
    this.sweeper = setInterval(() => this.doorway.sweep(), sweepIntervalMs);
    const bound = this.server.address() as { address: string; port: number };
    return { address: bound.address, port: bound.port };
  }

  /**
   * Stops accepting, lets what was asked be answered, closes the rest; resolves with the number of
   * requests that were still in flight.
   */
  async close(): Promise<number> {
    if (this.sweeper === null) return 0;
    clearInterval(this.sweeper);
    this.sweeper = null;
    const inFlight = this.doorway.admission.backlog;
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const connection of this.doorway.connections) connection.finish();
    const timer = setTimeout(() => {
      for (const connection of this.doorway.connections) connection.overdue();
    }, finishTimeoutMs);
    await closed;
    clearTimeout(timer);
    return inFlight;
  }

  private accept(socket: Socket): void {
    this.doorway.counters.connections++;
    const connection = Connection.open(socket, this.doorway);
    if (connection === null) return;
    if (!this.doorway.admission.enter(connection)) {
      this.doorway.counters.busy++;
      socket.destroy();
      return;
    }
    this.doorway.connections.add(connection);
  }
}

function explain(error: NodeJS.ErrnoException, { address, port }: ListenAddress): ListenError {
  const at = `${address.includes(':') ? `[${address}]` : address}:${port}`;
  switch (error.code) {
    case 'EADDRINUSE':
      return new ListenError(
        'port-taken',
        `${at} is taken by another process. Stop it (ss -ltnp 'sport = :${port}' names it), or set another Port in ddns.conf`,
        error,
      );
    case 'EADDRNOTAVAIL':
      return new ListenError(
        'address-missing',
        `this machine has no address ${address}. Set Interface in ddns.conf to one it has (ip address lists them)`,
        error,
      );
    case 'EACCES':
      return new ListenError(
        'not-allowed',
        `not allowed to listen on ${at}. Ports below 1024 need a privilege: set another Port in ddns.conf`,
        error,
      );
    default:
      return new ListenError('listen-failed', `cannot listen on ${at}: ${error.message}`, error);
  }
}
