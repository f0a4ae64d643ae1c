// Addresses, `ip:port`, packed as five 32-bit words: the IP as IPv6 in network order (IPv4 in its mapped
// form ::ffff:a.b.c.d, RFC 4291 §2.5.5.2), then the port. A packed list of a million takes 20 MB, is
// compared and written to the wire without making strings. An IPv4 address and its mapped IPv6 form are
// the same address. The text form is RFC 5952, with IPv6 in brackets.
import { readDecimal } from './tokens.ts';

/** 32-bit words per packed address. */
export const addressWords = 5;

/** Characters of the longest address: `[8 groups of 4 digits and 7 colons]:65535`. */
export const maxAddressText = 47;
/** Bytes that `writeAddress` needs at most: it writes four for the last three digits. */
export const maxAddressBytes = maxAddressText + 1;

/** The third word of an IPv4 address; the first two are 0. */
export const mappedPrefix = 0xffff;
const space = 0x20;
const colon = 0x3a;
const dot = 0x2e;

/** The number of values of three digits. */
const thousand = 1_000;

/** For each number below a thousand its digits, the first one in the lowest byte, and how many in the highest. */
const digitsOf = digitTable(1);
/** The same with zeros in front, to three digits. */
const threeDigitsOf = digitTable(3);

/** In a plain loop, because every program waits for it when it starts. */
function digitTable(least: number): Uint32Array {
  const words = new Uint32Array(thousand);
  for (let value = 0; value < thousand; value++) {
    const text = String(value).padStart(least, '0');
    let word = text.length << 24;
    for (let i = 0; i < text.length; i++) word |= text.charCodeAt(i) << (8 * i);
    words[value] = word;
  }
  return words;
}

/** Packed addresses to read: the first `length` in `words`. */
export interface AddressBatch {
  readonly words: Uint32Array;
  readonly length: number;
  /** the same addresses as native `hosts` lines, if already encoded */
  readonly lines?: Uint8Array;
}

/** A growable list of packed addresses. */
export class AddressList implements AddressBatch {
  /** the first `length` × `addressWords` words are in use; the rest is spare capacity */
  words: Uint32Array;
  length = 0;

  constructor(capacity = 16) {
    this.words = new Uint32Array(capacity * addressWords);
  }

  /** Packs texts such as `10.0.0.1:4000`. @throws RangeError for a text that is not an address */
  static of(...texts: string[]): AddressList {
    const list = new AddressList(texts.length);
    for (const text of texts) {
      const words = parseAddress(text);
      if (words === null) throw new RangeError(`not an address: ${text}`);
      list.push(words, 0);
    }
    return list;
  }

  /** Appends the address packed at `words[at]`. */
  push(words: Uint32Array, at: number): void {
    const end = this.reserve();
    const to = this.words;
    // Unrolled: fifty addresses per request are copied here, and a loop would double the cost.
    to[end] = words[at] as number;
    to[end + 1] = words[at + 1] as number;
    to[end + 2] = words[at + 2] as number;
    to[end + 3] = words[at + 3] as number;
    to[end + 4] = words[at + 4] as number;
    this.length++;
  }

  /** Parses `bytes[start, end)` and appends the address; if malformed, returns false and appends nothing. */
  pushText(bytes: Uint8Array, start: number, end: number): boolean {
    const at = this.reserve();
    if (!readAddress(bytes, start, end, this.words, at)) return false;
    this.length++;
    return true;
  }

  /**
   * Parses the word that begins at `start` and ends at a space or at `end`, and appends the address.
   * Returns the index after the word; if malformed, returns -1 and appends nothing.
   */
  pushWord(bytes: Uint8Array, start: number, end: number): number {
    const at = this.reserve();
    const plainEnd = readPlain(bytes, start, this.words, at);
    if (plainEnd === end || (plainEnd !== -1 && plainEnd < end && bytes[plainEnd] === space)) {
      this.length++;
      return plainEnd;
    }
    const to = wordEnd(bytes, start, end);
    return this.pushText(bytes, start, to) ? to : -1;
  }

  /** The address at `index`, as text. */
  text(index: number): string {
    return formatAddress(this.words, index * addressWords);
  }

  /** All addresses, as texts. */
  toTexts(): string[] {
    return Array.from({ length: this.length }, (_, index) => this.text(index));
  }

  private reserve(): number {
    const end = this.length * addressWords;
    if (end === this.words.length) {
      const grown = new Uint32Array(Math.max(16 * addressWords, end * 2));
      grown.set(this.words);
      this.words = grown;
    }
    return end;
  }
}

/** The index after the word that begins at `start`: of the next space, or `end`. */
export function wordEnd(bytes: Uint8Array, start: number, end: number): number {
  let to = start;
  while (to < end && bytes[to] !== space) to++;
  return to;
}

/** Packs `ip:port`; null if the text is not an address. */
export function parseAddress(text: string): Uint32Array | null {
  const words = new Uint32Array(addressWords);
  if (text.length > maxAddressText) return null;
  const bytes = Buffer.from(text);
  return readAddress(bytes, 0, bytes.length, words, 0) ? words : null;
}

