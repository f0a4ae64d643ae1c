// Virtual time for the node's engine, which awaits: after everything that reaches a node, what it
// awaited runs to its end before anything else happens. So promises take no time, and their order,
// like that of everything else, follows from the seed.
import type { Timers } from '../../../shared/node/network.ts';
import { wallAt } from '../clock.ts';
import type { World } from '../world.ts';

export class NodeTime implements Timers {
  readonly world: World;
  /** something reached a node, and what it awaits has not run yet */
  private isAwaited = false;

  constructor(world: World) {
    this.world = world;
  }

  now(): number {
    return Math.round(wallAt(this.world.now));
  }

  random(): number {
    return this.world.random();
  }

  after(ms: number, task: () => void): () => void {
    let isDue = true;
    this.world.after(ms, () => {
      if (!isDue) return;
      this.isAwaited = true;
      task();
    });
    return () => {
      isDue = false;
    };
  }

  /** Lets everything happen that is due in the next `ms`. */
  async run(ms: number): Promise<void> {
    const end = this.world.now + ms;
    await settled();
    while (this.world.step(end)) {
      if (!this.isAwaited) continue;
      this.isAwaited = false;
      await settled();
    }
  }
}

/** An immediate runs when no promise has anything left to do. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
