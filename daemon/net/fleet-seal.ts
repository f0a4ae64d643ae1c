// Sealing of what name servers send each other over a bus that others run (PROTOCOL.md, "Fleet"): AES-256-GCM (NIST
// SP 800-38D) with a key that only one station uses, derived (HKDF, RFC 5869) from the network's secret and the
// station's name. So nonces are a plain counter and never repeat: a station is 128 random bits, new with each
// connection, and counts to no more than `maxSealed`, also when the secret is changed and changed back.
import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';
import type { Secret } from '../../shared/config/secret.ts';
import { keysOf } from './secret-keys.ts';

/** In front of each payload. */
const plain = 0;
const sealed = 1;

/** Separates this use of the secret from that of TLS. */
const salt = 'dynamo-dns fleet 1';
const info = 'dynamo-dns fleet 1 seal';

const keyBytes = 32;
const cipher = 'aes-256-gcm';

const counterBytes = 6;
const tagBytes = 16;
/** Bytes that sealing adds to a payload, at most. */
export const sealBytes = 1 + counterBytes + tagBytes;

/**
 * Messages of one key. SP 800-38D, 8.3, allows 2^32 with random nonces, and far more with a counter as here; no
 * station lives as long.
 */
export const maxSealed = 2 ** 32;

/** Keys of other stations that are kept; deriving one takes some microseconds. */
const maxKeys = 1_024;

/** Subjects whose latest counter is kept. Those of stations that are gone are the oldest, and lead nowhere. */
const maxSubjects = 8_192;

/** `sealed` and `plain`: it is the other thing than is spoken here. `differs`: the secret is another one. */
export type Unopened = 'sealed' | 'plain' | 'differs' | 'replayed';

/** The same of a server that announces itself so, for operators. */
export const unopenedText: Record<Exclude<Unopened, 'replayed'>, string> = {
  differs: 'announces itself over NATS, and the Secret differs; set the same one',
  plain: 'announces itself over NATS without a Secret; set the same one',
  sealed: 'announces itself over NATS with a Secret, and there is none here; set the same one',
};

/** Of this server, for operators. */
export const unsealedText =
  'sync over NATS is neither encrypted nor authenticated: whoever may use these subjects there can read and change it; set the same Secret in ddns.conf of every name server';

export const halfSealedText =
  'sync over NATS is also accepted without the Secret: whoever may use these subjects there can change it; the secret file has a line none; go on to the next step on every name server';

/** The secret of a fleet, which seals what its stations send, and opens what others send. */
export class FleetSeal {
  private secret: Secret | null;
  private roots: Roots;

  /** `secret` null: nothing is sealed. Takes some 50 ms otherwise, for each of its lines. */
  constructor(secret: Secret | null) {
    this.secret = secret;
    this.roots = rootsOf(secret);
  }

  /** Whether what is sent is sealed. */
  get isSealing(): boolean {
    return this.roots[0] !== null;
  }

  /** What operators should know about messages that are not sealed; null: they are not accepted. */
  get openness(): string | null {
    if (!this.roots.includes(null)) return null;
    return this.roots.length === 1 ? unsealedText : halfSealedText;
  }

  /**
   * The secret has changed, from now on: its first line seals, both open. A station goes on with the next counter and
   * another key.
   */
  configure(secret: Secret | null): void {
    if (secret === null ? this.secret === null : this.secret?.equals(secret) === true) return;
    this.secret = secret;
    this.roots = rootsOf(secret);
  }

  /** For one station, a name that was never used before. */
  station(name: string): SealedStation {
    return new SealedStation(name, () => this.roots);
  }
}

/** What the keys of all stations are derived from, for one secret. */
class Root {
  private readonly bytes: Buffer;
  private readonly keys = new Map<string, Buffer>();

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  keyOf(station: string): Buffer {
    const known = this.keys.get(station);
    if (known !== undefined) return known;
    const key = Buffer.from(
      hkdfSync('sha256', this.bytes, Buffer.from(station, 'hex'), info, keyBytes),
    );
    if (this.keys.size >= maxKeys) this.keys.delete(this.keys.keys().next().value as string);
    this.keys.set(station, key);
    return key;
  }
}

/** The first one seals, all of them open; null: nothing is sealed, or need not be. */
type Roots = readonly (Root | null)[];

function rootsOf(secret: Secret | null): Roots {
  return keysOf(secret, salt).map((bytes) => (bytes === null ? null : new Root(bytes)));
}

/** One station's side: a counter for what it sends, and of each other station the counters that came. */
export class SealedStation {
  private readonly name: string;
  private readonly roots: () => Roots;
  /** the latest counter of each subject of each station */
  private readonly latest = new Map<string, number>();
  private counter = 0;

  constructor(name: string, roots: () => Roots) {
    this.name = name;
    this.roots = roots;
  }

  /** Nothing more may be sealed: the station must be given up. */
  get isUsedUp(): boolean {
    return this.counter >= maxSealed;
  }

  /** @throws RangeError when the station is used up */
  seal(subject: string, bytes: Uint8Array): Uint8Array {
    const [root = null] = this.roots();
    if (root === null) return Buffer.concat([Buffer.of(plain), bytes]);
    if (this.isUsedUp) throw new RangeError(`${maxSealed} messages were sealed with one key`);
    const nonce = nonceOf(++this.counter);
    const sealing = createCipheriv(cipher, root.keyOf(this.name), nonce);
    sealing.setAAD(Buffer.from(subject, 'latin1'));
    const counter = nonce.subarray(nonce.length - counterBytes);
    const body = [sealing.update(bytes), sealing.final()];
    return Buffer.concat([Buffer.of(sealed), counter, ...body, sealing.getAuthTag()]);
  }

  /** Opens what the station `from` sent on `subject`; it must be later than all before from there. */
  open(from: string, subject: string, payload: Uint8Array): Uint8Array | Unopened {
    const roots = this.roots();
    if (payload[0] === plain && roots.includes(null)) return payload.subarray(1);
    const keyed = roots.filter((root) => root !== null);
    if (keyed.length === 0) return 'sealed';
    if (payload[0] !== sealed || payload.length < sealBytes) return 'plain';
    const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.length);
    const counter = bytes.readUIntBE(1, counterBytes);
    for (const root of keyed) {
      const opened = openWith(root.keyOf(from), subject, bytes, counter);
      if (opened !== null) return this.isNext(subject, counter) ? opened : 'replayed';
    }
    return 'differs';
  }

  private isNext(subject: string, counter: number): boolean {
    if (counter <= (this.latest.get(subject) ?? 0)) return false;
    this.latest.delete(subject);
    this.latest.set(subject, counter);
    if (this.latest.size > maxSubjects)
      this.latest.delete(this.latest.keys().next().value as string);
    return true;
  }
}

/** @returns null: it was sealed with another key, or changed on its way */
function openWith(key: Buffer, subject: string, bytes: Buffer, counter: number): Buffer | null {
  const opening = createDecipheriv(cipher, key, nonceOf(counter), { authTagLength: tagBytes });
  opening.setAAD(Buffer.from(subject, 'latin1'));
  opening.setAuthTag(bytes.subarray(bytes.length - tagBytes));
  try {
    const body = bytes.subarray(1 + counterBytes, bytes.length - tagBytes);
    return Buffer.concat([opening.update(body), opening.final()]);
  } catch {
    return null;
  }
}

/** 96 bits: the counter behind zeros (SP 800-38D, 8.2.1: the key alone names the device). */
function nonceOf(counter: number): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUIntBE(counter, 12 - counterBytes, counterBytes);
  return nonce;
}
