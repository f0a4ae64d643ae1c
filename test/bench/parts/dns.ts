// DNS queries beside BIND and Knot, which serve as many records of the same zone: dnsperf asks each for the addresses of
// the zone, over UDP and TCP, in rounds that alternate. Over UDP the queries have a cookie of ddnsd: whoever has none is
// limited to 50 a second.
import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../../fixture/free-port.ts';
import type { Build } from '../ddnsd-server.ts';
import { keptFolder } from '../kept.ts';
import { type MeasuredServer, startMeasured } from '../measured-server.ts';
import { median } from '../median.ts';
import { profileFlags } from '../profile.ts';
import { programCommand } from '../program.ts';
import { counted, type Table } from '../table.ts';
import type { Part, PartOptions } from './part.ts';

const run = promisify(execFile);

/** An answer has 16 addresses. */
const addresses = Array.from({ length: 16 }, (_, index) => `127.0.7.${index + 1}`);

/** Bytes of an answer with EDNS and a cookie: header and question, 16 records, OPT. */
const answerBytes = 24 + 16 * 16 + 11 + 28;

interface Contender {
  name: string;
  /** it answers nothing over TCP */
  isUdpAlone?: true;
  port: number;
  server: MeasuredServer;
}

interface Measured {
  perSecond: number;
  cpuUs: number;
}

export const dns: Part = {
  name: 'dns',
  about: 'DNS queries over UDP and TCP, beside BIND and Knot with the same records (needs dnsperf)',
  minutes: 2,
  isLong: true,
  measure: async (options) => {
    const missing = ['dnsperf', 'dig', 'named', 'knotd'].filter(
      (program) => spawnSync('sh', ['-c', 'command -v "$0"', program]).status !== 0,
    );
    if (missing.length > 0) throw new Error(`not installed: ${missing.join(', ')}`);
    const contenders: Contender[] = [];
    try {
      for (const build of options.builds) contenders.push(await startDdnsd(build));
      contenders.push(await startNamed(), await startKnot(), await startBare());
      return [await measure(contenders, options)];
    } finally {
      for (const { server } of contenders) await server.stop();
    }
  },
};

async function measure(
  contenders: readonly Contender[],
  { rounds, seconds }: PartOptions,
): Promise<Table> {
  const queries = join(keptFolder(), 'queries');
  writeFileSync(queries, 'dynamo A\n');
  const figures = new Map<string, Measured[]>();
  for (const transport of ['udp', 'tcp'] as const) {
    const asked = contenders.filter((each) => transport === 'udp' || each.isUdpAlone !== true);
    // The first round is not counted: code is compiled in it.
    for (let round = 0; round <= rounds; round++)
      for (const contender of asked) {
        const measured = await ask(contender, { transport, queries, seconds });
        const key = `${transport} ${contender.name}`;
        if (round > 0) figures.set(key, [...(figures.get(key) ?? []), measured]);
      }
  }
  const of = (key: string, figure: keyof Measured) =>
    median((figures.get(key) ?? []).map((each) => each[figure]));
  return {
    title: `${addresses.length} addresses, asked by dnsperf with 8 clients`,
    heads: ['transport, server', 'queries/s', 'CPU µs/query', 'per core, of BIND'],
    rows: [...figures.keys()].map((key) => {
      const bind = of(`${key.slice(0, 3)} BIND named`, 'cpuUs');
      const cpuUs = of(key, 'cpuUs');
      return [key, counted(of(key, 'perSecond')), cpuUs.toFixed(1), (bind / cpuUs).toFixed(2)];
    }),
    notes: [
      'BIND and Knot have one thread each for queries, as ddnsd has with Threads=1. Over UDP all have EDNS, and the cookie of the server if it makes one. The bare server sends as many bytes back, and does nothing else.',
      `The load average was ${loadavg()[0]?.toFixed(1)} at the end; the bench alone makes about 2.`,
    ],
  };
}

