// SipHash-2-4 (Aumasson and Bernstein, 2012; reference code in the public domain), which RFC 9018 prescribes for DNS
// cookies. Each 64-bit word of the state is two 32-bit numbers, of which `h` is the upper one; they are variables and
// not arrays, because every query with a cookie is hashed: this takes half a microsecond.

/** The 64-bit hash of `bytes` under a key of 16 bytes, in little-endian order, as RFC 9018 writes it. */
export function sipHash(key: Uint8Array, bytes: Uint8Array): Uint8Array {
  const k0 = word(key, 0);
  const k0h = word(key, 4);
  const k1 = word(key, 8);
  const k1h = word(key, 12);
  let v0 = k0 ^ 0x70736575;
  let v0h = k0h ^ 0x736f6d65;
  let v1 = k1 ^ 0x6e646f6d;
  let v1h = k1h ^ 0x646f7261;
  let v2 = k0 ^ 0x6e657261;
  let v2h = k0h ^ 0x6c796765;
  let v3 = k1 ^ 0x79746573;
  let v3h = k1h ^ 0x74656462;
  const end = bytes.length & ~7;
  const last = new Uint8Array(8);
  for (let i = end; i < bytes.length; i++) last[i - end] = bytes[i] as number;
  last[7] = bytes.length;
  // Each block, then the rest with the length, then the finish.
  for (let at = 0; at <= end + 8; at += 8) {
    const isFinish = at > end;
    const from = at === end ? last : bytes;
    const m = isFinish ? 0 : word(from, at === end ? 0 : at);
    const mh = isFinish ? 0 : word(from, at === end ? 4 : at + 4);
    if (isFinish) v2 ^= 0xff;
    v3 ^= m;
    v3h ^= mh;
    for (let round = isFinish ? 4 : 2; round > 0; round--) {
      v0 = (v0 + v1) | 0;
      v0h = (v0h + v1h + carry(v0, v1)) | 0;
      v2 = (v2 + v3) | 0;
      v2h = (v2h + v3h + carry(v2, v3)) | 0;
      // v1 rotates by 13, v3 by 16, v0 by 32.
      let low = (v1 << 13) | (v1h >>> 19);
      v1h = ((v1h << 13) | (v1 >>> 19)) ^ v0h;
      v1 = low ^ v0;
      low = (v3 << 16) | (v3h >>> 16);
      v3h = ((v3h << 16) | (v3 >>> 16)) ^ v2h;
      v3 = low ^ v2;
      low = v0;
      v0 = v0h;
      v0h = low;
      v2 = (v2 + v1) | 0;
      v2h = (v2h + v1h + carry(v2, v1)) | 0;
      v0 = (v0 + v3) | 0;
      v0h = (v0h + v3h + carry(v0, v3)) | 0;
      // v1 rotates by 17, v3 by 21, v2 by 32.
      low = (v1 << 17) | (v1h >>> 15);
      v1h = ((v1h << 17) | (v1 >>> 15)) ^ v2h;
      v1 = low ^ v2;
      low = (v3 << 21) | (v3h >>> 11);
      v3h = ((v3h << 21) | (v3 >>> 11)) ^ v0h;
      v3 = low ^ v0;
      low = v2;
      v2 = v2h;
      v2h = low;
    }
    v0 ^= m;
    v0h ^= mh;
  }
  const low = v0 ^ v1 ^ v2 ^ v3;
  const high = v0h ^ v1h ^ v2h ^ v3h;
  const hash = new Uint8Array(8);
  for (let i = 0; i < 4; i++) {
    hash[i] = low >>> (8 * i);
    hash[i + 4] = high >>> (8 * i);
  }
  return hash;
}

/** What the sum of two lower words carries to the upper ones, if `summand` is one of them. */
function carry(sum: number, summand: number): number {
  return sum >>> 0 < summand >>> 0 ? 1 : 0;
}

/** Four bytes, the lowest first. */
function word(bytes: Uint8Array, from: number): number {
  return (
    (bytes[from] as number) |
    ((bytes[from + 1] as number) << 8) |
    ((bytes[from + 2] as number) << 16) |
    ((bytes[from + 3] as number) << 24)
  );
}
