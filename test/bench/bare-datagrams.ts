// The yardstick over UDP: a bare Node `dgram` server that sends each query back as an answer of so many bytes, and does
// nothing else. It accepts connections so that one sees that it is there. Usage: bare-datagrams.ts PORT BYTES.
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

const [port = 0, bytes = 512] = process.argv.slice(2).map(Number);
const answer = Buffer.alloc(bytes);
const responseBit = 0x80;

const socket = createSocket({
  type: 'udp4',
  lookup: (host, _options, done) => done(null, host, 4),
});
socket.on('message', (query, { port: asker, address }) => {
  query.copy(answer);
  answer[2] = (answer[2] as number) | responseBit;
  socket.send(answer, asker, address, () => {});
});
socket.bind(port, '127.0.0.1');
createServer((connection) => connection.on('error', () => {}).end()).listen(port, '127.0.0.1');
process.on('SIGTERM', () => process.exit(0));
