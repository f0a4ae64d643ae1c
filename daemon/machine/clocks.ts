// The clocks of this machine, in the form that the core takes them.
import { wallNow } from '../../shared/wall-clock.ts';
import type { Clocks } from '../core/timing/timing.ts';

/** Now: `mono` in ms of the monotonic clock, `wall` in ms since 1970. */
export function clocks(): Clocks {
  return { mono: performance.now(), wall: wallNow() };
}
