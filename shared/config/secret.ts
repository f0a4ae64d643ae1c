// The secret that the name servers of a network share, and the file that may hold it. The text of a secret is
// available through `reveal` only: printed, logged, inspected or sent as JSON, a secret is the word `set`.
// Problem reports also hide what the files say about it, including lines with a mistyped name.
import { createHash, timingSafeEqual } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { readRegularFile } from './read-file.ts';

/** Characters of the shortest secret: a shorter one can be guessed from one recorded handshake. */
export const minSecretLength = 16;

/** Characters of the longest secret: far more than a key needs. A longer file is not the intended one. */
export const maxSecretLength = 1024;

/** The command that makes a good secret: 32 random bytes. */
export const secretRecipe = 'openssl rand -base64 32';

/** Stands for a hidden value in problem reports. */
export const hiddenValue = '(hidden)';

/** Stands in a secret file for no secret: while a fleet begins to use one, or ceases to. Too short to be one. */
export const noSecret = 'none';

/**
 * What a secret is for: `demanded` of everybody, `used` to dial while what comes without it is accepted, too, or just
 * `accepted`. A fleet passes through all of them to begin to use one, and back to give it up.
 */
export type SecretStanding = 'demanded' | 'used' | 'accepted';

/**
 * A secret that does not show its text. While one secret replaces another there are two: the first is used to dial,
 * and both are accepted. One of the two may be `noSecret`.
 */
export class Secret {
  readonly #text: string;
  readonly #other: string | null;

  constructor(text: string, other: string | null = null) {
    this.#text = text;
    this.#other = other;
  }

  /** The text of the secret that is used to dial. */
  reveal(): string {
    return this.#text;
  }

  /** The text of the other secret that is accepted; null: there is none. */
  revealOther(): string | null {
    return this.#other;
  }

