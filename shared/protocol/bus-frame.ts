// What name servers send each other over a bus that loses messages (PROTOCOL.md, "Fleet"): the announcement of a
// server, and the frames of links. Each is a line of words; the bytes that a link carries follow theirs.
import { formatAddress, parseAddress } from './address.ts';

/** Characters of a link's name and of a station's. */
export const linkDigits = 16;
export const stationDigits = 32;

/** A frame of a link. All but the first two and the last are numbered, from 1 in each direction. */
export type BusFrame =
  /** asks for a link; `link` is random */
  | { kind: 'open'; link: string }
  /** the link is open */
  | { kind: 'accept'; link: string }
  | { kind: 'data'; link: string; number: number; bytes: Uint8Array }
  /** the reader has taken so many bytes since the link was opened */
  | { kind: 'ack'; link: string; number: number; taken: number }
  /** nothing comes behind it */
  | { kind: 'end'; link: string; number: number }
  /** the link is unknown or broken */
  | { kind: 'close'; link: string };

/** Bytes of the longest line in front of data, with its end. */
export const maxFrameLine = 64;

/** What a server says to everybody: where it is reached, or that it stops. */
export type Announcement = { kind: 'here'; address: string } | { kind: 'leaving' };

const linkPattern = /^[0-9a-f]{16}$/;
const numberPattern = /^(0|[1-9]\d{0,14})$/;

/** The bytes of a frame. */
export function encodeFrame(frame: BusFrame): Uint8Array {
  const { kind, link } = frame;
  switch (frame.kind) {
    case 'data': {
      const line = Buffer.from(`${kind} ${link} ${frame.number}\n`, 'latin1');
      return Buffer.concat([line, frame.bytes]);
    }
    case 'ack':
      return Buffer.from(`${kind} ${link} ${frame.number} ${frame.taken}\n`, 'latin1');
    case 'end':
      return Buffer.from(`${kind} ${link} ${frame.number}\n`, 'latin1');
    default:
      return Buffer.from(`${kind} ${link}\n`, 'latin1');
  }
}

/** Decodes a frame; null if it is malformed. The bytes of data are those of `bytes`. */
export function decodeFrame(bytes: Uint8Array): BusFrame | null {
  const end = bytes.subarray(0, maxFrameLine).indexOf(10);
  if (end === -1) return null;
  const words = Buffer.from(bytes.buffer, bytes.byteOffset, end).toString('latin1').split(' ');
  const [kind, link = '', ...rest] = words;
  if (!linkPattern.test(link) || !rest.every((word) => numberPattern.test(word))) return null;
  const [number = Number.NaN, taken = Number.NaN] = rest.map(Number);
  const data = bytes.subarray(end + 1);
  if (kind === 'data') return rest.length === 1 ? { kind, link, number, bytes: data } : null;
  if (data.length > 0) return null;
  if (kind === 'ack') return rest.length === 2 ? { kind, link, number, taken } : null;
  if (kind === 'end') return rest.length === 1 ? { kind, link, number } : null;
  const isShort = kind === 'open' || kind === 'accept' || kind === 'close';
  return isShort && rest.length === 0 ? { kind, link } : null;
}

/** The bytes of an announcement. */
export function encodeAnnouncement(announcement: Announcement): Uint8Array {
  const words = announcement.kind === 'here' ? ['here', announcement.address] : ['leaving'];
  return Buffer.from(`${words.join(' ')}\n`, 'latin1');
}

/** Decodes an announcement; null if it is malformed. Words of newer name servers are ignored. */
export function decodeAnnouncement(bytes: Uint8Array): Announcement | null {
  const text = Buffer.from(bytes.subarray(0, 1_024)).toString('latin1');
  if (!text.endsWith('\n')) return null;
  const [kind, address = ''] = text.slice(0, -1).split(' ');
  if (kind === 'leaving') return { kind };
  const words = parseAddress(address);
  if (kind !== 'here' || words === null || formatAddress(words, 0) !== address) return null;
  return { kind, address };
}
