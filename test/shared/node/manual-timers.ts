// Timers that a test winds by hand: what is due is asked for, and run, by name of its length.
import type { Timers } from '../../../shared/node/network.ts';
import { lookUntil } from '../../fixture/look-until.ts';

interface Due {
  ms: number;
  task: () => void;
}

export class ManualTimers implements Timers {
  readonly due = new Set<Due>();
  /** Pauses shorter than this run by themselves, at once; each is kept in `paused`. */
  private readonly longestPauseMs: number;
  readonly paused: number[] = [];
  /** What the time is: it passes with `elapse`, and with `pass`. */
  private clock = Date.UTC(2026, 0, 1);

  constructor(longestPauseMs = 0) {
    this.longestPauseMs = longestPauseMs;
  }

  after(ms: number, task: () => void): () => void {
    const due = { ms, task };
    this.due.add(due);
    if (ms < this.longestPauseMs) {
      this.paused.push(ms);
      setImmediate(() => this.run(due));
    }
    return () => this.due.delete(due);
  }

  now(): number {
    return this.clock;
  }

  /** Time passes without anything that is due being run. */
  pass(ms: number): void {
    this.clock += ms;
  }

  /** Always in the middle, so that what is jittered has its plain length. */
  random(): number {
    return 0.5;
  }

  /** Runs the task that waits for `ms`; throws when there is none. */
  elapse(ms: number): void {
    const due = [...this.due].find((candidate) => candidate.ms === ms);
    if (due === undefined) throw new Error(`nothing waits for ${ms} ms`);
    this.clock += ms;
    this.run(due);
  }

  /** The same as soon as something waits for it: what happens before runs on real sockets. */
  async elapseOnceDue(ms: number): Promise<void> {
    await lookUntil(
      () => [...this.due].map((each) => each.ms),
      (due) => due.includes(ms),
    );
    this.elapse(ms);
  }

  private run(due: Due): void {
    if (this.due.delete(due)) due.task();
  }
}
