// The column of node ids. A UUID in canonical lower case, which nearly every node id is, takes four words; any other
// id is a string in a map.

/** Words of a packed UUID. */
export const wordsPerId = 4;
const uuidLength = 36;
const digitsPerWord = 8;
const dash = 0x2d;

/** Where a UUID has its dashes. */
const dashes = [8, 13, 18, 23];

const scratch = Buffer.alloc(uuidLength);

/** The node id of each row. */
export class NodeIds {
  private readonly words: Uint32Array;
  private readonly texts = new Map<number, string>();
  private readonly parsed = new Uint32Array(wordsPerId);
  /** the text of `parsed`: a request has its id compared more than once */
  private parsedText = '';

  constructor(rows: number) {
    this.words = new Uint32Array(rows * wordsPerId);
  }

  /** The row's id as text. */
  get(row: number): string {
    return this.texts.get(row) ?? formatUuid(this.words, row * wordsPerId);
  }

  /** The row's id as it is kept: four words (a view, not a copy) of a canonical UUID, or the text. */
  packed(row: number): string | Uint32Array {
    if (!this.isUuid(row)) return this.get(row);
    return this.words.subarray(row * wordsPerId, (row + 1) * wordsPerId);
  }

  /** Sets the row's id, given as text or as `packed` returns it. */
  set(row: number, id: string | Uint32Array): void {
    if (this.texts.size > 0) this.texts.delete(row);
    if (typeof id !== 'string') this.copy(row, id);
    else if (this.parse(id)) this.copy(row, this.parsed);
    else this.texts.set(row, id);
  }

  /** Parses a canonical UUID into `parsed`. */
  private parse(id: string): boolean {
    if (id === this.parsedText) return true;
    const isUuid = parseUuid(id, this.parsed);
    this.parsedText = isUuid ? id : '';
    return isUuid;
  }

  private copy(row: number, words: Uint32Array): void {
    for (let i = 0; i < wordsPerId; i++) this.words[row * wordsPerId + i] = words[i] as number;
  }

  /** Whether the row's id is a canonical UUID: 36 characters, lower-case hex digits and dashes. */
  isUuid(row: number): boolean {
    return this.texts.size === 0 || !this.texts.has(row);
  }

  /** Writes the id in lower case at `out[offset]`; returns the offset after it. */
  writeLowerCase(row: number, out: Uint8Array, offset: number): number {
    if (this.isUuid(row)) return writeUuid(this.words, row * wordsPerId, out, offset);
    const text = this.get(row).toLowerCase();
    for (let i = 0; i < text.length; i++) out[offset + i] = text.charCodeAt(i);
    return offset + text.length;
  }

  /** Whether the row's id is `id`. */
  equals(row: number, id: string): boolean {
    if (!this.isUuid(row)) return this.get(row) === id;
    if (!this.parse(id)) return false;
    for (let i = 0; i < wordsPerId; i++)
      if (this.words[row * wordsPerId + i] !== this.parsed[i]) return false;
    return true;
  }

  /** Whether the row's id, a canonical UUID, passes a test of its four words. */
  has(row: number, search: (words: Uint32Array, at: number) => boolean): boolean {
    return search(this.words, row * wordsPerId);
  }

  /** The sort key of the row's id: see `nodeIdKey`. */
  key(row: number): number {
    if (this.isUuid(row)) return uuidKey(this.words[row * wordsPerId] as number);
    return nodeIdKey(this.get(row));
  }

  /** Orders two rows by their ids as text: negative if that of `a` comes first. */
  compare(a: number, b: number): number {
    if (!this.isUuid(a) || !this.isUuid(b)) {
      const left = this.get(a);
      const right = this.get(b);
      return left < right ? -1 : left > right ? 1 : 0;
    }
    for (let i = 0; i < wordsPerId; i++) {
      const difference =
        (this.words[a * wordsPerId + i] as number) - (this.words[b * wordsPerId + i] as number);
      if (difference !== 0) return difference;
    }
    return 0;
  }
}

const keyLength = 4;

/**
 * A sort key: the first four characters, which are ASCII, as one number. A larger key means a later id in text
 * order.
 */
export function nodeIdKey(id: string): number {
  let key = 0;
  for (let i = 0; i < keyLength; i++) key = key * 256 + (i < id.length ? id.charCodeAt(i) : 0);
  return key;
}

