// What an answer costs that holds only what the asker lacks: by its list of known hosts, and by its
// cursor. Each is a registration, too.
import { Buffer } from 'node:buffer';
import { type Build, seededFolder, startDdnsd } from '../ddnsd-server.ts';
import { nodeIdOf, portOf } from '../exchanges/exchange.ts';
import { endOf, fetchAll } from '../fetch.ts';
import { keptOpen } from '../jobs.ts';
import { runLoad } from '../load-process.ts';
import type { MeasuredServer } from '../measured-server.ts';
import { medianOf } from '../median.ts';
import { counted } from '../table.ts';
import type { Part } from './part.ts';

const hosts = 100_000;

/** What the asker by have-list does not know. */
const unknown = 100;

/** A clock of 10 ms ticks wants many of them; the first ones are the compiler's. */
const haveQueries = 30;
const warmUpQueries = 10;

/** Changes since the cursor, the largest number first: that is the order in which cursors are taken. */
const changeCounts = [10_000, 100, 1];
const sinceWarmUpSeconds = 0.5;

/** Below what PROTOCOL.md allows a line (`maxLineBytes`), with the longest address. */
const haveLineBytes = 65_000;

interface ByHave {
  cpuMs: number;
  wallMs: number;
  bytes: number;
}

interface BySince {
  cpuUs: number;
  bytes: number;
}

interface Round {
  have: ByHave;
  /** in the order of `changeCounts` */
  since: BySince[];
}

export const deltas: Part = {
  name: 'deltas',
  about: 'a delta by have-list for a node that lacks 100 of 100,000 hosts, and deltas by cursor',
  minutes: 1,
  measure: async ({ builds, rounds, seconds }) => {
    const folders = await Promise.all(builds.map((build) => seededFolder(build, hosts, 1)));
    const measured = builds.map(() => [] as Round[]);
    for (let round = 0; round < rounds; round++)
      for (const [index, build] of builds.entries())
        measured[index]?.push(await measureRound(build, folders[index] as string, seconds));
    const haveRows = builds.map(({ name }, index) => {
      const of = (figure: keyof ByHave) =>
        medianOf(measured[index] ?? [], ({ have }) => have[figure]);
      return [name, of('cpuMs').toFixed(1), of('wallMs').toFixed(1), counted(of('bytes'))];
    });
    const sinceRows = builds.flatMap(({ name }, index) =>
      changeCounts
        .map((changes, which) => {
          const of = (figure: keyof BySince) =>
            medianOf(measured[index] ?? [], ({ since }) => since[which]?.[figure] ?? 0);
          return [name, counted(changes), of('cpuUs').toFixed(1), counted(of('bytes'))];
        })
        .toReversed(),
    );
    return [
      {
        title: `have-list: a node that knows all but ${unknown} of ${counted(hosts)} hosts`,
        heads: ['server', 'server CPU, ms a query', 'ms until answered', 'bytes an answer'],
        rows: haveRows,
      },
      {
        title: `cursor: ${counted(hosts)} hosts`,
        heads: ['server', 'changes since', 'server CPU, µs a request', 'bytes an answer'],
        rows: sinceRows,
      },
    ];
  },
};

async function measureRound(build: Build, folder: string, seconds: number): Promise<Round> {
  const server = await startDdnsd({ build, folder });
  try {
    const have = await measureHave(server);
    const since: BySince[] = [];
    const cursors = await takeCursors(server);
    for (const cursor of cursors) since.push(await measureSince(server, cursor, seconds));
    // They come back in the next round, which is a change again.
    await fetchAll(server.port, newcomers('leave', 1, changeCounts[0] as number));
    return { have, since };
  } finally {
    await server.stop();
  }
}

async function measureHave(server: MeasuredServer): Promise<ByHave> {
  const asker = `query ${nodeIdOf(0)} ${portOf(0)}`;
  const { text } = await fetchAll(server.port, `${asker}\n`, true);
  const known = text.match(/\S+:\d+/g)?.slice(unknown) ?? [];
  const request = `${haveLines(known)}${asker}\n`;
  let before = 0;
  let bytes = 0;
  let wallMs = 0;
  for (let query = -warmUpQueries; query < haveQueries; query++) {
    if (query === 0) before = server.cpuUs();
    const fetched = await fetchAll(server.port, request);
    const { count } = endOf(fetched);
    if (count !== unknown) throw new Error(`the delta has ${count} hosts, not ${unknown}`);
    if (query >= 0) wallMs += (fetched.seconds * 1_000) / haveQueries;
    bytes = fetched.bytes;
  }
  return { cpuMs: (server.cpuUs() - before) / haveQueries / 1_000, wallMs, bytes };
}

function haveLines(addresses: readonly string[]): string {
  const lines: string[] = [];
  let line = 'have';
  for (const address of addresses) {
    if (Buffer.byteLength(line) + address.length >= haveLineBytes) {
      lines.push(line);
      line = 'have';
    }
    line += ` ${address}`;
  }
  return [...lines, line, ''].join('\n');
}

/** Registers new hosts, and takes a cursor before the last so many of them. */
async function takeCursors({ port }: MeasuredServer): Promise<string[]> {
  const cursors: string[] = [];
  let next = 1;
  for (const [index, changes] of changeCounts.entries()) {
    cursors.push(endOf(await fetchAll(port, `query ${nodeIdOf(0)} ${portOf(0)} limit=1\n`)).cursor);
    const count = changes - (changeCounts[index + 1] ?? 0);
    await fetchAll(port, newcomers('alive', next, count));
    next += count;
  }
  return cursors;
}

function newcomers(verb: 'alive' | 'leave', first: number, count: number): string {
  const hosts = Array.from({ length: count }, (_, index) => first + index);
  return hosts.map((host) => `${verb} ${nodeIdOf(host)} ${portOf(host)}\n`).join('');
}

async function measureSince(
  server: MeasuredServer,
  cursor: string,
  seconds: number,
): Promise<BySince> {
  // On behalf of the one host that the registry knew before.
  const load = keptOpen({ name: 'query', argument: `since=${cursor}` }, 1);
  const { port } = server;
  await runLoad({ ...load, port, seconds: sinceWarmUpSeconds });
  const before = server.cpuUs();
  const { requests, bytes } = await runLoad({ ...load, port, seconds });
  return { cpuUs: (server.cpuUs() - before) / requests, bytes: bytes / requests };
}
