// The node's own port: decodes what others ask and sends back what the node answers. Whoever asks is
// a stranger: connections, their time and the requests on each are bounded. A node that answers no ping is
// deleted, so a newcomer always gets in: the longest connection of the source that holds most gives way.
import { createServer, type Server, type Socket } from 'node:net';
import { requestDeadlineMs } from '../protocol/limits.ts';
import type { Reply } from '../protocol/message.ts';
import { native } from '../protocol/native.ts';
import { sourceOfIp } from '../protocol/source.ts';
import type { Answerer, Listener } from './network.ts';

/** Pings come from a few name servers, queries from a few nodes; a flood must not take all files. */
const maxConnections = 64;

/** Answers wait in memory for a reader that does not read; a ping's is some 70 bytes. */
const maxRequests = 100;

/** Resolves when it listens; port 0 lets the system choose one. Rejects when it cannot listen. */
export function listenTcp(ip: string, port: number, answer: Answerer): Promise<Listener> {
  const sockets = new Map<Socket, string>();
  const server = createServer((socket) => {
    const ip = socket.remoteAddress;
    if (ip === undefined) return void socket.destroy();
    if (sockets.size >= maxConnections) giveWay(sockets);
    sockets.set(socket, sourceOfIp(ip));
    socket.once('close', () => sockets.delete(socket));
    serve(socket, ip, answer);
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, ip, () => {
      server.off('error', reject);
      server.on('error', () => {});
      const address = server.address();
      resolve({
        port: typeof address === 'object' && address !== null ? address.port : port,
        close: () => close(server, sockets),
      });
    });
  });
}

/** Ends the longest of the connections of the source that has most; `sockets` are in the order in which they came. */
function giveWay(sockets: Map<Socket, string>): void {
  const counts = new Map<string, number>();
  for (const source of sockets.values()) counts.set(source, (counts.get(source) ?? 0) + 1);
  const most = Math.max(...counts.values());
  for (const [socket, source] of sockets) {
    if (counts.get(source) !== most) continue;
    sockets.delete(socket);
    socket.destroy();
    return;
  }
}

function close(server: Server, sockets: ReadonlyMap<Socket, string>): Promise<void> {
  for (const socket of sockets.keys()) socket.destroy();
  return new Promise((resolve) => server.close(() => resolve()));
}

function serve(socket: Socket, ip: string, answer: Answerer): void {
  const deadline = setTimeout(() => socket.destroy(), requestDeadlineMs);
  socket.on('error', () => {});
  socket.once('close', () => clearTimeout(deadline));
  let requests = 0;
  const reply = (reply: Reply) => {
    if (socket.writableEnded) return;
    const chunks = native.encodeReply(reply);
    for (let next = chunks.next(); !next.done; next = chunks.next()) socket.write(next.value);
    // A list is the last thing asked for; so a connection costs one.
    if (reply.kind === 'hosts' || reply.kind === 'error' || ++requests === maxRequests)
      socket.end();
  };
  const decoder = native.createDecoder({
    request: (request) => {
      if (!socket.writableEnded) reply(answer(request, ip));
    },
    refuse: ({ code, text }) => reply({ kind: 'error', code, text }),
  });
  socket.on('data', (chunk) => decoder.push(chunk));
}
