// The console at the end of a slow line: how soon it shows where thirty keys have led. It must leave out frames, because
// all of them would take many times as long.
import { readSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import xterm from '@xterm/headless';
import { type Build, startDdnsd } from '../ddnsd-server.ts';
import { counted, type Table } from '../table.ts';
import { fixed, verdict } from './figures.ts';
import { type ConsoleBuild, size, spawnMeasured } from './terminal.ts';

const bytesASecond = 1_200;
const keys = 30;
/** As a held key repeats. */
const keyEveryMs = 33;
const readEveryMs = 50;
const targetMs = 3_000;
const settleMs = 4_000;
const patienceMs = 60_000;
const runs = 3;

export async function measureSlowLine(
  consoles: readonly ConsoleBuild[],
  build: Build,
  folder: string,
): Promise<Table> {
  const server = await startDdnsd({ build, folder });
  const args = ['hosts', '--socket', join(folder, 's.sock')];
  const results = consoles.map((): Followed[] => []);
  for (let run = 0; run < runs; run++)
    for (const [index, each] of consoles.entries())
      results[index]?.push(await follow([each.program, ...args]));
  await server.stop();
  return {
    title: `${keys} j at ${Math.round(1_000 / keyEveryMs)} a second, through a line of ${counted(bytesASecond)} bytes a second`,
    heads: ['console', 'ms from the last key, each of its runs', 'bytes', 'target', 'met'],
    rows: consoles.map(({ name }, index) => {
      const times = results[index] ?? [];
      return [
        name,
        times.map(({ ms }) => fixed(ms)).join(', '),
        times.map(({ bytes }) => counted(bytes)).join(', '),
        `≤ ${counted(targetMs)}`,
        verdict(times.every(({ ms }) => ms <= targetMs)),
      ];
    }),
  };
}

interface Followed {
  ms: number;
  bytes: number;
}

async function follow(command: readonly string[]): Promise<Followed> {
  const pty = spawnMeasured(command);
  // Read here, and no faster than the line: what is not read stays with the system, and then with the console.
  pty.pause();
  const { fd } = pty as unknown as { fd: number };
  const emulator = new xterm.Terminal({ ...size, allowProposedApi: true });
  // A terminal answers what it is asked.
  emulator.onData((answer) => pty.write(answer));
  const ended = new Promise<void>((resolve) => pty.onExit(() => resolve()));
  const pull = async (most: number): Promise<number> => {
    const buffer = Buffer.alloc(most);
    let length = 0;
    try {
      length = readSync(fd, buffer);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
    if (length > 0)
      await new Promise<void>((resolve) => emulator.write(buffer.subarray(0, length), resolve));
    return length;
  };
  const shows = (pattern: RegExp) => {
    const { active } = emulator.buffer;
    return Array.from({ length: size.rows }, (_, row) =>
      active.getLine(active.viewportY + row)?.translateToString(true),
    ).some((line) => pattern.test(line ?? ''));
  };
  const deadline = performance.now() + patienceMs;
  const within = () => {
    if (performance.now() > deadline) throw new Error('the slow line shows no answer');
  };
  while (!shows(/\b1 of \d+/)) {
    within();
    if ((await pull(65_536)) === 0) await sleep(readEveryMs);
  }
  // Its charts, ages and pages come by themselves.
  for (const settledAt = performance.now() + settleMs; performance.now() < settledAt; ) {
    await pull(65_536);
    await sleep(readEveryMs);
  }
  let sent = 0;
  let lastKeyAt = 0;
  const typing = setInterval(() => {
    pty.write('j');
    lastKeyAt = performance.now();
    if (++sent === keys) clearInterval(typing);
  }, keyEveryMs);
  const startedAt = performance.now();
  let bytes = 0;
  while (sent < keys || !shows(new RegExp(`\\b${keys + 1} of \\d+`))) {
    within();
    await sleep(readEveryMs);
    const allowed = Math.floor(((performance.now() - startedAt) * bytesASecond) / 1_000) - bytes;
    if (allowed > 0) bytes += await pull(allowed);
  }
  const ms = performance.now() - lastKeyAt;
  pty.kill('SIGKILL');
  await ended;
  emulator.dispose();
  return { ms, bytes };
}
