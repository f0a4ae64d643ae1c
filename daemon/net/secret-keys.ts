// The keys of a secret, for TLS between servers (PROTOCOL.md, "Secret") and for a bus that others run ("Fleet").
import { scryptSync } from 'node:crypto';
import { noSecret, type Secret } from '../../shared/config/secret.ts';

/** N, r and p of scrypt: 16 MiB and some 50 ms, once for each line of a secret, and for each guess of an attacker. */
const cost = { N: 16_384, r: 8, p: 1 } as const;

const keyBytes = 32;

/** By the secret and the salt, for as long as the secret is held. */
const derived = new WeakMap<Secret, Map<string, Keys>>();

/** What is accepted, and first what is used to dial: keys of 32 bytes; null: none, so in the clear. */
export type Keys = readonly (Buffer | null)[];

/**
 * One key for each line of the secret; without a secret there is one line, `noSecret`.
 * @param salt separates one use of the secret from any other
 */
export function keysOf(secret: Secret | null, salt: string): Keys {
  if (secret === null) return [null];
  const known = derived.get(secret) ?? new Map<string, Keys>();
  derived.set(secret, known);
  const keys =
    known.get(salt) ??
    [secret.reveal(), secret.revealOther()]
      .filter((text) => text !== null)
      .map((text) =>
        text === noSecret ? null : scryptSync(Buffer.from(text, 'utf8'), salt, keyBytes, cost),
      );
  known.set(salt, keys);
  return keys;
}
