// The clocks of this machine, as the core is told the time.
import type { Clocks } from './core/self-preservation.ts';

export function clocks(): Clocks {
  return { mono: performance.now(), wall: Date.now() };
}