/** Packs an IP and a port; null if one of them is invalid. A zone (`fe80::1%eth0`) is dropped. */
export function packAddress(ip: string, port: number): Uint32Array | null {
  const words = new Uint32Array(addressWords);
  const zone = ip.indexOf('%');
  const bytes = Buffer.from(zone === -1 ? ip : ip.slice(0, zone));
  if (!readIp(bytes, 0, bytes.length, words, 0) || !isPort(port)) return null;
  words[4] = port;
  return words;
}

/** Whether `port` is a whole number from 1 to 65535. */
export function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= 65535;
}

/** Whether the address packed at `words[at]` is IPv4, which includes its mapped form. */
export function isIpv4(words: Uint32Array, at: number): boolean {
  return words[at] === 0 && words[at + 1] === 0 && words[at + 2] === mappedPrefix;
}

/** The address packed at `words[at]` as `ip:port`. */
export function formatAddress(words: Uint32Array, at: number): string {
  const length = writeAddress(words, at, scratchView, 0);
  return scratch.toString('latin1', 0, length);
}

/** The IP of the address packed at `words[at]`, without brackets. */
export function formatIp(words: Uint32Array, at: number): string {
  const text = formatAddress(words, at);
  const ip = text.slice(0, text.lastIndexOf(':'));
  return ip.startsWith('[') ? ip.slice(1, -1) : ip;
}

/** Writes the address at `offset` as text; returns the offset after it. A DataView stores four bytes at once. */
export function writeAddress(words: Uint32Array, at: number, out: DataView, offset: number) {
  let end: number;
  if (isIpv4(words, at)) {
    const ip = words[at + 3] as number;
    end = writeDigits(digitsOf[ip >>> 24] as number, out, offset);
    out.setUint8(end++, dot);
    end = writeDigits(digitsOf[(ip >>> 16) & 255] as number, out, end);
    out.setUint8(end++, dot);
    end = writeDigits(digitsOf[(ip >>> 8) & 255] as number, out, end);
    out.setUint8(end++, dot);
    end = writeDigits(digitsOf[ip & 255] as number, out, end);
  } else {
    out.setUint8(offset, 0x5b);
    end = writeIpv6(words, at, out, offset + 1);
    out.setUint8(end++, 0x5d);
  }
  out.setUint8(end++, colon);
  const port = words[at + 4] as number;
  if (port < thousand) return writeDigits(digitsOf[port] as number, out, end);
  const thousands = (port / thousand) | 0;
  end = writeDigits(digitsOf[thousands] as number, out, end);
  return writeDigits(threeDigitsOf[port - thousands * thousand] as number, out, end);
}

const scratch = Buffer.alloc(maxAddressBytes);
const scratchView = new DataView(scratch.buffer, scratch.byteOffset, scratch.length);

/** Writes a number of `digitsOf`: always four bytes, of which the surplus is overwritten by what follows. */
function writeDigits(digits: number, out: DataView, offset: number): number {
  out.setUint32(offset, digits, true);
  return offset + (digits >>> 24);
}

function group(words: Uint32Array, at: number, index: number): number {
  const word = words[at + (index >> 1)] as number;
  return index & 1 ? word & 0xffff : word >>> 16;
}

/** RFC 5952 §4: no leading zeros, the longest run of two or more zero groups as `::`. */
function writeIpv6(words: Uint32Array, at: number, out: DataView, offset: number): number {
  let runStart = -1;
  let runLength = 1;
  for (let i = 0; i < 8; i++) {
    let length = 0;
    while (i + length < 8 && group(words, at, i + length) === 0) length++;
    if (length > runLength) {
      runStart = i;
      runLength = length;
    }
    i += length;
  }
  let end = offset;
  for (let i = 0; i < 8; i++) {
    if (i === runStart) {
      out.setUint8(end++, colon);
      out.setUint8(end++, colon);
      i += runLength - 1;
      continue;
    }
    if (i > 0 && i !== runStart + runLength) out.setUint8(end++, colon);
    const digits = group(words, at, i).toString(16);
    for (let d = 0; d < digits.length; d++) out.setUint8(end++, digits.charCodeAt(d));
  }
  return end;
}

function readAddress(
  bytes: Uint8Array,
  start: number,
  end: number,
  words: Uint32Array,
  at: number,
): boolean {
  if (end - start > maxAddressText) return false;
  let separator = end - 1;
  while (separator > start && bytes[separator] !== colon) separator--;
  const bracketed = bytes[start] === 0x5b;
  const ipStart = bracketed ? start + 1 : start;
  const ipEnd = bracketed ? separator - 1 : separator;
  if (bracketed && bytes[ipEnd] !== 0x5d) return false;
  const port = readDecimal(bytes, separator + 1, end, 65535);
  if (port < 1) return false;
  const isIp = bracketed
    ? readIpv6(bytes, ipStart, ipEnd, words, at)
    : readIpv4(bytes, ipStart, ipEnd, words, at);
  words[at + 4] = port;
  return isIp;
}

