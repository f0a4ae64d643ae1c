// The share of the machine's cores that the cgroup of this process may use (cgroup v1 and v2), as
// containers and systemd's CPUQuota set it. A process under a quota of one core is stopped for the rest of
// each period however many cores the machine has.
import { readFileSync } from 'node:fs';
import { join } from 'node:path/posix';

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
