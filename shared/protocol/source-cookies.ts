// Cookies prove that a datagram comes from where it says: whoever repeats one has received what was sent to that
// address. They are not stored: each is a keyed hash of the address and the hour. A NAT may give the same node
// another port at any time, so the port is no part of it.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { encodeDatagramAnswer } from './datagram-reply.ts';

/** A cookie is valid in the hour in which it was made and in the next one, ms. */
const slotMs = 3_600_000;

/** Bytes of a cookie: 96 bits cannot be guessed in two hours. */
const cookieBytes = 12;

/** Bytes of a key: as many as the hash has. */
const keyBytes = 32;

/** A new key, for all processes of a server. It ends with them: after a restart everybody gets a new cookie. */
export function createCookieKey(): string {
  return randomBytes(keyBytes).toString('base64url');
}

/** Makes and checks cookies; the processes of a server share `key` and the clock. */
export class SourceCookies {
  private readonly key: Buffer;
  private readonly now: () => number;
  private readonly input = Buffer.alloc(24);

  /** `now`: monotonic milliseconds, the same in all processes */
  constructor(key: string, now: () => number) {
    this.key = Buffer.from(key, 'base64url');
    this.now = now;
  }

  /** The cookie for the IP address in the first four words of `ip`. */
  make(ip: Uint32Array): string {
    return this.hash(ip, this.slot).toString('base64url');
  }

  /**
   * The answer to a datagram that proves nothing: a cookie, for the request with `id`. Null: it would be longer than
   * `room` bytes, those of the datagram, whose source address may be a victim's.
   */
  challenge(ip: Uint32Array, id: string | null, room: number): Buffer | null {
    const answer = encodeDatagramAnswer({ kind: 'cookie', cookie: this.make(ip) }, id);
    return answer.length <= room ? answer : null;
  }

  isValid(cookie: string, ip: Uint32Array): boolean {
    const given = Buffer.from(cookie, 'base64url');
    if (given.length !== cookieBytes) return false;
    return [this.slot, this.slot - 1].some((slot) => timingSafeEqual(given, this.hash(ip, slot)));
  }

  private get slot(): number {
    return Math.floor(this.now() / slotMs);
  }

  private hash(ip: Uint32Array, slot: number): Buffer {
    for (let word = 0; word < 4; word++) this.input.writeUInt32BE(ip[word] as number, 4 * word);
    this.input.writeDoubleBE(slot, 16);
    return createHmac('sha256', this.key).update(this.input).digest().subarray(0, cookieBytes);
  }
}
