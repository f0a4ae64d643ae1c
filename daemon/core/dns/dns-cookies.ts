// DNS cookies (RFC 7873) in the form of RFC 9018: version, reserved, time, and a hash over those, the client's cookie
// and its IP. A cookie that comes back proves that its sender receives what is sent to its address.
import { isIpv4 } from '../../../shared/protocol/address.ts';
import { sipHash } from './sip-hash.ts';

const clientBytes = 8;
const serverBytes = 16;
const version = 1;

/** Where the time and the hash are. */
const timeAt = 12;
const hashAt = 16;

/** A cookie is good for an hour, and from a clock that is five minutes ahead; after half an hour it is renewed (RFC 9018 §4.3). */
const lifetimeSeconds = 3_600;
const aheadSeconds = 300;
const renewedAfterSeconds = 1_800;

/** Bytes of the secret. */
export const cookieSecretBytes = 16;

/** Makes and checks the cookies of one server; its processes share `secret`, of 16 bytes. */
export class DnsCookies {
  private readonly secret: Uint8Array;
  /** what is hashed: the beginning of a cookie, and the address behind it */
  private readonly hashed = { ipv4: new Uint8Array(hashAt + 4), ipv6: new Uint8Array(hashAt + 16) };

  constructor(secret: Uint8Array) {
    this.secret = secret;
  }

  /**
   * The client's cookie and a new server cookie. `cookie` begins with the client's; `ip`: the IP words of the asker;
   * `now`: ms of a clock that all
   * processes of the server share.
   */
  make(cookie: Uint8Array, ip: Uint32Array, now: number): Uint8Array {
    const made = new Uint8Array(clientBytes + serverBytes);
    made.set(cookie.subarray(0, clientBytes));
    made[clientBytes] = version;
    new DataView(made.buffer).setUint32(timeAt, Math.floor(now / 1_000) >>> 0);
    made.set(this.hash(made, ip), hashAt);
    return made;
  }

  /** Whether `cookie` is one that this server made for this client. */
  isValid(cookie: Uint8Array, ip: Uint32Array, now: number): boolean {
    if (cookie.length !== clientBytes + serverBytes || cookie[clientBytes] !== version)
      return false;
    const age = ageSeconds(cookie, now);
    if (age > lifetimeSeconds || age < -aheadSeconds) return false;
    const hash = this.hash(cookie, ip);
    let difference = 0;
    for (let i = 0; i < hash.length; i++)
      difference |= (hash[i] as number) ^ (cookie[hashAt + i] as number);
    return difference === 0;
  }

  /** A valid cookie as it is while it is young, or a new one. */
  renew(cookie: Uint8Array, ip: Uint32Array, now: number): Uint8Array {
    return ageSeconds(cookie, now) <= renewedAfterSeconds ? cookie : this.make(cookie, ip, now);
  }

  private hash(cookie: Uint8Array, ip: Uint32Array): Uint8Array {
    const isFour = isIpv4(ip, 0);
    const hashed = isFour ? this.hashed.ipv4 : this.hashed.ipv6;
    let at = 0;
    for (; at < hashAt; at++) hashed[at] = cookie[at] as number;
    for (let i = isFour ? 3 : 0; i < 4; i++) {
      const word = ip[i] as number;
      for (let shift = 24; shift >= 0; shift -= 8) hashed[at++] = word >>> shift;
    }
    return sipHash(this.secret, hashed);
  }
}

/** In serial arithmetic, so that it goes on in 2106. */
function ageSeconds(cookie: Uint8Array, now: number): number {
  let time = 0;
  for (let i = timeAt; i < hashAt; i++) time = (time << 8) | (cookie[i] as number);
  return (Math.floor(now / 1_000) - time) | 0;
}
