// The listening socket: accepts connections and passes them to the connection manager. When it cannot listen, its
// error tells an operator what to do.
import { createServer, type Server, type Socket } from 'node:net';
import type { ListenAddress } from '../../shared/config/interface-address.ts';
import type { ConnectionManager } from './connection-manager.ts';

/** Bytes that a socket buffers before its writer waits: two chunks of a long list. */
const writeBufferBytes = 131_072;

/** The address or port cannot be listened on; `message` ends with the next step. */
export class ListenError extends Error {
  readonly code: 'port-taken' | 'address-missing' | 'not-allowed' | 'listen-failed';

  constructor(code: ListenError['code'], message: string, cause: unknown) {
    super(message, { cause });
    this.name = 'ListenError';
    this.code = code;
  }
}

/** The listening socket of one process. */
export class Listener {
  private readonly server: Server;
  private readonly manager: ConnectionManager;

  constructor(manager: ConnectionManager) {
    this.manager = manager;
    this.server = createServer(
      // The client may end its side before its reply is made: `printf 'ping\n' | nc`.
      { allowHalfOpen: true, highWaterMark: writeBufferBytes, noDelay: true },
      (socket) => this.accept(socket),
    );
  }

  /**
   * Listens at `at`; port 0 takes a free one. `isShared`: the workers of a cluster listen there together, and each
   * accepts for itself. Resolves with the address in use. @throws ListenError
   */
  async start(at: ListenAddress, { isShared = false } = {}): Promise<ListenAddress> {
    const { address: host, port } = at;
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', (error: NodeJS.ErrnoException) => reject(explain(error, at)));
      // As long as the kernel allows: `Backlog` counts connections after they are accepted.
      this.server.listen({ host, port, backlog: 4096, exclusive: !isShared }, () => resolve());
    });
    this.manager.start();
    const bound = this.server.address() as { address: string; port: number };
    return { address: bound.address, port: bound.port };
  }

  /**
   * Stops accepting, answers what was asked and closes the other connections; resolves with the number of requests
   * that were in flight.
   */
  close(): Promise<number> {
    this.server.close();
    return this.manager.close();
  }

  private accept(socket: Socket): void {
    this.manager.counters.connections++;
    this.manager.enter(socket);
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
