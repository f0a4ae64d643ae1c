// One core for the server, another for the load: what the load does then slows no server, and the
// server's caches stay its own. Without taskset, or on one core, the system decides.
import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

const loadCore = 0;
const serverCore = 1;

/** Counted before `pin`: afterwards this process has its own core only. */
const cores = availableParallelism();
let isPinned = false;

/** Pins this process, and so the loads that it starts, to their core. False: not possible here. */
export function pin(): boolean {
  if (cores < 2) return false;
  try {
    const threads = ['-acp', String(loadCore), String(process.pid)];
    execFileSync('taskset', threads, { stdio: 'ignore' });
    isPinned = true;
  } catch {
    // No taskset, or not allowed.
  }
  return isPinned;
}

/** A server's command on the server's core; on every core when it has several processes. */
export function placed(command: readonly string[], isSpread = false): string[] {
  if (!isPinned) return [...command];
  return ['taskset', '-c', isSpread ? `0-${cores - 1}` : String(serverCore), ...command];
}
