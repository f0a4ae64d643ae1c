// The node id of each row of the registry. Nearly every node id is a UUID in canonical lower case:
// it takes four words. Any other is kept as a string beside them.

const wordsPerId = 4;
const uuidLength = 36;
const dash = 0x2d;

const scratch = Buffer.alloc(uuidLength);

export class NodeIds {
  private readonly words: Uint32Array;
  private readonly texts = new Map<number, string>();
  private readonly parsed = new Uint32Array(wordsPerId);

  constructor(rows: number) {
    this.words = new Uint32Array(rows * wordsPerId);
  }

  get(row: number): string {
    return this.texts.get(row) ?? formatUuid(this.words, row * wordsPerId);
  }

  set(row: number, id: string): void {
    this.texts.delete(row);
    if (parseUuid(id, this.parsed)) this.words.set(this.parsed, row * wordsPerId);
    else this.texts.set(row, id);
  }

  /** Whether the row's id is a canonical UUID: hex digits and dashes, 36 of them. */
  isUuid(row: number): boolean {
    return !this.texts.has(row);
  }

  /** Writes the id in lower case at `out[offset]`; returns the offset after it. */
  writeLowerCase(row: number, out: Uint8Array, offset: number): number {
    const text = this.texts.get(row)?.toLowerCase();
    if (text === undefined) return writeUuid(this.words, row * wordsPerId, out, offset);
    for (let i = 0; i < text.length; i++) out[offset + i] = text.charCodeAt(i);
    return offset + text.length;
  }

  equals(row: number, id: string): boolean {
    const text = this.texts.get(row);
    if (text !== undefined) return text === id;
    if (!parseUuid(id, this.parsed)) return false;
    for (let i = 0; i < wordsPerId; i++)
      if (this.words[row * wordsPerId + i] !== this.parsed[i]) return false;
    return true;
  }

  /** Orders two rows as their texts would be ordered. */
  compare(a: number, b: number): number {
    if (this.texts.has(a) || this.texts.has(b)) {
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

function parseUuid(text: string, words: Uint32Array): boolean {
  if (text.length !== uuidLength) return false;
  let digits = 0;
  for (let i = 0; i < uuidLength; i++) {
    const code = text.charCodeAt(i);
    if (i === 8 || i === 13 || i === 18 || i === 23) {
      if (code !== dash) return false;
      continue;
    }
    const digit =
      code >= 0x30 && code <= 0x39 ? code - 0x30 : code >= 0x61 && code <= 0x66 ? code - 0x57 : -1;
    if (digit === -1) return false;
    words[digits >> 3] = ((words[digits >> 3] as number) << 4) | digit;
    digits++;
  }
  return true;
}

function formatUuid(words: Uint32Array, at: number): string {
  return scratch.toString('latin1', 0, writeUuid(words, at, scratch, 0));
}

const hexDigits = Buffer.from('0123456789abcdef', 'latin1');

function writeUuid(words: Uint32Array, at: number, out: Uint8Array, offset: number): number {
  let end = offset;
  for (let i = 0; i < wordsPerId; i++) {
    const word = words[at + i] as number;
    for (let shift = 28; shift >= 0; shift -= 4) {
      // The dashes stand before the 8th, 12th, 16th and 20th digit: whole or half words.
      if ((shift === 28 && (i === 1 || i === 2)) || (shift === 12 && (i === 1 || i === 2)))
        out[end++] = dash;
      out[end++] = hexDigits[(word >>> shift) & 15] as number;
    }
  }
  return end;
}
