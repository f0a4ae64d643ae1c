// The load, in a process of its own: clients that ask again and again, each answer read to its end.
// Prints one JSON line, a LoadResult.
// Usage: load.ts JSON, see LoadOptions.
import { connect, type Socket } from 'node:net';
import { type ExchangeChoice, exchangeOf } from './exchanges/exchanges.ts';
import { busySeconds } from './machine-load.ts';

export interface LoadOptions {
  port: number;
  exchange: ExchangeChoice;
  /** connections at a time */
  clients: number;
  /** requests in flight on each; 1 with `reconnect` */
  depth: number;
  /** a new connection for each request */
  reconnect: boolean;
  /** with `reconnect`: begins so many a second, as far as `clients` suffice; without it, as many as it can */
  perSecond?: number;
  seconds: number;
  /** ends earlier when so many requests are answered */
  requests?: number;
  /** the requests are on behalf of so many hosts, in turn */
  hosts: number;
}

export interface LoadResult {
  requests: number;
  /** connections that ended without an answer */
  failures: number;
  /** bytes of the answers, with what servers send besides */
  bytes: number;
  seconds: number;
  cpuSeconds: number;
  /** of all processes of the machine meanwhile */
  busySeconds: number;
  latenciesUs: { p50: number; p99: number };
}

/** Share of the latencies that are kept: sorting them is no part of the load. */
const keptOf = 16;

/** From one host to the next: a prime, so that every one has its turn and neighbours do not follow. */
const stride = 7_919;

const options: LoadOptions = JSON.parse(process.argv[2] as string);
const { port, clients, depth, reconnect, hosts } = options;
const converse = exchangeOf(options.exchange);
const most = options.requests ?? Number.POSITIVE_INFINITY;
let requests = 0;
let failures = 0;
let bytes = 0;
let isOver = false;
let isLate = false;
let next = 0;
const latencies: number[] = [];
const sockets = new Set<Socket>();

/** For the answers that are under way at the end; a server that owes one longer does not answer any more. */
const patienceMs = 5_000;
let late: NodeJS.Timeout | undefined;

/** Clients that wait for their time, and how many have had it. */
const waiting: (() => void)[] = [];
let begun = 0;
const paceMs = 2;

/** At once, or when it is its turn at the pace that is asked for. */
function inTime(act: () => void): void {
  if (options.perSecond === undefined) act();
  else waiting.push(act);
}

function letGo(perSecond: number): void {
  const due = ((performance.now() - startedAt) / 1000) * perSecond;
  while (waiting.length > 0 && (begun < due || isOver)) {
    begun++;
    waiting.shift()?.();
  }
}

function run(done: () => void): void {
  const openedAt = performance.now();
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  sockets.add(socket);
  const conversation = converse();
  const askedAt: number[] = [];
  const ask = (times: number) => {
    if (times > 1) socket.cork();
    for (let i = 0; i < times; i++) {
      socket.write(conversation.request((next++ * stride) % hosts));
      askedAt.push(reconnect ? openedAt : performance.now());
    }
    if (times > 1) socket.uncork();
  };
  socket.on('connect', () => {
    if (conversation.opening !== undefined) socket.write(conversation.opening);
    ask(depth);
  });
  socket.on('data', (chunk) => {
    bytes += chunk.length;
    const answered = conversation.answers(chunk);
    if (answered === 0) return;
    for (const since of askedAt.splice(0, answered))
      if (requests++ % keptOf === 0) latencies.push((performance.now() - since) * 1000);
    if (requests >= most) isOver = true;
    if (reconnect || isOver) socket.end();
    else ask(answered);
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    sockets.delete(socket);
    if (askedAt.length > 0 ? !isOver || isLate : socket.bytesWritten === 0) failures++;
    if (isOver) done();
    else inTime(() => (isOver ? done() : run(done)));
  });
}

const startedAt = performance.now();
const cpuAtStart = process.cpuUsage();
const busyAtStart = busySeconds();
const timer = setTimeout(() => {
  isOver = true;
  late = setTimeout(() => {
    isLate = true;
    for (const socket of sockets) socket.destroy();
  }, patienceMs);
}, options.seconds * 1000);
const { perSecond } = options;
const pacing = perSecond === undefined ? undefined : setInterval(() => letGo(perSecond), paceMs);
await Promise.all(
  Array.from({ length: clients }, () => new Promise<void>((resolve) => inTime(() => run(resolve)))),
);
clearTimeout(timer);
clearTimeout(late);
clearInterval(pacing);
const cpu = process.cpuUsage(cpuAtStart);
latencies.sort((a, b) => a - b);
const at = (share: number) => Math.round(latencies[Math.floor(latencies.length * share)] ?? 0);
const result: LoadResult = {
  requests,
  failures,
  bytes,
  seconds: (performance.now() - startedAt) / 1000,
  cpuSeconds: (cpu.user + cpu.system) / 1e6,
  busySeconds: busySeconds() - busyAtStart,
  latenciesUs: { p50: at(0.5), p99: at(0.99) },
};
process.stdout.write(`${JSON.stringify(result)}\n`);
