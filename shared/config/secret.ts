// The secret that the name servers of a network share. Invariant: its text leaves only through
// `reveal`; printed, logged, inspected or sent as JSON, a secret is the word `set`. What the files
// hold of it before it is understood, mistyped names included, is hidden from problem reports too.
import { createHash, timingSafeEqual } from 'node:crypto';
import { slipsBetween } from './slips.ts';

/** Fewer characters can be guessed from one recorded handshake, however they were chosen. */
export const minSecretLength = 16;

/** Far more than a key needs; a file that holds more is not the one that was meant. */
export const maxSecretLength = 1024;

/** How to make a good one: 32 random bytes. */
export const secretRecipe = 'openssl rand -base64 32';

/** What stands in problem reports in place of a value. */
export const hiddenValue = '(hidden)';

export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }

  equals(other: Secret): boolean {
    return timingSafeEqual(digest(this.#text), digest(other.#text));
  }

  toString(): string {
    return 'set';
  }

  toJSON(): string {
    return 'set';
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return 'Secret(set)';
  }
}

/** What is wrong with a secret, without quoting it; null when nothing is. */
export function secretMistake(text: string): string | null {
  const length = [...text].length;
  if (/\p{Cc}/u.test(text)) return 'must be one line without control characters';
  if (length >= minSecretLength && length <= maxSecretLength) return null;
  return `has ${length} characters; must have ${minSecretLength} to ${maxSecretLength}. Make one with: ${secretRecipe}`;
}

/** A value as a problem report may show it: not when its name is, or was meant to be, Secret. */
export function shownValue(name: string, value: string): string {
  return secretWord(name) === null ? value : hiddenValue;
}

/** A line that is no setting, as a problem report may show it: up to the word for a secret. */
export function shownLine(text: string): string {
  const end = secretWordEnd(text);
  return end === null ? text : `${text.slice(0, end)} ${hiddenValue}`;
}

/** Where the first word ends that is, or was meant to be, Secret; null when there is none. */
export function secretWordEnd(text: string): number | null {
  const word = secretWord(text);
  return word === null ? null : word.index + word[0].length;
}

/** Names that resemble Secret, and are others. */
const others = ['secretfile', 'socket'];

/** The first word that is Secret, close to it, or another word for one. */
function secretWord(text: string): RegExpExecArray | null {
  for (const word of text.matchAll(/[\p{L}\d_\0]+/gu)) {
    const letters = word[0].toLowerCase().replaceAll('\0', '');
    if (others.includes(letters)) return null;
    if (/secret|passw|passphrase|psk/.test(letters) || slipsBetween(letters, 'secret') <= 2)
      return word;
  }
  return null;
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
