// The node's own port: answers `ping` with the node's id, which is how a name server finds out that
// the node still lives, and refuses everything else.
import { createServer, type Server, type Socket } from 'node:net';
import { requestDeadlineMs } from '../protocol/limits.ts';
import type { Reply } from '../protocol/message.ts';
import { native } from '../protocol/native.ts';

/** Pings come from a few name servers; a flood must not cost the node its descriptors. */
const maxConnections = 64;

export class PingAnswerer {
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  constructor(nodeId: string) {
    this.server = createServer((socket) => this.serve(socket, nodeId));
    this.server.maxConnections = maxConnections;
  }

  /** Resolves with the port; port 0 lets the system choose one. Rejects when it cannot listen. */
  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, host, () => {
        this.server.off('error', reject);
        this.server.on('error', () => {});
        const address = this.server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : port);
      });
    });
  }

  close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  private serve(socket: Socket, nodeId: string): void {
    this.sockets.add(socket);
    const deadline = setTimeout(() => socket.destroy(), requestDeadlineMs);
    socket.on('error', () => {});
    socket.once('close', () => {
      clearTimeout(deadline);
      this.sockets.delete(socket);
    });
    const reply = (answer: Reply) => {
      const { value } = native.encodeReply(answer).next();
      socket.write(value);
    };
    const refuse = (text: string) => {
      reply({ kind: 'error', code: 'malformed', text });
      socket.end();
    };
    const decoder = native.createDecoder({
      request: ({ verb }) =>
        verb === 'ping'
          ? reply({ kind: 'pong', id: nodeId })
          : refuse(`this is a node, which answers ping; send ${verb} to a name server`),
      refuse: ({ text }) => refuse(text),
    });
    socket.on('data', (chunk) => decoder.push(chunk));
  }
}
