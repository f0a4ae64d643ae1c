// Changes of an input: the classic ones of fuzzers (bits, bytes, numbers, pieces moved, doubled and cut), and words of
// the format, because no chance makes `since=`. Numbers are changed as digits too: most of our formats are text.

/** Bytes at which decoders decide differently. */
const telling = [0x00, 0x0a, 0x0d, 0x20, 0x2f, 0x3b, 0x3a, 0x3d, 0x5b, 0x7f, 0x80, 0xc0, 0xff];

const numbers = [
  '0',
  '-1',
  '1',
  '00',
  '255',
  '256',
  '65535',
  '65536',
  '4294967296',
  '1e9',
  '9'.repeat(17),
];

type Below = (limit: number) => number;
type Change = (
  bytes: Buffer,
  below: Below,
  others: readonly Buffer[],
  words: readonly string[],
) => Buffer;

const changes: readonly Change[] = [
  // A bit, a byte, and one that tells.
  (bytes, below) => set(bytes, below, (old) => old ^ (1 << below(8))),
  (bytes, below) => set(bytes, below, () => below(256)),
  (bytes, below) => set(bytes, below, () => pick(telling, below)),
  // One more, and one that counts one more or less.
  (bytes, below) => spliced(bytes, below(bytes.length + 1), 0, Buffer.of(pick(telling, below))),
  (bytes, below) => set(bytes, below, (old) => old + 1 - 2 * below(2)),
  // A piece away, doubled, repeated, moved.
  (bytes, below) => spliced(bytes, below(bytes.length + 1), 1 + below(16), Buffer.alloc(0)),
  (bytes, below) => bytes.subarray(0, below(bytes.length + 1)),
  (bytes, below) => {
    const at = below(bytes.length + 1);
    return spliced(bytes, at, 0, bytes.subarray(at, at + 1 + below(32)));
  },
  (bytes, below) => {
    const at = below(bytes.length + 1);
    const piece = bytes.subarray(at, at + 1 + below(8));
    return spliced(bytes, at, 0, Buffer.concat(Array.from({ length: 1 << below(9) }, () => piece)));
  },
  (bytes, below) => {
    const at = below(bytes.length + 1);
    const piece = bytes.subarray(at, at + 1 + below(32));
    return spliced(
      spliced(bytes, at, piece.length, Buffer.alloc(0)),
      below(bytes.length - piece.length + 1),
      0,
      piece,
    );
  },
  // Another input behind this one, and a piece of it within.
  (bytes, below, others) =>
    Buffer.concat([bytes.subarray(0, below(bytes.length + 1)), tail(pick(others, below), below)]),
  (bytes, below, others) => {
    const piece = tail(pick(others, below), below);
    return spliced(bytes, below(bytes.length + 1), below(16), piece.subarray(0, 1 + below(64)));
  },
  // A word of the format, in between or instead.
  (bytes, below, _others, words) =>
    spliced(bytes, below(bytes.length + 1), 0, Buffer.from(pick(words, below), 'latin1')),
  (bytes, below, _others, words) => {
    const word = Buffer.from(pick(words, below), 'latin1');
    return spliced(bytes, below(bytes.length + 1), word.length, word);
  },
  // Another number in the place of one.
  (bytes, below) => {
    const found = [...bytes.toString('latin1').matchAll(/\d+/g)];
    if (found.length === 0) return bytes;
    const { index, 0: digits } = pick(found, below);
    return spliced(bytes, index, digits.length, Buffer.from(pick(numbers, below)));
  },
];

/** `bytes` with one to eight random changes, of at most `most` bytes. */
export function mutated(
  bytes: Buffer,
  {
    below,
    others,
    words,
    most,
  }: { below: Below; others: readonly Buffer[]; words: readonly string[]; most: number },
): Buffer {
  let changed: Buffer = Buffer.from(bytes);
  for (let left = 1 << below(4); left > 0; left--)
    changed = pick(changes, below)(changed, below, others, words).subarray(0, most);
  return changed;
}

function pick<T>(list: readonly T[], below: Below): T {
  return list[below(list.length)] as T;
}

function tail(bytes: Buffer, below: Below): Buffer {
  return bytes.subarray(below(bytes.length + 1));
}

function spliced(bytes: Buffer, at: number, length: number, piece: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at + length)]);
}

function set(bytes: Buffer, below: Below, change: (old: number) => number): Buffer {
  const changed = Buffer.from(bytes);
  const at = below(Math.max(bytes.length, 1));
  if (at < changed.length) changed[at] = change(changed[at] as number);
  return changed;
}