/** Has dnsperf ask a server for so many seconds. */
async function ask(
  { port, server }: Contender,
  { transport, queries, seconds }: { transport: 'udp' | 'tcp'; queries: string; seconds: number },
): Promise<Measured> {
  const cookie = transport === 'udp' ? await cookieOf(port) : '';
  const edns = transport === 'udp' ? ['-e', ...(cookie === '' ? [] : ['-E', `10:${cookie}`])] : [];
  const before = server.cpuUs();
  const args = ['-d', queries, '-s', '127.0.0.1', '-p', port, '-m', transport, '-l', seconds];
  const { stdout } = await run('dnsperf', [...args, '-c', 8, '-T', 1, ...edns].map(String));
  const completed = Number(/Queries completed:\s+(\d+)/.exec(stdout)?.[1]);
  const perSecond = Number(/Queries per second:\s+([\d.]+)/.exec(stdout)?.[1]);
  return { perSecond, cpuUs: (server.cpuUs() - before) / completed };
}

/** The cookie for 127.0.0.1; empty: it makes none. */
async function cookieOf(port: number): Promise<string> {
  const { stdout } = await run('dig', ['@127.0.0.1', '-p', String(port), 'dynamo', 'SOA']);
  return /COOKIE: ([0-9a-f]+)/.exec(stdout)?.[1] ?? '';
}

async function startDdnsd(build: Build): Promise<Contender> {
  const folder = keptFolder();
  const port = await freePort();
  const conf = join(folder, 'ddns.conf');
  const lines = ['Interface=127.0.0.1', `Port=${port}`, 'Service=2', 'Threads=1'];
  writeFileSync(conf, `${lines.join('\n')}\nDatabase=hosts.db\nSocket=s.sock\n`);
  const command = [build.node, ...profileFlags(), build.file, '--conf', conf];
  const server = await startMeasured({ command, port, folder });
  for (const [index, from] of addresses.entries())
    await new Promise<void>((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', localAddress: from });
      socket.once('error', reject);
      socket.once('data', () => {
        socket.destroy();
        resolve();
      });
      socket.write(`alive n${index} 4000\n`);
    });
  return { name: build.name, port, server };
}

/** What Node costs that only receives and sends. */
async function startBare(): Promise<Contender> {
  const folder = keptFolder();
  const port = await freePort();
  const command = programCommand('bare-datagrams.ts', String(port), String(answerBytes));
  const server = await startMeasured({ command, port, folder });
  return { name: 'bare dgram server', port, server, isUdpAlone: true };
}

function writeZone(folder: string): void {
  const records = addresses.map((address) => `@ A ${address}`);
  const head = ['$TTL 3600', '@ SOA ns1 hostmaster 1 3600 600 86400 60', '@ NS ns1'];
  writeFileSync(join(folder, 'zone'), `${[...head, 'ns1 A 127.0.0.1', ...records].join('\n')}\n`);
}

async function startNamed(): Promise<Contender> {
  const folder = keptFolder();
  const port = await freePort();
  writeZone(folder);
  writeFileSync(
    join(folder, 'named.conf'),
    `options { directory "${folder}"; pid-file none; session-keyfile none; recursion no; notify no;
  listen-on port ${port} { 127.0.0.1; }; listen-on-v6 { none; }; minimal-responses yes; };
controls { };
logging { category default { null; }; };
zone "dynamo" { type primary; file "zone"; };\n`,
  );
  const command = ['named', '-f', '-n', '1', '-c', join(folder, 'named.conf')];
  return { name: 'BIND named', port, server: await startMeasured({ command, port, folder }) };
}

async function startKnot(): Promise<Contender> {
  const folder = keptFolder();
  const port = await freePort();
  writeZone(folder);
  mkdirSync(join(folder, 'run'));
  writeFileSync(
    join(folder, 'knot.conf'),
    `server:
  listen: 127.0.0.1@${port}
  rundir: ${folder}/run
  udp-workers: 1
  tcp-workers: 1
database:
  storage: ${folder}/run
zone:
  - domain: dynamo
    storage: ${folder}
    file: zone
    zonefile-sync: -1
    journal-content: none\n`,
  );
  const command = ['knotd', '-c', join(folder, 'knot.conf')];
  return { name: 'Knot', port, server: await startMeasured({ command, port, folder }) };
}
