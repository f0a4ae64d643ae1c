// The load, in a process of its own: clients that register again and again, each reply read to its
// end. Prints one JSON line: requests done, and the seconds and the CPU it took here.
// Usage: load.ts JSON, see LoadOptions.
import { connect, type Socket } from 'node:net';

export interface LoadOptions {
  port: number;
  /** what ends a reply: `end …\n` of a list, or a line feed after that many bytes */
  replyBytes: number | null;
  /** connections at a time */
  clients: number;
  /** requests in flight on each; 1 with `reconnect` */
  depth: number;
  /** a new connection for each request */
  reconnect: boolean;
  seconds: number;
  /** ports the registrations name, from 1 */
  hosts: number;
}

export interface LoadResult {
  requests: number;
  failures: number;
  seconds: number;
  cpuSeconds: number;
  latenciesUs: { p50: number; p99: number };
}

const options: LoadOptions = JSON.parse(process.argv[2] as string);
const endOfList = Buffer.from('\nend ');
let requests = 0;
let failures = 0;
let isOver = false;
let next = 0;
const latencies: number[] = [];

function requestFor(index: number): string {
  const host = index % options.hosts;
  const id = host.toString(16).padStart(12, '0');
  return `query e58ed763-928c-4155-bee9-${id} ${1 + (host % 60_000)} limit=50\n`;
}

/** Counts the replies that are complete, across chunks. */
function createReplyCounter(): (chunk: Buffer) => number {
  let received = 0;
  let tail = Buffer.from('\n');
  return (chunk) => {
    if (options.replyBytes !== null) {
      const before = Math.floor(received / options.replyBytes);
      received += chunk.length;
      return Math.floor(received / options.replyBytes) - before;
    }
    const text = Buffer.concat([tail, chunk]);
    let complete = 0;
    let from = 0;
    for (;;) {
      const at = text.indexOf(endOfList, from);
      if (at === -1) break;
      const end = text.indexOf(0x0a, at + 1);
      if (end === -1) {
        tail = text.subarray(at);
        return complete;
      }
      complete++;
      from = end;
    }
    tail = text.subarray(Math.max(from, text.length - endOfList.length));
    return complete;
  };
}

function run(done: () => void): void {
  const socket: Socket = connect(options.port, '127.0.0.1');
  socket.setNoDelay(true);
  const startedAt: number[] = [];
  const count = createReplyCounter();
  const ask = (times: number) => {
    let text = '';
    for (let i = 0; i < times; i++) {
      text += requestFor(next++);
      startedAt.push(performance.now());
    }
    socket.write(text);
  };
  const openedAt = performance.now();
  socket.on('connect', () => ask(options.depth));
  socket.on('data', (chunk) => {
    const complete = count(chunk);
    for (let i = 0; i < complete; i++) {
      const since = options.reconnect ? openedAt : (startedAt[i] as number);
      if (requests % 16 === 0) latencies.push((performance.now() - since) * 1000);
      requests++;
    }
    startedAt.splice(0, complete);
    if (complete === 0) return;
    if (options.reconnect || isOver) socket.end();
    else ask(complete);
  });
  socket.on('error', () => {
    failures++;
  });
  socket.on('close', () => (isOver ? done() : run(done)));
}

const startedAt = performance.now();
const cpuAtStart = process.cpuUsage();
setTimeout(() => {
  isOver = true;
}, options.seconds * 1000);
await Promise.all(
  Array.from({ length: options.clients }, () => new Promise<void>((resolve) => run(resolve))),
);
const cpu = process.cpuUsage(cpuAtStart);
latencies.sort((a, b) => a - b);
const at = (share: number) => Math.round(latencies[Math.floor(latencies.length * share)] ?? 0);
const result: LoadResult = {
  requests,
  failures,
  seconds: (performance.now() - startedAt) / 1000,
  cpuSeconds: (cpu.user + cpu.system) / 1e6,
  latenciesUs: { p50: at(0.5), p99: at(0.99) },
};
process.stdout.write(`${JSON.stringify(result)}\n`);
