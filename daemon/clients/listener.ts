// Where a process listens: accepts connections and passes them to the connection manager, and receives datagrams at the
// same port if they are served. When it cannot listen, its error tells an operator what to do.
import { createServer, type Server, type Socket } from 'node:net';
import type { ListenAddress } from '../../shared/config/interface-address.ts';
import type { ConnectionManager } from './connection-manager.ts';
import type { Datagrams } from './datagrams.ts';
import { explainListening, type PortSetting } from './listen-error.ts';

/** Bytes that a socket buffers before its writer waits: two chunks of a long list. */
const writeBufferBytes = 131_072;

/** Ports tried where any will do: one that is free for TCP may be taken for UDP. */
const mostTried = 8;

/** The listening sockets of one process. */
export class Listener {
  private readonly server: Server;
  private readonly manager: ConnectionManager;
  private readonly datagrams: Datagrams | null;
  private readonly setting: PortSetting;

  constructor(
    manager: ConnectionManager,
    {
      datagrams,
      setting,
    }: {
      /** received at the same port; null: none */
      datagrams: Datagrams | null;
      /** where the port comes from; at DnsPort connections are refused if they do not speak DNS */
      setting: PortSetting;
    },
  ) {
    this.manager = manager;
    this.datagrams = datagrams;
    this.setting = setting;
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
  async start(at: ListenAddress, options: { isShared?: boolean } = {}): Promise<ListenAddress> {
    for (let tried = 1; ; tried++)
      try {
        return await this.startOnce(at, options);
      } catch (error) {
        const isOfDatagrams = this.server.listening;
        await new Promise((resolve) => this.server.close(resolve));
        if (!isOfDatagrams || at.port !== 0 || tried === mostTried) throw error;
      }
  }

  private async startOnce(
    at: ListenAddress,
    { isShared = false }: { isShared?: boolean },
  ): Promise<ListenAddress> {
    const { address: host, port } = at;
    const { setting } = this;
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', (error: NodeJS.ErrnoException) =>
        reject(explainListening(error, at, { transport: 'TCP', setting })),
      );
      // As long as the kernel allows: `Backlog` counts connections after they are accepted.
      this.server.listen({ host, port, backlog: 4096, exclusive: !isShared }, () => resolve());
    });
    const { address, port: bound } = this.server.address() as { address: string; port: number };
    await this.datagrams?.start({ address: host, port: bound }, { isShared, setting });
    this.manager.start();
    return { address, port: bound };
  }

  /**
   * Stops accepting, answers the requests in flight and closes the other connections; resolves with the number of
   * those requests.
   */
  async close(): Promise<number> {
    this.server.close();
    const [inFlight] = await Promise.all([this.manager.close(), this.datagrams?.close()]);
    return inFlight;
  }

  private accept(socket: Socket): void {
    this.manager.counters.connections++;
    this.manager.enter(socket, this.setting === 'DnsPort');
  }
}
