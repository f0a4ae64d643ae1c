// Whole numbers on the wire: decimal digits, no sign, no leading zero, so that every number has
// exactly one spelling. Read and written in bytes, without a string in between.

/** Digits that are read at most: more than any number of the protocol has, far below 2^53. */
const maxDigits = 9;

/** The number in `bytes[start, end)`, or -1 when it is no number or more than `max`. */
export function readDecimal(bytes: Uint8Array, start: number, end: number, max: number): number {
  const digits = end - start;
  if (digits < 1 || digits > maxDigits || (digits > 1 && bytes[start] === 0x30)) return -1;
  let value = 0;
  for (let i = start; i < end; i++) {
    const digit = (bytes[i] as number) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value <= max ? value : -1;
}

/** Writes `value` at `out[offset]`; returns the offset after it. */
export function writeDecimal(value: number, out: Uint8Array, offset: number): number {
  let digits = 1;
  for (let rest = value; rest >= 10; rest = (rest / 10) | 0) digits++;
  for (let i = offset + digits - 1, rest = value; i >= offset; i--, rest = (rest / 10) | 0)
    out[i] = 0x30 + (rest % 10);
  return offset + digits;
}
