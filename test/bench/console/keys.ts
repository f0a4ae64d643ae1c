// How soon a key is answered, with a million hosts behind the console.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectIpc, type IpcClient } from '../../../shared/ipc/client.ts';
import { count } from '../../../tui/text/format.ts';
import { type Build, startDdnsd } from '../ddnsd-server.ts';
import { type Cell, counted, type Table } from '../table.ts';
import { at, fixed, verdict } from './figures.ts';
import { type ConsoleBuild, ConsoleTerminal } from './terminal.ts';

/** In the registry that the keys move through. */
export const hosts = 1_000_000;
const rounds = 9;
const stepsOfRound = 16;
const settleMs = 5_000;
const targets = { moveMs: 50, filterMs: 300 };
const filterName = 'filter, a character';

/** Each character leaves another number of hosts, by which its answer is known. */
const filters = ['77.1', 'e4b', '!7f'];

export async function measureKeys(
  consoles: readonly ConsoleBuild[],
  build: Build,
  folder: string,
): Promise<Table> {
  const server = await startDdnsd({ build, folder });
  const socket = join(folder, 's.sock');
  const ipc = await connectIpc(socket, { name: 'bench', version: '0' });
  const terminals = consoles.map(
    (each) => new ConsoleTerminal(each, ['hosts', '--socket', socket]),
  );
  const times = consoles.map(() => new Map<string, number[]>());
  for (const terminal of terminals) await terminal.msUntil('', shows(`1 of ${count(hosts)}`));
  await sleep(settleMs);
  // A little of everything in turn: what disturbs one of them disturbs the others.
  for (let round = 0; round < rounds; round++)
    for (const [index, terminal] of terminals.entries())
      await pressKeys(terminal, ipc, round, (name, ms) => {
        const known = times[index];
        known?.set(name, [...(known.get(name) ?? []), ms]);
      });
  ipc.close();
  await Promise.all(terminals.map((each) => each.close()));
  await server.stop();
  const rows = [...(times[0]?.keys() ?? [])].flatMap((key) =>
    consoles.map(({ name }, index): Cell[] => {
      const ms = times[index]?.get(key) ?? [];
      const target = key === filterName || key === 'sort' ? targets.filterMs : targets.moveMs;
      const p99 = at(ms, 0.99);
      return [
        ...[key, name, ms.length, fixed(at(ms, 0.5)), fixed(p99), `≤ ${target}`],
        verdict(p99 <= target),
      ];
    }),
  );
  return {
    title: `from a key to the screen that answers it, ${counted(hosts)} hosts`,
    heads: ['key', 'console', 'pressed', 'p50 ms', 'p99 ms', 'target', 'met'],
    rows,
    notes: [
      'Up to where a terminal emulator has drawn it. Each answer is waited for, and known by the place or the number of hosts that the screen names. End, Home and sort read the registry anew, as a filter does.',
    ],
  };
}

const shows = (text: string) => (lines: string[]) => lines.some((line) => line.includes(text));
const place = (lines: string[]) => /[\d,]+ of [\d,]+/.exec(lines.slice(2).join('\n'))?.[0];
const firstRow = (lines: string[]) => /\d+\.\d+\.\d+\.\d+:\d+/.exec(lines.slice(4).join('\n'))?.[0];

/** One round of keys; each begins and ends at the first host, sorted by address. */
async function pressKeys(
  terminal: ConsoleTerminal,
  ipc: IpcClient,
  round: number,
  note: (name: string, ms: number) => void,
): Promise<void> {
  const press = async (key: string, isThere: (lines: string[]) => boolean) => {
    const ms = await terminal.msUntil(key, isThere);
    await sleep(50);
    return ms;
  };
  for (let step = 0; step < stepsOfRound; step++) {
    const before = place(terminal.lines());
    const [name, key] = step % 4 === 3 ? ['PgDn', '\u001b[6~'] : ['j', 'j'];
    note(name as string, await press(key as string, (lines) => place(lines) !== before));
  }
  note('End', await press('G', shows(`${count(hosts)} of ${count(hosts)}`)));
  note('Home', await press('g', shows(` 1 of ${count(hosts)}`)));
  for (const key of ['s', 'a']) {
    const before = firstRow(terminal.lines());
    note('sort', await press(key, (lines) => ![before, undefined].includes(firstRow(lines))));
    await terminal.msUntil('', shows(` 1 of ${count(hosts)}`));
  }
  const filter = filters[round % filters.length] ?? '';
  await press('/', shows('filter: █'));
  for (let typed = 1; typed <= filter.length; typed++) {
    const text = filter.slice(0, typed);
    if (text === '!') {
      await press('!', shows('filter: !█'));
      continue;
    }
    const { matched } = await ipc.page({ filter: text, limit: 1 });
    note(filterName, await press(text.at(-1) ?? '', shows(` ${count(matched)} host`)));
  }
  // Back to the filter from before: none.
  await press('\u001b', shows(` ${count(hosts)} host`));
}
