// The load of the soak, in a process of its own: registrations at a steady rate, each over a
// connection of its own, on behalf of one host after the other. Knows of every host whether its
// registration was ever answered. Prints one JSON line, a SoakLoadResult.
// Usage: soak-load.ts JSON, see SoakLoadOptions.
import { connect } from 'node:net';

export interface SoakLoadOptions {
  port: number;
  perSecond: number;
  seconds: number;
  /** registered in turn, over and over; see `soakAddress` */
  hosts: number;
}

export interface SoakLoadResult {
  answered: number;
  /** connections that ended without an answer */
  failed: number;
  /** not asked, because too many were waiting for an answer */
  skipped: number;
  latenciesUs: { p50: number; p99: number };
  /** `ip:port` of every host that was told that it is registered */
  registered: string[];
}

/** Between two groups of connections. */
const intervalMs = 5;

/** A server that halts must not be met by all that it missed at once. */
const mostWaiting = 64;

/** Hosts of one address. */
const portsEach = 1_000;

/** Share of the latencies that are kept: of twenty minutes all would be megabytes. */
const keptOf = 16;

const options: SoakLoadOptions = JSON.parse(process.argv[2] as string);
const { port, perSecond, seconds, hosts } = options;
const registered = new Uint8Array(hosts);
const latencies: number[] = [];
let answered = 0;
let failed = 0;
let skipped = 0;
let due = 0;
let waiting = 0;
let finish: (() => void) | null = null;

function ipOf(host: number): string {
  return `127.0.${10 + Math.floor(host / portsEach / 250)}.${1 + (Math.floor(host / portsEach) % 250)}`;
}

function register(host: number): void {
  const openedAt = performance.now();
  const localAddress = ipOf(host);
  const ownPort = 1 + (host % portsEach);
  const socket = connect({ port, host: '127.0.0.1', localAddress, noDelay: true });
  let last = '';
  let isAnswered = false;
  waiting++;
  // Every other one asks for a list as well.
  socket.write(host % 2 ? `query n${host} ${ownPort} limit=50\n` : `alive n${host} ${ownPort}\n`);
  socket.on('data', (chunk) => {
    last = (last + chunk.toString('latin1')).slice(-64);
    if (!/(^|\n)(ok|end \d+ [^\n]*)\n$/.test(last)) return;
    isAnswered = true;
    if (answered++ % keptOf === 0) latencies.push((performance.now() - openedAt) * 1_000);
    registered[host] = 1;
    socket.end();
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    waiting--;
    if (!isAnswered) failed++;
    if (waiting === 0) finish?.();
  });
}

const startedAt = performance.now();
const timer = setInterval(() => {
  const elapsedMs = performance.now() - startedAt;
  const total = Math.floor((Math.min(elapsedMs, seconds * 1_000) / 1_000) * perSecond);
  for (; due < total; due++)
    if (waiting < mostWaiting) register(due % hosts);
    else skipped++;
  if (elapsedMs < seconds * 1_000) return;
  clearInterval(timer);
  if (waiting === 0) report();
  else finish = report;
}, intervalMs);

function report(): void {
  latencies.sort((a, b) => a - b);
  const at = (share: number) => Math.round(latencies[Math.floor(latencies.length * share)] ?? 0);
  const result: SoakLoadResult = {
    answered,
    failed,
    skipped,
    latenciesUs: { p50: at(0.5), p99: at(0.99) },
    registered: Array.from(registered.keys())
      .filter((host) => registered[host] === 1)
      .map((host) => `${ipOf(host)}:${1 + (host % portsEach)}`),
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
