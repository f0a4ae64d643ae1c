// A name server, or a node, of a few lines: answers each connection's request with the next text of
// its script, over a real socket on loopback, and keeps what it was asked and from where.
import { createServer, type Server, type Socket } from 'node:net';
import type { ExecutionContext } from 'ava';
import { freePort } from '../../fixture/free-port.ts';

/**
 * Text to send, then close, made when it is asked for if it is a function; null: close without a
 * word; 'silence': accept and say nothing; chunks: sent as the reader takes them, then close.
 */
export type Answer = string | (() => string) | null | { chunks: Iterable<string> };

export class ScriptedServer {
  readonly requests: string[] = [];
  readonly sources: (string | undefined)[] = [];
  connections = 0;
  address = '';
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private readonly script: Answer[];

  private constructor(script: Answer[]) {
    this.script = script;
    this.server = createServer((socket) => this.serve(socket));
  }

  /** The last answer of the script is given again for every further connection. */
  static async start(...script: Answer[]): Promise<ScriptedServer> {
    const scripted = new ScriptedServer(script);
    const port = await freePort();
    await new Promise<void>((resolve) => scripted.server.listen(port, '127.0.0.1', resolve));
    scripted.address = `127.0.0.1:${port}`;
    return scripted;
  }

  /** The same until the test is over. */
  static async startFor(t: ExecutionContext, ...script: Answer[]): Promise<ScriptedServer> {
    const scripted = await ScriptedServer.start(...script);
    t.teardown(() => scripted.close());
    return scripted;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private serve(socket: Socket): void {
    this.connections++;
    this.sources.push(socket.remoteAddress);
    this.sockets.add(socket);
    socket.on('error', () => {});
    const answer = this.script.length > 1 ? this.script.shift() : this.script[0];
    let received = '';
    socket.on('data', (chunk) => {
      received += chunk.toString();
      if (!/^(query|alive|leave) .*\n$|^ping\n$/m.test(received)) return;
      this.requests.push(received);
      if (received.startsWith('leave ')) socket.end('ok\n');
      else if (answer === null || answer === undefined) socket.destroy();
      else if (typeof answer === 'object') stream(socket, answer.chunks);
      else if (answer !== 'silence') socket.end(typeof answer === 'string' ? answer : answer());
    });
  }
}

function stream(socket: Socket, chunks: Iterable<string>): void {
  const rest = chunks[Symbol.iterator]();
  const more = () => {
    for (let next = rest.next(); !next.done; next = rest.next())
      if (!socket.write(next.value)) return;
    socket.off('drain', more);
    socket.end();
  };
  socket.on('drain', more);
  more();
}

let lastDead = 200;

/** An address on which nothing listens, not even a test that runs at the same time. */
export function deadAddress(): string {
  return `127.0.0.8:${++lastDead}`;
}
