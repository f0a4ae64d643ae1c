// What a registration costs, beside a bare Node server that answers as many bytes, in one run. The
// servers take turns, so that a machine whose speed drifts drifts for all; the medians of the rounds
// are compared. CPU of the server process is the figure to trust: requests a second are bounded by
// the load, which runs on the same machine.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './free-port.ts';
import type { LoadOptions, LoadResult } from './load.ts';
import { type MeasuredServer, startMeasured } from './measured-server.ts';
import { seedRegistry } from './seed-registry.ts';

const run = promisify(execFile);
/** The first seconds of a server are the compiler's and the growing log's. */
const warmUpSeconds = 3;

/** Bytes of a reply with 50 hosts of 10.x.y.z, and with the 9 that a registry of 10 has for one. */
const replyBytes = { few: 215, fifty: 1_050 };
const node = process.execPath;
const here = (file: string) => new URL(file, import.meta.url).pathname;

export interface RequestCostOptions {
  rounds: number;
  /** of each measurement */
  seconds: number;
}

interface Contender {
  name: string;
  start: () => Promise<MeasuredServer>;
  /** length of its replies, or null for a list that says where it ends */
  replyBytes: number | null;
  hosts: number;
}

interface Scenario {
  name: string;
  clients: number;
  depth: number;
  reconnect: boolean;
}

interface Figures {
  cpuUs: number;
  perSecond: number;
  p50: number;
  p99: number;
  loadCpuUs: number;
}

function bare(bytes: number): Contender {
  return {
    name: `bare net server, ${bytes} B`,
    start: () =>
      startMeasured([node, '--import=tsx', here('bare-server.ts'), String(bytes)], Number),
    replyBytes: bytes,
    hosts: 10,
  };
}

function ddnsd(folder: string, stored: number, hosts: number): Contender {
  const data = join(folder, String(stored));
  const conf = join(data, 'ddns.conf');
  return {
    name: `ddnsd, ${stored.toLocaleString('en')} hosts`,
    start: async () => {
      const port = await freePort();
      rmSync(data, { recursive: true, force: true });
      seedRegistry(join(data, 'hosts.db'), stored, 1_000_000);
      writeFileSync(
        conf,
        `Interface=127.0.0.1\nPort=${port}\nDatabase=hosts.db\nSocket=ddnsd.sock\nLogLevel=info\n`,
      );
      return startMeasured([node, here('../../dist/ddnsd.js'), '--conf', conf], (line) =>
        line.includes('name server is ready') ? port : null,
      );
    },
    replyBytes: null,
    hosts,
  };
}

async function load(options: LoadOptions): Promise<LoadResult> {
  const { stdout } = await run(node, ['--import=tsx', here('load.ts'), JSON.stringify(options)]);
  return JSON.parse(stdout);
}

async function measure(
  contender: Contender,
  scenario: Scenario,
  seconds: number,
): Promise<Figures> {
  const server = await contender.start();
  const { clients, depth, reconnect } = scenario;
  const options = { port: server.port, clients, depth, reconnect, hosts: contender.hosts };
  await load({ ...options, replyBytes: contender.replyBytes, seconds: warmUpSeconds });
  const before = server.cpuUs();
  const result = await load({ ...options, replyBytes: contender.replyBytes, seconds });
  const cpuUs = (server.cpuUs() - before) / result.requests;
  await server.stop();
  if (result.failures > 0) process.stderr.write(`${contender.name}: ${result.failures} failed\n`);
  return {
    cpuUs,
    perSecond: result.requests / result.seconds,
    p50: result.latenciesUs.p50,
    p99: result.latenciesUs.p99,
    loadCpuUs: (result.cpuSeconds * 1e6) / result.requests,
  };
}

function median(numbers: number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

async function compare(
  { rounds, seconds }: RequestCostOptions,
  scenario: Scenario,
  contenders: Contender[],
): Promise<void> {
  const figures = new Map<Contender, Figures[]>(contenders.map((each) => [each, []]));
  for (let round = 0; round < rounds; round++)
    for (const contender of contenders)
      figures.get(contender)?.push(await measure(contender, scenario, seconds));
  const of = (contender: Contender, figure: keyof Figures) =>
    median((figures.get(contender) ?? []).map((each) => each[figure]));
  process.stdout.write(
    `\n${scenario.name}; medians of ${rounds} rounds of ${seconds} s, taken in turn\n\n` +
      '| server | CPU µs a request | of bare | requests a second | p50 µs | p99 µs | CPU µs of the load |\n' +
      '| --- | --- | --- | --- | --- | --- | --- |\n',
  );
  for (const contender of contenders) {
    const yardstick = contenders.find(
      (each) => each.replyBytes === (contender.hosts === 10 ? replyBytes.few : replyBytes.fifty),
    );
    const ratio = yardstick ? of(contender, 'cpuUs') / of(yardstick, 'cpuUs') : Number.NaN;
    const cells = [
      contender.name,
      of(contender, 'cpuUs').toFixed(1),
      contender.replyBytes === null ? ratio.toFixed(2) : '1',
      Math.round(of(contender, 'perSecond')),
      of(contender, 'p50'),
      of(contender, 'p99'),
      of(contender, 'loadCpuUs').toFixed(1),
    ];
    process.stdout.write(`| ${cells.join(' | ')} |\n`);
  }
}

/** Prints a table for each way in which clients connect. */
export async function printRequestCost(options: RequestCostOptions): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'ddns-bench-'));
  try {
    const contenders = [
      bare(replyBytes.few),
      ddnsd(folder, 10, 10),
      bare(replyBytes.fifty),
      ddnsd(folder, 10_000, 1_000),
      ddnsd(folder, 100_000, 1_000),
    ];
    await compare(
      options,
      {
        name: 'a connection per request, 32 clients, limit=50',
        clients: 32,
        depth: 1,
        reconnect: true,
      },
      contenders,
    );
    await compare(
      options,
      {
        name: 'kept open, 8 clients, 16 requests in flight each, limit=50',
        clients: 8,
        depth: 16,
        reconnect: false,
      },
      contenders,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
