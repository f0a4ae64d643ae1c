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
  if (isSecretName(name)) return hiddenValue;
  const from = secretAssignment(value);
  return from === null ? value : value.slice(0, from) + hiddenValue;
}

/** A line that is no setting, as a problem report may show it: up to the word for a secret. */
export function shownLine(text: string): string {
  const end = secretWordEnd(text);
  return end === null ? text : `${text.slice(0, end)} ${hiddenValue}`;
}

/** Where in a value that of a Secret begins, whose line was meant to be another one; null: nowhere. */
export function secretAssignment(value: string): number | null {
  for (let equals = value.indexOf('='); equals !== -1; equals = value.indexOf('=', equals + 1))
    if (secretWordEnd(value.slice(0, equals)) !== null) return equals + 1;
  return null;
}

/** Names that resemble Secret, and are others. */
const others = ['secretfile', 'socket'];

/** Words, with the marks, control and format characters that may stand unseen in them and between. */
const words = /[\p{L}\d_\p{M}\p{C}]+/gu;

/** Characters that begin another line to some programs. */
const lineBreak = /[\n\v\f\r\u0085\u2028\u2029]/;

/**
 * Where the first word ends that is, or was meant to be, Secret, or is another word for one; null when
 * there is none. What follows the name of another setting in its line is none.
 */
export function secretWordEnd(text: string): number | null {
  let otherAt: number | null = null;
  for (const { 0: run, index } of text.matchAll(words)) {
    const pieces = piecesOf(run);
    for (const [first, { start }] of pieces.entries()) {
      if (otherAt !== null && lineBreak.test(text.slice(otherAt, index + start))) otherAt = null;
      let letters = '';
      for (const { start: at, end } of pieces.slice(first)) {
        letters += run.slice(at, end).toLowerCase();
        if (others.includes(letters)) otherAt = index + start;
        if (otherAt === null && meansSecret(letters)) return index + end;
      }
    }
  }
  return null;
}

/** Whether the name of a setting is, or was meant to be, Secret, with whatever stands between its letters. */
export function isSecretName(name: string): boolean {
  const letters = name.replace(/[^\p{L}\d]/gu, '').toLowerCase();
  return secretWordEnd(name) !== null || (!others.includes(letters) && meansSecret(letters));
}

function meansSecret(letters: string): boolean {
  return /secret|passw|passphrase|psk/.test(letters) || slipsBetween(letters, 'secret') <= 2;
}

/** The parts of a run between what is unseen. */
function piecesOf(run: string): { start: number; end: number }[] {
  return [...run.matchAll(/[^\p{M}\p{C}]+/gu)].map(({ 0: text, index }) => ({
    start: index,
    end: index + text.length,
  }));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
