// What can be fuzzed: one decoder and what must be true of it, whatever it is given.

/** A decoder, and what must be true of it. */
export interface Target {
  /** as on the command line, and the name of its folder of inputs */
  name: string;
  /** valid inputs, from which mutations start */
  seeds: readonly Buffer[];
  /** words of the format */
  words: readonly string[];
  /** most bytes of an input; more bytes find little that is new and take time */
  mostBytes: number;
  /** Decodes `input` and throws if anything is not as it must be. The input may be changed. */
  run(input: Buffer): void | Promise<void>;
}

/** The longest time for one input, ms: a thousand times what most need, so that only a fault takes it. */
export const mostMs = 1_000;
