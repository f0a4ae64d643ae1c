// The clocks of this machine, as the core is told the time.
import { wallNow } from '../../shared/wall-clock.ts';
import type { Clocks } from '../core/timing/timing.ts';

export function clocks(): Clocks {
  return { mono: performance.now(), wall: wallNow() };
}
