// The yardstick: a bare Node `net` server that answers each line with a payload that is ready, and
// does nothing else; the line `all` gets the long one. Whatever ddnsd costs above it is ddnsd's own.
// Usage: bare-server.ts PORT BYTES [LONG_BYTES].
import { createServer } from 'node:net';

const [port = 0, bytes = 1, longBytes = bytes] = process.argv.slice(2).map(Number);
const lineFeed = 0x0a;
const all = Buffer.from('all\n');

function payloadOf(length: number): Buffer {
  const payload = Buffer.alloc(length, 'x');
  payload[length - 1] = lineFeed;
  return payload;
}

const short = payloadOf(bytes);
const long = payloadOf(longBytes);

const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
  socket.on('data', (chunk) => {
    const payload = chunk.equals(all) ? long : short;
    let lines = 0;
    for (const byte of chunk) if (byte === lineFeed) lines++;
    if (lines > 1) socket.cork();
    for (let i = 0; i < lines; i++) socket.write(payload);
    if (lines > 1) socket.uncork();
  });
  socket.on('end', () => socket.end());
  socket.on('error', () => {});
});
server.listen({ port, host: '127.0.0.1', backlog: 4096 });
process.on('SIGTERM', () => process.exit(0));
