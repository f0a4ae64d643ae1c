// The yardstick: a bare Node `net` server that answers each line with a fixed payload, and does
// nothing else. Whatever ddnsd costs above it is ddnsd's own.
// Usage: bare-server.ts BYTES; prints its port.
import { createServer } from 'node:net';

const bytes = Number(process.argv[2]);
const payload = Buffer.alloc(bytes, 'x');
payload[bytes - 1] = 0x0a;
const lineFeed = 0x0a;

const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
  socket.on('data', (chunk) => {
    let lines = 0;
    for (const byte of chunk) if (byte === lineFeed) lines++;
    if (lines > 1) socket.cork();
    for (let i = 0; i < lines; i++) socket.write(payload);
    if (lines > 1) socket.uncork();
  });
  socket.on('end', () => socket.end());
  socket.on('error', () => {});
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${(server.address() as { port: number }).port}\n`);
});
