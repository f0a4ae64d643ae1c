// How many processes are worth their cost here (Threads): one that accepts connections pays for itself
// only where it has a core beside the main process. Cores are those that this process may use: affinity
// and the cgroup's quota count.
import { availableParallelism, cpus } from 'node:os';
import { cpuQuota } from './cpu-quota.ts';

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
