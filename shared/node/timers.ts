// Time and chance, as the node's engine uses them: handed in, so that a test runs hours of retries
// and refreshes at once and the same way each time.
import { wallNow } from '../wall-clock.ts';

export interface Timers {
  /** Milliseconds since 1970 on a clock that never goes back while the process runs, and goes on while the machine sleeps. */
  now(): number;
  /** Runs `task` once after `ms`; returns what cancels it. */
  after(ms: number, task: () => void): () => void;
  /** A number in [0, 1). */
  random(): number;
}

/**
 * A clock that follows the wall clock forward but never back. The monotonic one stands still while the machine
 * sleeps: a list of days ago would be one of a moment ago, and its hosts still be vouched for. One that was set
 * forward makes hosts older than they are, and then they are pinged. Both clocks are in ms.
 */
export function clockThroughSleep(monotonic: () => number, wall: () => number): () => number {
  let before = monotonic();
  let latest = wall();
  return () => {
    const now = monotonic();
    latest = Math.max(latest + now - before, wall());
    before = now;
    return Math.round(latest);
  };
}

export const systemTimers: Timers = {
  now: clockThroughSleep(() => performance.now(), wallNow),
  after(ms, task) {
    const timer = setTimeout(task, ms);
    return () => clearTimeout(timer);
  },
  random: Math.random,
};

/** `ms` ± `share`, so that nodes that started together do not come back together. */
export function jittered(ms: number, share: number, timers: Timers): number {
  return Math.round(ms * (1 - share + 2 * share * timers.random()));
}

/** Resolves after `ms`, or at once when `signal` aborts. */
export function pause(ms: number, timers: Timers, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      cancel();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const cancel = timers.after(ms, done);
    signal.addEventListener('abort', done);
  });
}
