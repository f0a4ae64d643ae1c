// Servers that are not of this project: how each is started and what is asked of it. They listen on
// 127.0.0.1, keep their files in the folder they are given, and are found on PATH.
import { spawnSync } from 'node:child_process';
import type { ExchangeChoice } from '../exchanges/exchanges.ts';

/** `store`: a record is kept, the answer is short. `list`: besides, the answer has 50 others. */
export type Work = 'store' | 'list';

export interface Peer {
  name: string;
  program: string;
  /** `pattern` finds the version in what the program prints with `args`; null: it does not tell */
  version: { args: readonly string[]; pattern: RegExp } | null;
  /** when a record is on the disk, in comparison with the answer */
  stored: string;
  /** what it is asked, for each work that it can do */
  works: Partial<Record<Work, { exchange: ExchangeChoice; about: string }>>;
  /** one connection takes request after request */
  isKeptOpen: boolean;
  /** it compiles while it runs, so its first seconds cost more */
  compilesAsItRuns?: true;
  /** stores a host before anything is measured; null: it has them when it starts, or keeps none */
  fill: ExchangeChoice | null;
  /** the command that starts it; what it reads is written into `folder` */
  command(folder: string, port: number): Promise<string[]>;
}

/** Hosts that each server has before it is measured. */
export const peerHosts = 10_000;

/** The version of a peer's program; null when it is not on PATH. */
export function findVersion({ program, version }: Peer): string | null {
  if (spawnSync('sh', ['-c', 'command -v "$0"', program]).status !== 0) return null;
  const { pattern, args } = version ?? {};
  const said = args && spawnSync(program, args, { encoding: 'utf8' }).stdout;
  return pattern?.exec(said ?? '')?.[1] ?? 'of unknown version';
}
