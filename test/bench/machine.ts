// Where a measurement was made, as far as it matters to its figures: nothing that names the machine.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import type { Pace } from './comparison.ts';

export interface Conditions {
  isPinned: boolean;
  /** the builds of ddnsd are this checkout's, not others that were named */
  isOwnBuild: boolean;
  /** null: it is measured once */
  pace: Pace | null;
}

export function describeMachine({ isPinned, isOwnBuild, pace }: Conditions): string {
  const gib = (totalmem() / 2 ** 30).toFixed(0);
  return [
    new Date().toISOString().slice(0, 16).replace('T', ' '),
    ...(isOwnBuild ? [`commit ${commit()}`] : []),
    `Node ${process.version}`,
    `SQLite ${sqliteVersion()}`,
    `${cpus().length} × ${cpus()[0]?.model.trim()}, ${gib} GiB, Linux ${/^\d+\.\d+/.exec(release())?.[0]}`,
    isPinned ? 'server on one core, load on another' : 'server and load on whichever core is free',
    ...(pace === null ? [] : [`medians of ${pace.rounds} rounds of ${pace.seconds} s`]),
  ].join(' · ');
}

function commit(): string {
  try {
    const git = (...args: string[]) =>
      execFileSync('git', args, {
        cwd: import.meta.dirname,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }).trim();
    // The bench's own results are no change of what is measured.
    const changed = git('status', '--porcelain', '--', '../../daemon', '../../shared');
    return `${git('rev-parse', '--short', 'HEAD')}${changed === '' ? '' : ' and uncommitted changes'}`;
  } catch {
    return 'unknown';
  }
}

function sqliteVersion(): string {
  const file = new URL('../../node_modules/better-sqlite3/package.json', import.meta.url);
  const { version } = JSON.parse(readFileSync(file, 'utf8'));
  return `by better-sqlite3 ${version}`;
}
