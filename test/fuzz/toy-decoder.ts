// A decoder with a fault behind four bytes, each of which is looked at only if the one before is right: chance alone
// meets it once in four thousand million inputs.

/** @throws Error for an input that begins with `fuzz` */
export function decodeToy(input: Uint8Array): number {
  let right = 0;
  if (input[0] === 0x66) {
    right = 1;
    if (input[1] === 0x75) {
      right = 2;
      if (input[2] === 0x7a) {
        right = 3;
        if (input[3] === 0x7a) throw new Error('the planted fault');
      }
    }
  }
  return right;
}
