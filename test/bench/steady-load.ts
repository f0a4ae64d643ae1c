// Hosts at a steady rate, in a process of its own: `alive` after `alive` on one connection, without
// waiting for the answers, so that a server that halts shows in every request that it keeps waiting.
// Prints one JSON line, a SteadyLoadResult.
// Usage: steady-load.ts JSON, see SteadyLoadOptions.
import { connect } from 'node:net';

export interface SteadyLoadOptions {
  host: string;
  port: number;
  /** the hosts' address; their ports begin at 1 */
  from: string;
  perSecond: number;
  count: number;
}

export interface SteadyLoadResult {
  /** answered `ok` */
  stored: number;
  /** from the first request to the last answer */
  seconds: number;
  /** from the writing of a request to its answer */
  latenciesUs: { p50: number; p99: number };
}

/** Between two groups of requests. */
const intervalMs = 2;

const options: SteadyLoadOptions = JSON.parse(process.argv[2] as string);
const { host, port, from, perSecond, count } = options;
const socket = connect({ host, port, localAddress: from, noDelay: true });
const ok = Buffer.from('ok\n');
let sent = 0;
let received = 0;
let begun = 0;
const sentAt: number[] = [];
const latencies: number[] = [];

function send(): void {
  const elapsed = performance.now() - begun;
  // The first one at once, the last one when the time is nearly over.
  const due = Math.min(count, 1 + Math.floor((elapsed / 1_000) * perSecond));
  let requests = '';
  for (; sent < due; sent++) {
    const id = sent.toString(16).padStart(12, '0');
    requests += `alive e58ed763-928c-4155-bee9-${id} ${1 + sent}\n`;
    sentAt.push(performance.now());
  }
  if (requests !== '') socket.write(requests);
}

socket.on('connect', () => {
  begun = performance.now();
  send();
  setInterval(send, intervalMs);
});
socket.on('data', (chunk) => {
  received += chunk.length;
  const now = performance.now();
  while (latencies.length < Math.floor(received / ok.length))
    latencies.push((now - (sentAt[latencies.length] as number)) * 1_000);
  if (received < count * ok.length) return;
  finish();
});
socket.on('close', finish);
socket.on('error', finish);

function finish(): void {
  latencies.sort((a, b) => a - b);
  const at = (share: number) => Math.round(latencies[Math.floor(latencies.length * share)] ?? 0);
  const result: SteadyLoadResult = {
    stored: latencies.length,
    seconds: (performance.now() - begun) / 1_000,
    latenciesUs: { p50: at(0.5), p99: at(0.99) },
  };
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
}
