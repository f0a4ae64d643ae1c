// The line between two name servers, with a meter: each knows the other by an address of this proxy,
// which forwards to the real one and counts the bytes that TCP carries, without its headers. Cut, it
// is as a network that is gone: what is sent arrives nowhere, no end is told, nobody gets through.
import { connect, createServer, type Server, type Socket } from 'node:net';

/** One way to be dialled. */
export interface Route {
  /** stands for `to`: whoever dials it gets there */
  at: string;
  to: string;
  /** the address that stands for the dialler */
  from: string;
}

export interface Passed {
  /** all ways together */
  bytes: number;
  /** `changes` and `digest` messages; seen only where there is no TLS */
  batches: number;
  digests: number;
  /** connections let through */
  connections: number;
}

const batchBegins = Buffer.from('\nchanges ');
const digestBegins = Buffer.from('\ndigest ');
const longest = Math.max(batchBegins.length, digestBegins.length);

export class CountingProxy {
  passed: Passed = { bytes: 0, batches: 0, digests: 0, connections: 0 };
  private readonly port: number;
  private readonly routes: readonly Route[];
  private servers: Server[] = [];
  private readonly sockets = new Set<Socket>();
  private isCut = false;

  constructor(port: number, routes: readonly Route[]) {
    this.port = port;
    this.routes = routes;
  }

  async open(): Promise<void> {
    this.isCut = false;
    this.servers = await Promise.all(this.routes.map((route) => this.listen(route)));
  }

  cut(): void {
    this.isCut = true;
    for (const server of this.servers) server.close();
  }

  /** Whoever still holds a connection from before the cut loses it. */
  async heal(): Promise<void> {
    this.dropAll();
    await this.open();
  }

  close(): void {
    this.cut();
    this.dropAll();
  }

  private dropAll(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  private listen(route: Route): Promise<Server> {
    const server = createServer({ noDelay: true }, (near) => this.forward(near, route));
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.port, route.at, () => resolve(server));
    });
  }

  private forward(near: Socket, { to, from }: Route): void {
    const far = connect({ host: to, port: this.port, localAddress: from, noDelay: true });
    this.passed.connections++;
    this.pipe(near, far);
    this.pipe(far, near);
  }

  private pipe(from: Socket, to: Socket): void {
    this.sockets.add(from);
    let tail: Buffer = Buffer.alloc(0);
    from.on('data', (chunk) => {
      if (this.isCut) return;
      this.passed.bytes += chunk.length;
      this.passed.batches += beginnings(tail, chunk, batchBegins);
      this.passed.digests += beginnings(tail, chunk, digestBegins);
      tail = lastOf(Buffer.concat([tail, chunk]), longest - 1);
      if (!to.write(chunk)) {
        from.pause();
        to.once('drain', () => from.resume());
      }
    });
    from.on('error', () => {});
    from.on('close', () => {
      this.sockets.delete(from);
      if (!this.isCut) to.destroy();
    });
  }
}

/** How often `mark` ends in `chunk`, which follows `tail`. */
function beginnings(tail: Buffer, chunk: Buffer, mark: Buffer): number {
  const seen = Buffer.concat([lastOf(tail, mark.length - 1), chunk]);
  let found = 0;
  for (let at = seen.indexOf(mark); at !== -1; at = seen.indexOf(mark, at + 1)) found++;
  return found;
}

function lastOf(buffer: Buffer, length: number): Buffer {
  return buffer.subarray(Math.max(0, buffer.length - length));
}