/**
 * Reads IPv4 and a port in one pass, because a `have` list may have a hundred thousand of them. Returns
 * the index after them, or -1 for anything else, which then takes the slower way.
 */
function readPlain(bytes: Uint8Array, start: number, words: Uint32Array, at: number): number {
  let ip = 0;
  let i = start;
  for (let part = 0; part < 4; part++) {
    let octet = digitAt(bytes, i++);
    if (octet > 9) return -1;
    let digit = digitAt(bytes, i);
    if (digit <= 9) {
      if (octet === 0) return -1;
      octet = octet * 10 + digit;
      digit = digitAt(bytes, ++i);
      if (digit <= 9) {
        octet = octet * 10 + digit;
        i++;
      }
    }
    if (octet > 255 || bytes[i++] !== (part < 3 ? dot : colon)) return -1;
    ip = (ip << 8) | octet;
  }
  let port = digitAt(bytes, i++);
  if (port === 0 || port > 9) return -1;
  for (let digit = digitAt(bytes, i); digit <= 9 && port <= 65535; digit = digitAt(bytes, ++i))
    port = port * 10 + digit;
  if (port > 65535) return -1;
  words[at] = 0;
  words[at + 1] = 0;
  words[at + 2] = mappedPrefix;
  words[at + 3] = ip;
  words[at + 4] = port;
  return i;
}

/** The digit at `at`; more than 9 if there is none, also behind the last byte. */
function digitAt(bytes: Uint8Array, at: number): number {
  return at < bytes.length ? ((bytes[at] as number) - 0x30) >>> 0 : 10;
}

function readIp(bytes: Uint8Array, start: number, end: number, words: Uint32Array, at: number) {
  return bytes.indexOf(colon, start) === -1
    ? readIpv4(bytes, start, end, words, at)
    : readIpv6(bytes, start, end, words, at);
}

function readIpv4(
  bytes: Uint8Array,
  start: number,
  end: number,
  words: Uint32Array,
  at: number,
): boolean {
  let ip = 0;
  let from = start;
  for (let part = 0; part < 4; part++) {
    let to = from;
    while (to < end && bytes[to] !== dot) to++;
    if (part < 3 !== to < end) return false;
    const octet = readDecimal(bytes, from, to, 255);
    if (octet < 0) return false;
    ip = (ip << 8) | octet;
    from = to + 1;
  }
  words[at] = 0;
  words[at + 1] = 0;
  words[at + 2] = mappedPrefix;
  words[at + 3] = ip;
  return true;
}

/** Reads IPv6 (RFC 4291 §2.2), also with a dotted IPv4 tail. */
function readIpv6(
  bytes: Uint8Array,
  start: number,
  end: number,
  words: Uint32Array,
  at: number,
): boolean {
  let count = 0;
  let gap = -1;
  let i = start;
  // Each iteration expects a group at `i`, so a colon there is one too many.
  if (bytes[i] === colon && bytes[i + 1] === colon && i + 1 < end) {
    gap = 0;
    i += 2;
  }
  while (i < end) {
    let to = i;
    let dotted = false;
    while (to < end && bytes[to] !== colon) if (bytes[to++] === dot) dotted = true;
    if (dotted) {
      if (to !== end || count > 6 || !readIpv4(bytes, i, to, tail, 0)) return false;
      groups[count++] = (tail[3] as number) >>> 16;
      groups[count++] = (tail[3] as number) & 0xffff;
      break;
    }
    const value = readHex(bytes, i, to);
    if (value < 0 || count === 8) return false;
    groups[count++] = value;
    if (to === end) break;
    i = to + 1;
    if (bytes[i] === colon && i < end) {
      if (gap !== -1) return false;
      gap = count;
      i++;
    } else if (i === end) return false;
  }
  if (gap === -1 ? count !== 8 : count > 7) return false;
  if (gap !== -1) {
    groups.copyWithin(8 - (count - gap), gap, count);
    groups.fill(0, gap, 8 - (count - gap));
  }
  for (let w = 0; w < 4; w++)
    words[at + w] = ((groups[2 * w] as number) << 16) | (groups[2 * w + 1] as number);
  return true;
}

const groups = new Uint16Array(8);
const tail = new Uint32Array(addressWords);

function readHex(bytes: Uint8Array, start: number, end: number): number {
  if (end === start || end - start > 4) return -1;
  let value = 0;
  for (let i = start; i < end; i++) {
    const byte = bytes[i] as number;
    // Setting bit 5 makes a capital letter a small one.
    const digit = byte <= 0x39 ? byte - 0x30 : (byte | 0x20) - 0x61 + 10;
    if (digit < 0 || digit > 15 || (byte > 0x39 && digit < 10)) return -1;
    value = value * 16 + digit;
  }
  return value;
}
