// Time and chance, as the node's engine uses them: handed in, so that a test runs hours of retries
// and refreshes at once and the same way each time.

export interface Timers {
  /** Milliseconds since 1970 on a clock that never goes back while the process runs. */
  now(): number;
  /** Runs `task` once after `ms`; returns what cancels it. */
  after(ms: number, task: () => void): () => void;
  /** A number in [0, 1). */
  random(): number;
}

export const systemTimers: Timers = {
  now: () => Math.round(performance.timeOrigin + performance.now()),
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
