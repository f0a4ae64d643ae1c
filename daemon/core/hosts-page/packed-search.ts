// Searches text in packed addresses and node ids without formatting them, so that a filter over a million
// hosts takes a fraction of a second. An IPv4 address is five numbers: which values of each contain their part of the
// text is found out once and kept in a table. A canonical UUID is four words of eight hex digits: all places of
// a digit in a word are found at once, by arithmetic on the word.

/** Whether the packed value at `words[at]` contains the text of a search. */
export type PackedSearch = (words: Uint32Array, at: number) => boolean;

/** Fields of an IPv4 address: four octets and the port. */
const fields = 5;
const octets = 256;
const ports = 65_536;

/** In a table: the value contains its part of the text, or does not. Zero: not looked at yet. */
const has = 1;
const lacks = 2;

type Part = (field: string) => boolean;

/**
 * A search for `text` in IPv4 addresses with their ports (`1.2.3.4:80`), packed as shared/protocol/address.ts does;
 * null when no such address can contain it.
 */
export function createIpv4Search(text: string): PackedSearch | null {
  if (!/^[0-9.:]+$/.test(text)) return null;
  const separators = text.match(/[.:]/g) ?? [];
  const starts = fieldStarts(separators);
  const parts = text.split(/[.:]/).map(partOf);
  // One table of octets behind another.
  const inOctet = new Uint8Array(parts.length * octets);
  parts.forEach((part, index) => {
    for (let octet = 0; octet < octets; octet++)
      if (part(String(octet))) inOctet[index * octets + octet] = 1;
  });
  const last = parts.length - 1;
  // The port is the last field, so only the last part of the text can be in it.
  const inPort = createTable(ports, parts[last] as Part);
  return (words, at) => {
    const ip = words[at + 3] as number;
    for (const start of starts) {
      // Octets that the parts from the first one on are in, then the port for a part that is left.
      const end = start + last;
      let field = start;
      while (field <= end && field < fields - 1) {
        const octet = (ip >>> (24 - 8 * field)) & 255;
        if (inOctet[(field - start) * octets + octet] === 0) break;
        field++;
      }
      if (field > end || (field === fields - 1 && inPort(words[at + 4] as number))) return true;
    }
    return false;
  };
}

/** The fields at which the first part may stand, so that every separator is where an address has it. */
function fieldStarts(separators: readonly string[]): number[] {
  const starts = Array.from({ length: fields }, (_, start) => start);
  return starts.filter(
    (start) =>
      start + separators.length < fields &&
      separators.every((separator, i) => separator === (start + i === fields - 2 ? ':' : '.')),
  );
}

/** Whether a field contains part `index`: the first part is the end of its field, the last one the beginning. */
function partOf(text: string, index: number, { length }: readonly string[]): Part {
  const isFirst = index === 0;
  const isLast = index === length - 1;
  if (isFirst && isLast) return (field) => field.includes(text);
  if (isFirst) return (field) => field.endsWith(text);
  return isLast ? (field) => field.startsWith(text) : (field) => field === text;
}

type Table = (value: number) => boolean;

/** Formats and tests each value once, when it is first looked up. */
function createTable(values: number, part: Part): Table {
  const known = new Uint8Array(values);
  return (value) => {
    if (known[value] === 0) known[value] = part(String(value)) ? has : lacks;
    return known[value] === has;
  };
}

/** The lowest bit of each of a word's digits. */
const lowestBits = 0x11111111;
const digitsInWord = 8;
/** The end of each group of a UUID, in digits; a run of digits does not continue across a dash. */
const groupEnds = [8, 12, 16, 20, 32];
const longestGroup = 12;

/** A search for `text`, lower case, in canonical UUIDs of four words; null when it is not a run of hex digits. */
export function createUuidSearch(text: string): PackedSearch | null {
  if (!/^[0-9a-f]+$/.test(text)) return null;
  const { length } = text;
  if (length > longestGroup) return () => false;
  const patterns = Int32Array.from(text, (digit) => Number.parseInt(digit, 16) * lowestBits);
  const [start0 = 0, start1 = 0, start2 = 0, start3 = 0] = digitStarts(length);
  return (words, at) => {
    const word0 = words[at] as number;
    const word1 = words[at + 1] as number;
    const word2 = words[at + 2] as number;
    const word3 = words[at + 3] as number;
    // A set bit is a digit at which everything compared so far begins.
    let found0 = start0;
    let found1 = start1;
    let found2 = start2;
    let found3 = start3;
    for (let i = 0; i < length; i++) {
      const pattern = patterns[i] as number;
      const in0 = places(word0, pattern);
      const in1 = places(word1, pattern);
      const in2 = places(word2, pattern);
      const in3 = places(word3, pattern);
      // Digit `i` of the text stands `i` digits behind the beginning.
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

/** The lowest bit of each digit of `word` that equals the digit that `pattern` repeats eight times. */
function places(word: number, pattern: number): number {
  const differing = word ^ pattern;
  const folded = differing | (differing >>> 2);
  return ~(folded | (folded >>> 1)) & lowestBits;
}

/** The upper word of the pair (`left`, `right`) after shifting it left by `bits`, 0 to 31. */
function shifted(left: number, right: number, bits: number): number {
  // Two shifts, because a shift by 32 is none.
  return (left << bits) | ((right >>> 1) >>> (31 - bits));
}

/** For each word the digits at which a run of `length` digits may begin without leaving its group. */
function digitStarts(length: number): number[] {
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
