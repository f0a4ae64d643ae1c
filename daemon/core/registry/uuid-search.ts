// Finds a run of hex digits in canonical UUIDs that are kept as four words, without writing them out: all
// places of a digit in a word are found at once, by arithmetic on the eight digits of a word.

/** Of each digit of a word, its lowest bit. */
const lowestBits = 0x11111111;
const digitsInWord = 8;
/** Where each group of digits ends, counted in digits: no run goes on across a dash. */
const groupEnds = [8, 12, 16, 20, 32];
const longestGroup = 12;

/** Whether a UUID, four words at `words[at]`, has the digits of a search. */
export type UuidSearch = (words: Uint32Array, at: number) => boolean;

/** The search for `text` in lower case; null when it is not a run of hex digits. */
export function createUuidSearch(text: string): UuidSearch | null {
  if (!/^[0-9a-f]+$/.test(text)) return null;
  const { length } = text;
  if (length > longestGroup) return () => false;
  const patterns = Int32Array.from(text, (digit) => Number.parseInt(digit, 16) * lowestBits);
  const starts = startsOf(length);
  const [start0 = 0, start1 = 0, start2 = 0, start3 = 0] = starts;
  return (words, at) => {
    // A bit stands for a digit with which what was compared so far begins.
    let found0 = start0;
    let found1 = start1;
    let found2 = start2;
    let found3 = start3;
    for (let i = 0; i < length; i++) {
      const pattern = patterns[i] as number;
      const in0 = places(words[at] as number, pattern);
      const in1 = places(words[at + 1] as number, pattern);
      const in2 = places(words[at + 2] as number, pattern);
      const in3 = places(words[at + 3] as number, pattern);
      // The place of the digit number `i` is `i` digits behind the beginning.
      const shift = 4 * (i % digitsInWord);
      if (i < digitsInWord) {
        found0 &= shifted(in0, in1, shift);
        found1 &= shifted(in1, in2, shift);
        found2 &= shifted(in2, in3, shift);
        found3 &= shifted(in3, 0, shift);
      } else {
        found0 &= shifted(in1, in2, shift);
        found1 &= shifted(in2, in3, shift);
        found2 &= shifted(in3, 0, shift);
        found3 = 0;
      }
      if ((found0 | found1 | found2 | found3) === 0) return false;
    }
    return true;
  };
}

/** The digits of `word` that are the one of which `pattern` has eight, each as its lowest bit. */
function places(word: number, pattern: number): number {
  const differing = word ^ pattern;
  const folded = differing | (differing >>> 2);
  return ~(folded | (folded >>> 1)) & lowestBits;
}

/** `left`, and behind it `right`, both moved to the left by `bits` from 0 to 31: what stands in the place of `left`. */
function shifted(left: number, right: number, bits: number): number {
  // In two steps, since a shift by 32 would be none.
  return (left << bits) | ((right >>> 1) >>> (31 - bits));
}

/** For each word the digits from which a run of that length stays within its group. */
function startsOf(length: number): number[] {
  const starts = [0, 0, 0, 0];
  let from = 0;
  for (const end of groupEnds) {
    for (let digit = from; digit + length <= end; digit++) {
      const word = Math.floor(digit / digitsInWord);
      const bit = 4 * (digitsInWord - 1 - (digit % digitsInWord));
      starts[word] = (starts[word] as number) | (1 << bit);
    }
    from = end;
  }
  return starts;
}