  /** Whether both are the same texts, compared in constant time. */
  equals(other: Secret): boolean {
    return timingSafeEqual(digest(this.#lines()), digest(other.#lines()));
  }

  get standing(): SecretStanding {
    if (this.#text === noSecret) return 'accepted';
    return this.#other === noSecret ? 'used' : 'demanded';
  }

  toString(): string {
    switch (this.standing) {
      case 'accepted':
        return 'set, accepted but not used';
      case 'used':
        return 'set, used but not demanded';
      case 'demanded':
        return this.#other === null ? 'set' : 'set, and a second one';
    }
  }

  toJSON(): string {
    return this.toString();
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `Secret(${this})`;
  }

  #lines(): string {
    return `${this.#text}\n${this.#other ?? ''}`;
  }
}

/** What is wrong with a secret, without quoting it; null if nothing is. */
export function secretMistake(text: string): string | null {
  const length = [...text].length;
  if (/\p{Cc}/u.test(text)) return 'must be one line without control characters';
  if (length >= minSecretLength && length <= maxSecretLength) return null;
  return `has ${length} characters; must have ${minSecretLength} to ${maxSecretLength}. Make one with: ${secretRecipe}`;
}

/** A value as a problem report may show it: hidden if its name is, or was meant to be, Secret. */
export function shownValue(name: string, value: string): string {
  if (isSecretName(name)) return hiddenValue;
  const from = secretAssignment(value);
  return from === null ? value : value.slice(0, from) + hiddenValue;
}

/** A malformed line as a problem report may show it: up to a word for a secret. */
export function shownLine(text: string): string {
  const end = secretWordEnd(text);
  return end === null ? text : `${text.slice(0, end)} ${hiddenValue}`;
}

/** Index in a value of a secret's value, from a line that was joined to this one; null if there is none. */
export function secretAssignment(value: string): number | null {
  const end = secretWordEnd(value.slice(0, value.lastIndexOf('=') + 1));
  return end === null ? null : value.indexOf('=', end) + 1;
}

/** Names that resemble Secret but are other settings. */
const others = ['secretfile', 'socket'];

/** Words, including invisible marks, control and format characters within and between them. */
const words = /[\p{L}\d_\p{M}\p{C}]+/gu;

/** Letters of the longest word that means a secret, `passphrase`, and of the longest other name, `secretfile`. */
const longestWord = 10;

/** Characters that some programs take for a line end. */
const lineBreak = /[\n\v\f\r\u0085\u2028\u2029]/;

/**
 * Index behind the first word that is, or was meant to be, Secret, or a synonym of it; null if there is none.
 * Words behind the name of another setting in the same line do not count.
 */
export function secretWordEnd(text: string): number | null {
  let otherAt: number | null = null;
  for (const { 0: run, index } of text.matchAll(words)) {
    const pieces = piecesOf(run);
    for (const [first, { start, end }] of pieces.entries()) {
      if (otherAt !== null && lineBreak.test(text.slice(otherAt, index + start))) otherAt = null;
      let letters = '';
      for (let next = first; next < pieces.length; next++) {
        const { start: at, end: last } = pieces[next] as Piece;
        // A word that begins in the first of them is complete by now.
        if (next > first && letters.length > end - start + longestWord) break;
        letters += run.slice(at, last).toLowerCase();
        if (others.includes(letters)) otherAt = index + start;
        if (otherAt === null && meansSecret(letters)) return index + last;
      }
    }
  }
  return null;
}

/** Whether the name of a setting is, or was meant to be, Secret, whatever is between its letters. */
export function isSecretName(name: string): boolean {
  const letters = name.replace(/[^\p{L}\d]/gu, '').toLowerCase();
  return secretWordEnd(name) !== null || (!others.includes(letters) && meansSecret(letters));
}

function meansSecret(letters: string): boolean {
  return /secret|passw|passphrase|psk/.test(letters) || slipsBetween(letters, 'secret') <= 2;
}

interface Piece {
  start: number;
  end: number;
}

/** The parts of a run between invisible characters. */
function piecesOf(run: string): Piece[] {
  return [...run.matchAll(/[^\p{M}\p{C}]+/gu)].map(({ 0: text, index }) => ({
    start: index,
    end: index + text.length,
  }));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Secrets in a file, one a line: that in use, and the one that replaces it or that it replaces; `noSecret` counts. */
const maxSecrets = 2;

/** Most bytes of a secret file: the longest secrets in any alphabet, and line ends. */
const maxFileBytes = maxSecrets * 4 * maxSecretLength + 64;

const notRegular = 'is not a regular file; name the file that holds the secret';

/** A secret that was read, or why not. */
export type SecretReading =
  | { secret: Secret; warning: string | null }
  | { secret: null; message: string };

/**
 * Reads the secret from `file` (absolute path): one line, or two while it is replaced; white space around them is
 * ignored. A message has the name of the file and the next step.
 */
export async function readSecretFile(file: string): Promise<SecretReading> {
  const wrong = (message: string): SecretReading => ({
    secret: null,
    message: `${file} ${message}`,
  });
  try {
    const read = await readRegularFile(file, maxFileBytes);
    if (read === null) return wrong(notRegular);
    const { bytes, size, mode } = read;
    if (size > maxFileBytes)
      return wrong(
        `has ${size} bytes, but a secret has at most ${maxSecretLength} characters, and there are ${maxSecrets} at most; name the file that holds the secret`,
      );
    const text = decode(bytes);
    if (text === null) return wrong(`is not UTF-8 text; make one with: ${secretRecipe} > ${file}`);
    if (text === '')
      return wrong(
        `is empty; must hold ${minSecretLength} to ${maxSecretLength} characters. Make one with: ${secretRecipe} > ${file}`,
      );
    const [first = '', other = null, ...more] = text.split(/\r?\n/).map(lineOf);
    const mistake = linesMistake(first, other, more);
    if (mistake !== null) return wrong(mistake);
    return { secret: new Secret(first, other), warning: await openToAll(file, mode) };
  } catch (error) {
    return wrong(explain(error as NodeJS.ErrnoException, file));
  }
}

function lineOf(line: string): string {
  const text = line.trim();
  return text.toLowerCase() === noSecret ? noSecret : text;
}

function linesMistake(first: string, other: string | null, more: readonly string[]): string | null {
  const lines = [first, ...(other === null ? [] : [other]), ...more];
  if (lines.includes(''))
    return `has an empty line ${lines.indexOf('') + 1}; remove it: each line is a secret`;
  if (lines.length > maxSecrets)
    return `has ${lines.length} lines; at most ${maxSecrets} are allowed: the secret that is used to dial, and another one that is accepted`;
  if (other === null)
    return first === noSecret
      ? 'holds no secret; add one in a second line, or remove SecretFile from ddns.conf'
      : secretMistake(first);
  for (const [index, line] of [first, other].entries()) {
    const mistake = line === noSecret ? null : secretMistake(line);
    if (mistake !== null) return `line ${index + 1} ${mistake}`;
  }
  return first === other ? 'has the same secret in both lines; remove one of them' : null;
}

/** A warning if everybody on this machine can read `file`, which holds a secret; otherwise null. */
export async function openToAll(file: string, mode: number): Promise<string | null> {
  // On Windows the mode bits do not tell who may read a file.
  if (process.platform === 'win32' || (mode & 0o004) === 0) return null;
  const folder = await stat(dirname(file)).catch(() => null);
  if (folder !== null && (folder.mode & 0o001) === 0) return null;
  return `${file} holds the secret and is readable by everybody on this machine; run: chmod o-rwx ${file}`;
}

function decode(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).trim();
  } catch {
    return null;
  }
}

function explain({ code, message }: NodeJS.ErrnoException, file: string): string {
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return `does not exist. Make it with: ${secretRecipe} > ${file}   and copy it to the other name servers`;
    case 'EACCES':
    case 'EPERM':
      return 'cannot be read by this user; make it readable for the user that runs ddnsd (chown)';
    default:
      return `cannot be read: ${message}`;
  }
}

/** Most typing mistakes between two spellings of a word; with more they are different words. */
export const maxSlips = 2;

/**
 * Number of letters to insert, delete, replace or swap with their neighbour to turn `a` into `b` (optimal
 * string alignment distance); Infinity if the lengths alone make it more than `maxSlips`.
 */
export function slipsBetween(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > maxSlips) return Number.POSITIVE_INFINITY;
  const rows = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = rows[i - 1][j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped =
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
          ? rows[i - 2][j - 2] + 1
          : Number.POSITIVE_INFINITY;
      row.push(Math.min(rows[i - 1][j] + 1, row[j - 1] + 1, replaced, swapped));
    }
    rows.push(row);
  }
  return rows[a.length][b.length];
}
