// The two clocks that everything here is told the time by.

/** `mono` never jumps and may stand still while the machine sleeps; `wall` is ms since 1970. */
export interface Clocks {
  mono: number;
  wall: number;
}
