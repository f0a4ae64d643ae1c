// How the programs end, for scripts and service managers; the numbers are those of sysexits.h
// where it has one.
export const exitCodes = {
  ok: 0,
  /** anything that is not below */
  failed: 1,
  /** the command line is wrong */
  usage: 2,
  /** no daemon to attach to (EX_UNAVAILABLE) */
  unreachable: 69,
  /** a configuration file is missing or has mistakes (EX_CONFIG): starting again will not help */
  configuration: 78,
} as const;
