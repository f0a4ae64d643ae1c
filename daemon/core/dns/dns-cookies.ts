// DNS cookies (RFC 7873) in the form of RFC 9018: version, reserved, time, and a hash over those, the client's cookie
// and its IP. A cookie that comes back proves that its sender receives what is sent to its address.
import { isIpv4 } from '../../../shared/protocol/address.ts';
import { sipHash } from './sip-hash.ts';
import { ipBytes } from './zone-snapshot.ts';

const clientBytes = 8;
const serverBytes = 16;
const version = 1;

/** A cookie is good for an hour, and from a clock that is five minutes ahead (RFC 9018 §4.3). */
const lifetimeSeconds = 3_600;
const aheadSeconds = 300;

/** Bytes of the secret. */
export const cookieSecretBytes = 16;

/** Makes and checks the cookies of one server; its processes share `secret`, of 16 bytes. */
export class DnsCookies {
  private readonly secret: Uint8Array;

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
    new DataView(made.buffer).setUint32(12, Math.floor(now / 1_000) >>> 0);
    made.set(this.hash(made, ip), 16);
    return made;
  }

  /** Whether `cookie` is one that this server made for this client. */
  isValid(cookie: Uint8Array, ip: Uint32Array, now: number): boolean {
    if (cookie.length !== clientBytes + serverBytes || cookie[clientBytes] !== version)
      return false;
    const time = new DataView(cookie.buffer, cookie.byteOffset).getUint32(12);
    // Serial arithmetic, so that it goes on in 2106.
    const age = ((Math.floor(now / 1_000) >>> 0) - time) | 0;
    if (age > lifetimeSeconds || age < -aheadSeconds) return false;
    const hash = this.hash(cookie, ip);
    let difference = 0;
    for (const [index, byte] of hash.entries()) difference |= byte ^ (cookie[16 + index] as number);
    return difference === 0;
  }

  private hash(cookie: Uint8Array, ip: Uint32Array): Uint8Array {
    const address = ipBytes(ip, 0);
    const hashed = new Uint8Array(16 + (isIpv4(ip, 0) ? 4 : 16));
    hashed.set(cookie.subarray(0, 16));
    hashed.set(address, 16);
    return sipHash(this.secret, hashed);
  }
}
