// Where a server's time went: what `node --cpu-prof` sampled, as a table of the functions in which most
// samples were taken.
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { counted, type Table } from './table.ts';

/** What of a .cpuprofile is read here (the inspector protocol's Profiler.Profile; times in µs). */
interface Profile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[];
  samples: number[];
  timeDeltas: number[];
}

/** Functions in a table: behind them each has less than a percent. */
const shown = 25;

/** Waiting is no work. */
const idle = '(idle)';

let folder: string | null = null;

/** From here on every ddnsd that is measured is profiled, and so a little slower. */
export function profileInto(path: string): void {
  folder = path;
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path, { recursive: true });
}

/** For node, before the program. */
export function profileFlags(): string[] {
  return folder === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${folder}`];
}

/** One table for each process that ended since the last call. */
export function takeProfiles(): Table[] {
  if (folder === null) return [];
  const files = readdirSync(folder).filter((name) => name.endsWith('.cpuprofile'));
  return files.sort().map((name) => {
    const file = join(folder as string, name);
    const table = tableOf(name, JSON.parse(readFileSync(file, 'utf8')) as Profile);
    rmSync(file);
    return table;
  });
}

export function tableOf(name: string, { nodes, samples, timeDeltas }: Profile): Table {
  const named = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const us = new Map<string, number>();
  for (const [index, id] of samples.entries()) {
    const where = named.get(id) ?? '?';
    us.set(where, (us.get(where) ?? 0) + (timeDeltas[index] ?? 0));
  }
  us.delete(idle);
  const whole = [...us.values()].reduce((sum, value) => sum + value, 0);
  return {
    title: `${name}: ${counted(whole / 1_000)} ms at work`,
    heads: ['ms', 'share', 'function'],
    rows: [...us]
      .sort(([, a], [, b]) => b - a)
      .slice(0, shown)
      .map(([where, value]) => [
        counted(value / 1_000),
        `${((100 * value) / whole).toFixed(1)} %`,
        where,
      ]),
  };
}

function nameOf({ functionName, url, lineNumber }: Profile['nodes'][number]['callFrame']): string {
  const name = functionName === '' ? '(anonymous)' : functionName;
  return url === '' ? name : `${name} ${basename(url)}:${lineNumber + 1}`;
}
