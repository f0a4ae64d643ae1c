// The console on a terminal of 50 rows and 200 columns, beside its targets: how soon it is there, what it
// writes, and how soon a key is answered with a million hosts behind it. It is the built program, in a
// pseudo-terminal, attached to a real daemon.
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectIpc } from '../../../shared/ipc/client.ts';
import { viewNames } from '../../../tui/state/common-state.ts';
import { count } from '../../../tui/text/format.ts';
import { ConsoleTerminal, consoleProgram, spawnMeasured } from '../console-terminal.ts';
import { type Build, seededFolder, startDdnsd } from '../ddnsd-server.ts';
import { nodeIdOf, portOf } from '../exchanges/exchange.ts';
import { median } from '../median.ts';
import { counted, type Table } from '../table.ts';
import type { Part } from './part.ts';

const hosts = 1_000_000;
const startRuns = 15;
const liveSeconds = 20;
const idleSeconds = 30;
/** What was just started still draws: its charts, pages that it reads. */
const settleMs = 5_000;
/** Registrations, about as many a second as in the demo network. */
const registerEveryMs = 100;

const targets = { firstFrame: 2.5, bytesATick: 1_500, moveMs: 50, filterMs: 300 };

export const consolePart: Part = {
  name: 'console',
  about:
    'the console at 50×200: its first frame, the bytes it writes, and keys with 1,000,000 hosts',
  minutes: 3,
  isOnce: true,
  measure: async ({ builds: [build] }) => {
    if (build === undefined) return [];
    const small = await seededFolder(build, 200);
    const tables: Table[] = [];
    for (const measured of [
      () => measureStart(build, small),
      () => measureBytes(build, small),
      async () => measureKeys(build, await seededFolder(build, hosts)),
    ]) {
      const table = await measured();
      process.stderr.write(`console: ${table.title}: done\n`);
      tables.push(table);
    }
    return tables;
  },
};

async function measureStart(build: Build, folder: string): Promise<Table> {
  const server = await startDdnsd({ build, folder });
  const bare: number[] = [];
  const shell: number[] = [];
  for (let run = 0; run < startRuns; run++) {
    bare.push(await msOf(['-e', '0'], null));
    shell.push(await msOf([consoleProgram, '--socket', join(folder, 's.sock')], 'Dynamo DNS'));
  }
  await server.stop();
  const ratio = median(shell) / median(bare);
  return {
    title: `first frame, medians of ${startRuns} starts that alternate`,
    heads: ['what', 'ms', 'least ms', 'of bare', 'target', 'met'],
    rows: [
      ['`node -e 0`, until it ends', fixed(median(bare)), fixed(Math.min(...bare)), 1, '', ''],
      [
        'ddns-tui, until its header, tabs and footer arrive',
        fixed(median(shell)),
        fixed(Math.min(...shell)),
        ratio.toFixed(2),
        `≤ ${targets.firstFrame}`,
        verdict(ratio <= targets.firstFrame),
      ],
    ],
  };
}

/** From the start of a process until it wrote `text`, or has ended. */
function msOf(args: readonly string[], text: string | null): Promise<number> {
  return new Promise((resolve) => {
    const startedAt = performance.now();
    let seenMs: number | null = null;
    let output = '';
    const pty = spawnMeasured(args);
    pty.onData((data) => {
      output += data;
      if (text === null || seenMs !== null || !output.includes(text)) return;
      seenMs = performance.now() - startedAt;
      pty.kill('SIGTERM');
    });
    pty.onExit(() => resolve(seenMs ?? performance.now() - startedAt));
  });
}

async function measureBytes(build: Build, folder: string): Promise<Table> {
  const server = await startDdnsd({ build, folder });
  const socket = join(folder, 's.sock');
  const rows: (string | number)[][] = [];
  const quiet = viewNames.map((view) => new ConsoleTerminal([view, '--socket', socket]));
  await sleep(settleMs);
  const quietSums = quiet.map((each) => each.arrivals.length);
  await sleep(idleSeconds * 1_000);
  const idle = quiet.map((each, index) =>
    each.arrivals.slice(quietSums[index]).reduce((sum, { bytes }) => sum + bytes, 0),
  );
  const stop = registerSteadily(server.port);
  await sleep(settleMs);
  const from = performance.now();
  await sleep(liveSeconds * 1_000);
  stop();
  for (const [index, terminal] of quiet.entries()) {
    const ticks = new Array<number>(liveSeconds).fill(0);
    for (const { at, bytes } of terminal.arrivals) {
      const second = Math.floor((at - from) / 1_000);
      if (second >= 0 && second < liveSeconds) ticks[second] = (ticks[second] ?? 0) + bytes;
    }
    const mean = ticks.reduce((sum, bytes) => sum + bytes, 0) / ticks.length;
    const clears = terminal.output.split('\u001b[2J').length - 1;
    rows.push([
      viewNames[index] ?? '',
      ((idle[index] ?? 0) / idleSeconds).toFixed(1),
      counted(mean),
      counted(Math.max(...ticks)),
      `≤ ${counted(targets.bytesATick)}`,
      verdict(mean <= targets.bytesATick),
      clears,
    ]);
  }
  await Promise.all(quiet.map((each) => each.close()));
  await server.stop();
  return {
    title: `bytes to the terminal in a second, over ${idleSeconds} s in which nobody asks the name server anything, and ${liveSeconds} s of ${1_000 / registerEveryMs} registrations a second`,
    heads: ['view', 'nobody asks', 'live, mean', 'live, most', 'target', 'mean met', 'clears'],
    rows,
    notes: [
      'Nobody asks: what is left are ages and the time since the start, as they pass. Clears: of the whole screen, the one before the first frame included.',
    ],
  };
}