/** `nodeIdKey` of a UUID whose first eight digits are `word`. */
function uuidKey(word: number): number {
  const first = hexPairs[word >>> 24] as number;
  const second = hexPairs[(word >>> 16) & 255] as number;
  return first * 65_536 + second;
}

/** The value of each lower-case hex digit by its character code; -1 for any other byte. */
const hexDigits = Int8Array.from({ length: 256 }, (_, code) =>
  '0123456789abcdef'.indexOf(String.fromCharCode(code)),
);

/** The id as `NodeIds` keeps it. */
export function packNodeId(id: string): string | Uint32Array {
  const words = new Uint32Array(wordsPerId);
  return parseUuid(id, words) ? words : id;
}

function parseUuid(text: string, words: Uint32Array): boolean {
  if (text.length !== uuidLength) return false;
  for (const at of dashes) if (text.charCodeAt(at) !== dash) return false;
  const halves = [0, 4, 9, 14, 19, 24, 28, 32];
  for (let word = 0; word < wordsPerId; word++) {
    const upper = parseHex(text, halves[2 * word] as number);
    const lower = parseHex(text, halves[2 * word + 1] as number);
    if ((upper | lower) < 0) return false;
    words[word] = (upper << 16) | lower;
  }
  return true;
}

/** The value of the four hex digits at `text[at]`; negative if one of them is no digit. */
function parseHex(text: string, at: number): number {
  const a = hexDigits[text.charCodeAt(at)] ?? -1;
  const b = hexDigits[text.charCodeAt(at + 1)] ?? -1;
  const c = hexDigits[text.charCodeAt(at + 2)] ?? -1;
  const d = hexDigits[text.charCodeAt(at + 3)] ?? -1;
  return (a << 12) | (b << 8) | (c << 4) | d;
}

/** The text of an id as `NodeIds.packed` returns it. */
export function nodeIdText(id: string | Uint32Array): string {
  return typeof id === 'string' ? id : formatUuid(id, 0);
}

/** Reads a canonical UUID at `bytes[start]` into four words. @returns the index after it; -1: there is none */
export function readUuid(bytes: Uint8Array, start: number, words: Uint32Array): number {
  for (const at of dashes) if (bytes[start + at] !== dash) return -1;
  let at = start;
  for (let word = 0; word < wordsPerId; word++) {
    let value = 0;
    for (let digits = 0; digits < digitsPerWord; digits++) {
      if (bytes[at] === dash) at++;
      const digit = hexDigits[bytes[at++] as number] ?? -1;
      if (digit < 0) return -1;
      value = (value << 4) | digit;
    }
    words[word] = value;
  }
  return at === start + uuidLength ? at : -1;
}

function formatUuid(words: Uint32Array, at: number): string {
  return scratch.toString('latin1', 0, writeUuid(words, at, scratch, 0));
}

/** The two hex digits of each byte as character codes, the first one in the upper half. */
const hexPairs = Uint16Array.from({ length: 256 }, (_, byte) => {
  const digits = byte.toString(16).padStart(2, '0');
  return (digits.charCodeAt(0) << 8) | digits.charCodeAt(1);
});

function writeUuid(words: Uint32Array, at: number, out: Uint8Array, offset: number): number {
  writeHex(words[at] as number, out, offset, offset + 4);
  out[offset + 8] = dash;
  writeHex(words[at + 1] as number, out, offset + 9, offset + 14);
  out[offset + 13] = dash;
  writeHex(words[at + 2] as number, out, offset + 19, offset + 24);
  out[offset + 18] = dash;
  out[offset + 23] = dash;
  writeHex(words[at + 3] as number, out, offset + 28, offset + 32);
  return offset + uuidLength;
}

/** The upper half of `word` as four digits at `out[upper]`, the lower half at `out[lower]`. */
function writeHex(word: number, out: Uint8Array, upper: number, lower: number): void {
  const first = hexPairs[word >>> 24] as number;
  const second = hexPairs[(word >>> 16) & 255] as number;
  const third = hexPairs[(word >>> 8) & 255] as number;
  const fourth = hexPairs[word & 255] as number;
  out[upper] = first >>> 8;
  out[upper + 1] = first & 255;
  out[upper + 2] = second >>> 8;
  out[upper + 3] = second & 255;
  out[lower] = third >>> 8;
  out[lower + 1] = third & 255;
  out[lower + 2] = fourth >>> 8;
  out[lower + 3] = fourth & 255;
}
