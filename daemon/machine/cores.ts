// How many processes accept connections (Threads): a worker pays for itself only with a core of its own beside the
// main process. Usable cores are limited by CPU affinity and by the CPU quota of the cgroup.

import { readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path/posix';

/** The cores that this process may use. */
export interface Cores {
  /** whole cores, at least 1 */
  usable: number;
  /** for operators, with the reason when the machine has more */
  text: string;
}

/** Environment variable that overrides the number of cores: tests need workers on any machine. */
const forTests = 'DDNS_CORES';

/** The cores that this process may use now. */
export function usableCores(env: NodeJS.ProcessEnv = process.env): Cores {
  const wanted = Number(env[forTests]);
  if (Number.isInteger(wanted) && wanted > 0) return { usable: wanted, text: say(wanted) };
  return judgeCores(cpus().length, availableParallelism(), cpuQuota());
}

/** Usable cores of a machine with `machine` cores, `allowed` by affinity, and a `quota` in cores (null: none). */
export function judgeCores(machine: number, allowed: number, quota: number | null): Cores {
  const byQuota = quota === null ? Number.POSITIVE_INFINITY : Math.max(1, Math.floor(quota));
  const usable = Math.min(allowed, byQuota);
  // Newer Node versions include the quota in `allowed`.
  const isQuota = quota !== null && byQuota <= allowed && byQuota < machine;
  if (isQuota)
    return { usable, text: `${say(usable)}: a CPU quota of ${round(quota)} of ${machine}` };
  if (allowed < machine)
    return { usable, text: `${say(usable)}: affinity to ${allowed} of ${machine}` };
  return { usable, text: say(usable) };
}

/** Processes that accept connections; 1: the main process alone, without workers. */
export function processesFor(threads: number, { usable }: Cores): number {
  return Math.max(1, Math.min(threads, usable - 1));
}

/** `12 configured, 1 running (2 cores)`. */
export function threadsText(threads: number, running: number, { text }: Cores): string {
  return `${threads} configured, ${running} running (${text})`;
}

function say(count: number): string {
  return count === 1 ? '1 core' : `${count} cores`;
}

function round(quota: number): number {
  return Math.round(quota * 100) / 100;
}

/** Returns the text of a file; null: it cannot be read. */
export type ReadText = (file: string) => string | null;

/** A mounted cgroup hierarchy with the cpu controller, and the cgroup of this process in it. */
interface Place {
  mount: string;
  path: string;
  quotaIn: (folder: string) => number | null;
}

/**
 * The smallest CPU quota, in cores, of this process's cgroup and the ones above it; null: none (cgroups(7)).
 * `read` reads the files of /proc and /sys.
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

/** Makes `path` relative to the root of the mount, which in a container may be its own cgroup. */
function below(root: string, path: string): string {
  if (root === '/') return path;
  if (path === root || path.startsWith(`${root}/`)) return path.slice(root.length) || '/';
  return '/';
}

/** Cores from quota and period in µs; without a quota, v2 has `max` and v1 has -1. */
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