/** New hosts and known ones in turn. @returns what ends it */
function registerSteadily(port: number): () => void {
  let next = 0;
  const timer = setInterval(() => {
    const host = next % 2 === 0 ? next : next % 20;
    next++;
    const client = connect({ port, host: '127.0.0.1' });
    client.on('error', () => {});
    client.end(`query ${nodeIdOf(host)} ${portOf(host)} limit=5\n`);
    client.resume();
  }, registerEveryMs);
  return () => clearInterval(timer);
}

/** Each character leaves another number of hosts, by which its answer is known. */
const filters = ['77.1', 'e4b', '!7f'];

async function measureKeys(build: Build, folder: string): Promise<Table> {
  const server = await startDdnsd({ build, folder });
  const socket = join(folder, 's.sock');
  const ipc = await connectIpc(socket, { name: 'bench', version: '0' });
  const terminal = new ConsoleTerminal(['hosts', '--socket', socket]);
  const shows = (text: string) => (lines: string[]) => lines.some((line) => line.includes(text));
  const place = (lines: string[]) => /[\d,]+ of [\d,]+/.exec(lines.slice(2).join('\n'))?.[0];
  const press = async (key: string, isThere: (lines: string[]) => boolean) => {
    const ms = await terminal.msUntil(key, isThere);
    await sleep(50);
    return ms;
  };
  const times = new Map<string, number[]>();
  const note = (name: string, ms: number) => times.set(name, [...(times.get(name) ?? []), ms]);
  await terminal.msUntil('', shows(`1 of ${count(hosts)}`));
  await sleep(settleMs);
  for (let step = 0; step < 100; step++) {
    const before = place(terminal.lines());
    const [name, key] = step % 4 === 3 ? ['PgDn', '\u001b[6~'] : ['j', 'j'];
    note(name as string, await press(key as string, (lines) => place(lines) !== before));
  }
  for (let round = 0; round < 8; round++) {
    note('End', await press('G', shows(`${count(hosts)} of ${count(hosts)}`)));
    note('Home', await press('g', shows(` 1 of ${count(hosts)}`)));
  }
  const firstRow = (lines: string[]) =>
    /\d+\.\d+\.\d+\.\d+:\d+/.exec(lines.slice(4).join('\n'))?.[0];
  for (let round = 0; round < 6; round++)
    for (const key of ['s', 'a']) {
      const before = firstRow(terminal.lines());
      note('sort', await press(key, (lines) => ![before, undefined].includes(firstRow(lines))));
      await press('g', shows(` 1 of ${count(hosts)}`));
    }
  for (let round = 0; round < 3; round++)
    for (const filter of filters) {
      await press('/', shows('filter: █'));
      for (let typed = 1; typed <= filter.length; typed++) {
        const text = filter.slice(0, typed);
        if (text === '!') {
          await press('!', shows('filter: !█'));
          continue;
        }
        const { matched } = await ipc.page({ filter: text, limit: 1 });
        const ms = await press(text.at(-1) ?? '', shows(` ${count(matched)} host`));
        note('filter, a character', ms);
      }
      // Back to the filter from before: none.
      await press('\u001b', shows(` ${count(hosts)} host`));
    }
  ipc.close();
  await terminal.close();
  await server.stop();
  const filterName = 'filter, a character';
  return {
    title: `from a key to the screen that answers it, ${counted(hosts)} hosts`,
    heads: ['key', 'pressed', 'p50 ms', 'p99 ms', 'target', 'met'],
    rows: [...times].map(([name, ms]) => {
      const target = name === filterName || name === 'sort' ? targets.filterMs : targets.moveMs;
      const p99 = at(ms, 0.99);
      return [
        name,
        ms.length,
        fixed(at(ms, 0.5)),
        fixed(p99),
        `≤ ${target}`,
        verdict(p99 <= target),
      ];
    }),
    notes: [
      'Up to where a terminal emulator has drawn it. Each answer is waited for, and known by the place or the number of hosts that the screen names. End, Home and sort read the registry anew, as a filter does.',
    ],
  };
}

function at(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function fixed(ms: number): string {
  return ms.toFixed(1);
}

function verdict(isMet: boolean): string {
  return isMet ? 'yes' : 'no';
}
