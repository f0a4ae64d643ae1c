// The full list of a million hosts: how fast it streams beside a bare server that sends as many bytes
// from memory, and what it does meanwhile to the requests of others.
import { startBare } from '../contenders.ts';
import { seededFolder, startDdnsd } from '../ddnsd-server.ts';
import { nodeIdOf, portOf } from '../exchanges/exchange.ts';
import { endOf, fetchAll } from '../fetch.ts';
import { runSteadyLoad } from '../load-process.ts';
import type { MeasuredServer } from '../measured-server.ts';
import { medianOf } from '../median.ts';
import { counted } from '../table.ts';
import type { Part } from './part.ts';

const hosts = 1_000_000;

/** Lists in a round: some for the compiler, the others measured. */
const listsARound = 10;
const firstLists = 4;
/** What is answered before anything is measured, too. */
const warmUpSeconds = 4;

/** Requests of others, each of which is committed. */
const othersPerSecond = 500;

/** Length of the bare server's short answer: that of `ok`. */
const shortBytes = 3;

interface Sender {
  name: string;
  start(): Promise<MeasuredServer>;
  request: string;
}

interface Round {
  bytesPerSecond: number;
  cpuMs: number;
  alone: { p50: number; p99: number };
  beside: { p50: number; p99: number };
}

export const list: Part = {
  name: 'list',
  about:
    'the full list of 1,000,000 hosts, beside a bare server that sends as many bytes from memory',
  minutes: 2,
  measure: async ({ builds, rounds, seconds }) => {
    const request = `query ${nodeIdOf(0)} ${portOf(0)}\n`;
    const ddnsds: Sender[] = [];
    for (const build of builds) {
      const folder = await seededFolder(build, hosts, 1);
      ddnsds.push({ name: build.name, start: () => startDdnsd({ build, folder }), request });
    }
    const bytes = await lengthOfList(ddnsds[0] as Sender);
    const bare: Sender = {
      name: 'bare net server',
      start: () => startBare(shortBytes, bytes),
      request: 'all\n',
    };
    const senders = [bare, ...ddnsds];
    const measured = new Map(senders.map((each) => [each, [] as Round[]]));
    for (let round = 0; round < rounds; round++)
      for (const sender of senders)
        measured.get(sender)?.push(await measureRound(sender, bytes, seconds));
    const of = (sender: Sender, figure: (round: Round) => number) =>
      medianOf(measured.get(sender) ?? [], figure);
    const speedOf = (sender: Sender) => of(sender, (round) => round.bytesPerSecond);
    return [
      {
        title: `a list of ${counted(hosts)} hosts, ${counted(bytes)} bytes`,
        heads: ['server', 'MB/s', 'of bare', 'server CPU, ms a list'],
        rows: senders.map((sender) => [
          sender.name,
          (speedOf(sender) / 1e6).toFixed(0),
          (speedOf(sender) / speedOf(bare)).toFixed(2),
          of(sender, ({ cpuMs }) => cpuMs).toFixed(0),
        ]),
      },
      {
        title: `${othersPerSecond} requests a second of others (alive) without and with such lists being read all the time`,
        heads: [
          'server',
          'p50 µs',
          'p99 µs',
          'p50 µs beside lists',
          'p99 µs beside lists',
          'p99, ratio',
        ],
        rows: senders.map((sender) => {
          const [alone, beside] = [
            of(sender, (round) => round.alone.p99),
            of(sender, (round) => round.beside.p99),
          ];
          return [
            sender.name,
            counted(of(sender, (round) => round.alone.p50)),
            counted(alone),
            counted(of(sender, (round) => round.beside.p50)),
            counted(beside),
            (beside / alone).toFixed(1),
          ];
        }),
        notes: [
          'One reader takes list after list as fast as it can. It and the load share a core: what they do to each other shows with the bare server, too.',
        ],
      },
    ];
  },
};

async function lengthOfList(sender: Sender): Promise<number> {
  const server = await sender.start();
  try {
    const fetched = await fetchAll(server.port, sender.request);
    const { count, extent } = endOf(fetched);
    // All but the asker, whom the seed has stored.
    if (count !== hosts - 1 || extent !== 'full')
      throw new Error(`the list has ${count} hosts and is ${extent}`);
    return fetched.bytes;
  } finally {
    await server.stop();
  }
}

async function measureRound(sender: Sender, bytes: number, seconds: number): Promise<Round> {
  const server = await sender.start();
  try {
    const { port } = server;
    const fetchList = async () => {
      const fetched = await fetchAll(port, sender.request);
      // Others may have come since: their addresses make it a little longer.
      if (fetched.bytes < bytes) throw new Error(`${fetched.bytes} of ${bytes} bytes came`);
      return fetched;
    };
    for (let i = 0; i < firstLists; i++) await fetchList();
    const before = server.cpuUs();
    const speeds: number[] = [];
    for (let i = firstLists; i < listsARound; i++) {
      const fetched = await fetchList();
      speeds.push(fetched.bytes / fetched.seconds);
    }
    const cpuMs = (server.cpuUs() - before) / speeds.length / 1_000;
    const others = {
      ...{ host: '127.0.0.1', port, from: '127.0.0.1' },
      perSecond: othersPerSecond,
      count: othersPerSecond * seconds,
    };
    await runSteadyLoad({ ...others, count: othersPerSecond * warmUpSeconds });
    const alone = (await runSteadyLoad(others)).latenciesUs;
    let isOver = false;
    const besides = runSteadyLoad(others).finally(() => {
      isOver = true;
    });
    while (!isOver) await fetchList();
    const beside = (await besides).latenciesUs;
    return { bytesPerSecond: medianOf(speeds, (each) => each), cpuMs, alone, beside };
  } finally {
    await server.stop();
  }
}
