// SipHash-2-4 (Aumasson and Bernstein, 2012; reference code in the public domain), which RFC 9018 prescribes for DNS
// cookies. 64-bit words are pairs of 32-bit numbers, the upper one first.

/** The four words of the state: `v[2 * i]` is the upper half of word i. */
const v = new Int32Array(8);

/** The 64-bit hash of `bytes` under a key of 16 bytes, in little-endian order, as RFC 9018 writes it. */
export function sipHash(key: Uint8Array, bytes: Uint8Array): Uint8Array {
  const [k0Low, k0High, k1Low, k1High] = [0, 4, 8, 12].map((at) => word(key, at)) as [
    number,
    number,
    number,
    number,
  ];
  v.set([
    k0High ^ 0x736f6d65,
    k0Low ^ 0x70736575,
    k1High ^ 0x646f7261,
    k1Low ^ 0x6e646f6d,
    k0High ^ 0x6c796765,
    k0Low ^ 0x6e657261,
    k1High ^ 0x74656462,
    k1Low ^ 0x79746573,
  ]);
  const end = bytes.length & ~7;
  for (let at = 0; at < end; at += 8) compress(word(bytes, at + 4), word(bytes, at));
  const last = new Uint8Array(8);
  last.set(bytes.subarray(end));
  last[7] = bytes.length;
  compress(word(last, 4), word(last, 0));
  v[5] = (v[5] as number) ^ 0xff;
  for (let round = 0; round < 4; round++) sipRound();
  const hash = new Uint8Array(8);
  const view = new DataView(hash.buffer);
  view.setInt32(0, at(1) ^ at(3) ^ at(5) ^ at(7), true);
  view.setInt32(4, at(0) ^ at(2) ^ at(4) ^ at(6), true);
  return hash;
}

function at(index: number): number {
  return v[index] as number;
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

function compress(high: number, low: number): void {
  v[6] = at(6) ^ high;
  v[7] = at(7) ^ low;
  sipRound();
  sipRound();
  v[0] = at(0) ^ high;
  v[1] = at(1) ^ low;
}

function sipRound(): void {
  add(0, 2);
  add(4, 6);
  rotate(2, 13);
  rotate(6, 16);
  xor(2, 0);
  xor(6, 4);
  rotate(0, 32);
  add(4, 2);
  add(0, 6);
  rotate(2, 17);
  rotate(6, 21);
  xor(2, 4);
  xor(6, 0);
  rotate(4, 32);
}

function add(to: number, from: number): void {
  const low = (at(to + 1) >>> 0) + (at(from + 1) >>> 0);
  v[to] = at(to) + at(from) + (low > 0xffffffff ? 1 : 0);
  v[to + 1] = low;
}

function xor(to: number, from: number): void {
  v[to] = at(to) ^ at(from);
  v[to + 1] = at(to + 1) ^ at(from + 1);
}

/** Left by `bits`: 32 at most. */
function rotate(index: number, bits: number): void {
  const [high, low] = [at(index), at(index + 1)];
  if (bits === 32) {
    v[index] = low;
    v[index + 1] = high;
    return;
  }
  v[index] = (high << bits) | (low >>> (32 - bits));
  v[index + 1] = (low << bits) | (high >>> (32 - bits));
}
