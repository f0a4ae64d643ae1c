// How many processes are worth their cost here (Threads): one that accepts connections pays for itself
// only where it has a core beside the main process. Cores are those that this process may use: affinity
// and the cgroup's quota count.

import { readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path/posix';

export interface Cores {
  /** whole ones that this process may use, at least 1 */
  usable: number;
  /** for people, with the reason when the machine has more */
  text: string;
}

/** Instead of the number that is found: tests want workers on any machine. */
const forTests = 'DDNS_CORES';

/** What this process may use now. */
export function usableCores(env: NodeJS.ProcessEnv = process.env): Cores {
  const wanted = Number(env[forTests]);
  if (Number.isInteger(wanted) && wanted > 0) return { usable: wanted, text: say(wanted) };
  return judgeCores(cpus().length, availableParallelism(), cpuQuota());
}

/** `machine`: all; `allowed`: by affinity; `quota`: in cores, null for none. */
export function judgeCores(machine: number, allowed: number, quota: number | null): Cores {
  const byQuota = quota === null ? Number.POSITIVE_INFINITY : Math.max(1, Math.floor(quota));
  const usable = Math.min(allowed, byQuota);
  // Newer Nodes count the quota among what is allowed.
  const isQuota = quota !== null && byQuota <= allowed && byQuota < machine;
  if (isQuota)
    return { usable, text: `${say(usable)}: a CPU quota of ${round(quota)} of ${machine}` };
  if (allowed < machine)
    return { usable, text: `${say(usable)}: affinity to ${allowed} of ${machine}` };
  return { usable, text: say(usable) };
}

/** Processes that accept connections: 1 stands for the main process alone. */
export function processesFor(threads: number, { usable }: Cores): number {
  return Math.max(1, Math.min(threads, usable - 1));
}

/** Both numbers and why, as `12 configured, 1 running (2 cores)`. */
export function threadsText(threads: number, running: number, { text }: Cores): string {
  return `${threads} configured, ${running} running (${text})`;
}

function say(count: number): string {
  return count === 1 ? '1 core' : `${count} cores`;
}

function round(quota: number): number {
  return Math.round(quota * 100) / 100;
}

/** The text of a file; null: there is none. */
export type ReadText = (file: string) => string | null;

/** Where a hierarchy with the cpu controller is mounted, and this process's place in it. */
interface Place {
  mount: string;
  path: string;
  quotaIn: (folder: string) => number | null;
}

/**
 * The smallest quota of this process's cgroup and those above it, in cores; null: there is none.
 * `read` gets the files of /proc and /sys; another one is for tests.
 */
export function cpuQuota(read: ReadText = readText): number | null {
  const quotas: number[] = [];
  for (const { mount, path, quotaIn } of places(read))
    for (let folder = path; ; folder = join(folder, '..')) {
      const quota = quotaIn(join(mount, folder));
      if (quota !== null) quotas.push(quota);
      if (folder === '/') break;
    }
  return quotas.length === 0 ? null : Math.min(...quotas);
}

function places(read: ReadText): Place[] {
  const paths = new Map<string, string>();
  for (const line of (read('/proc/self/cgroup') ?? '').split('\n')) {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (controllers === undefined || path === undefined) continue;
    for (const controller of controllers.split(',')) paths.set(controller, path);
  }
  return (read('/proc/self/mountinfo') ?? '').split('\n').flatMap((line): Place[] => {
    const [before = '', after = ''] = line.split(' - ');
    const [, , , root = '/', mount = ''] = before.split(' ');
    const [type, , options = ''] = after.split(' ');
    const isFirst = type === 'cgroup' && options.split(',').includes('cpu');
    const path = type === 'cgroup2' ? paths.get('') : isFirst ? paths.get('cpu') : undefined;
    if (path === undefined) return [];
    const quotaIn = isFirst
      ? (folder: string) =>
          cores(read(join(folder, 'cpu.cfs_quota_us')), read(join(folder, 'cpu.cfs_period_us')))
      : (folder: string) => {
          const [quota, period] = (read(join(folder, 'cpu.max')) ?? '').trim().split(' ');
          return cores(quota ?? null, period ?? null);
        };
    return [{ mount, path: below(root, path), quotaIn }];
  });
}

/** A container sees its own part of the hierarchy as the mount's root, and may be told its whole path. */
function below(root: string, path: string): string {
  if (root === '/') return path;
  if (path === root || path.startsWith(`${root}/`)) return path.slice(root.length) || '/';
  return '/';
}

/** Both in µs; no quota is `max` in v2 and -1 in v1. */
function cores(quota: string | null, period: string | null): number | null {
  const share = Number(quota) / Number(period);
  return quota !== null && Number.isFinite(share) && share > 0 ? share : null;
}

function readText(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
