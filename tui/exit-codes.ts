// What the console's exit codes mean; the numbers above 63 are those of sysexits.h.
export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  /** EX_UNAVAILABLE: no daemon answers */
  unreachable: 69,
  /** EX_CONFIG */
  configuration: 78,
} as const;
