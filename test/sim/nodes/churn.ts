// Nodes that join, leave, crash and come back, each on its own, until it is stopped.
import type { Fleet } from '../fleet.ts';
import type { Internet } from './internet.ts';
import type { NodeTime } from './node-time.ts';
import { SimNode } from './sim-node.ts';

/** ms: all have joined for the first time by then. */
const arrivalMs = 180_000;

/** ms, on average: how long a node stays, and how long it is away. */
const staysMs = 30 * 60_000;
const awayMs = 6 * 60_000;

/** Longer than clocks of two servers may differ: a return is then later than the leave by any clock. */
const leastMs = 5_000;

const leaveShare = 0.5;

export class Churn {
  readonly nodes: SimNode[];
  readonly counts = { joins: 0, leaves: 0, crashes: 0 };
  private readonly time: NodeTime;
  private isOver = false;

  constructor(fleet: Fleet, internet: Internet, size: number) {
    this.time = internet.time;
    this.nodes = Array.from(
      { length: size },
      (_, at) => new SimNode(fleet, internet, `10.1.${at >> 6}.${(at & 63) + 1}:4000`),
    );
  }

  start(): void {
    for (const node of this.nodes)
      this.time.after(this.time.random() * arrivalMs, () => this.join(node));
  }

  /** Nobody comes or goes any more. */
  stop(): void {
    this.isOver = true;
  }

  living(): SimNode[] {
    return this.nodes.filter(({ state }) => state === 'lives');
  }

  private join(node: SimNode): void {
    if (this.isOver) return;
    this.counts.joins++;
    node.begin();
    this.later(staysMs, () => this.part(node));
  }

  private part(node: SimNode): void {
    if (this.isOver) return;
    if (this.time.random() < leaveShare) {
      this.counts.leaves++;
      node.leave();
    } else {
      this.counts.crashes++;
      node.crash();
    }
    // A good-bye takes 5 s at most.
    this.later(awayMs, () => this.join(node));
  }

  private later(averageMs: number, run: () => void): void {
    const { time } = this;
    time.after(2 * leastMs - averageMs * Math.log(1 - time.random()), run);
  }
}
