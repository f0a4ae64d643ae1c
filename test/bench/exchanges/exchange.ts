// What a client sends to a server and how it knows that an answer is whole: all that the load has to
// know of a protocol.

/** One connection. */
export interface Conversation {
  /** sent first, before any request */
  readonly opening?: string | Buffer;
  /** a request on behalf of the host with this number, from 0 */
  request(host: number): string | Buffer;
  /** how many answers are whole with this chunk */
  answers(chunk: Buffer): number;
}

export type Exchange = () => Conversation;

/** A host's address for servers that store what they are told; all have the same length. */
export function addressOf(host: number): string {
  const mixed = Math.imul(host + 1, 0x9e3779b1) >>> 0;
  const octet = (shift: number) => 100 + ((mixed >>> shift) % 156);
  return `10.${octet(16)}.${octet(8)}.${octet(0)}:${10_000 + (host % 50_000)}`;
}

export const addressLength = addressOf(0).length;

export function nodeIdOf(host: number): string {
  return `e58ed763-928c-4155-bee9-${host.toString(16).padStart(12, '0')}`;
}

/** The port of a host that registers from 127.0.0.1: of five digits, as most ports have. */
export function portOf(host: number): number {
  return 10_001 + (host % mostOfLoad);
}

/** Hosts that one address has ports for. */
export const mostOfLoad = 50_000;

/** Answers of a fixed length. */
export function countingBytes(bytes: number): (chunk: Buffer) => number {
  let received = 0;
  return (chunk) => {
    const before = Math.floor(received / bytes);
    received += chunk.length;
    return Math.floor(received / bytes) - before;
  };
}

/** Answers that each contain `mark` once, at their end; the first `skipped` are none. */
export function countingMarks(mark: string, skipped = 0): (chunk: Buffer) => number {
  const wanted = Buffer.from(mark);
  let tail: Buffer = Buffer.alloc(0);
  let toSkip = skipped;
  return (chunk) => {
    const seen = tail.length === 0 ? chunk : Buffer.concat([tail, chunk]);
    let found = 0;
    let end = 0;
    for (let at = seen.indexOf(wanted); at !== -1; at = seen.indexOf(wanted, end)) {
      end = at + wanted.length;
      if (toSkip > 0) toSkip--;
      else found++;
    }
    tail = seen.subarray(Math.max(end, seen.length - wanted.length + 1));
    return found;
  };
}
