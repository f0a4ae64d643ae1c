// The secret that the name servers of a network share. Invariant: its text leaves only through
// `reveal`; printed, logged, inspected or sent as JSON, a secret is the word `set`. What the files
// hold of it before it is understood, mistyped names included, is hidden from problem reports too.
// Reads the file that SecretFile names: one line, the secret, white space around it left out.
// How many typing mistakes apart two words are.

import { createHash, timingSafeEqual } from 'node:crypto';
import { constants } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

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

/** Room for the longest secret in any alphabet, and for a line end. */
const maxFileBytes = 4 * maxSecretLength + 64;

const notRegular = 'is not a regular file; name the file that holds the secret';

export type SecretReading =
  | { secret: Secret; warning: string | null }
  | { secret: null; message: string };

/** The secret in `file` (absolute), or what is wrong: with the file's name and what to do. */
export async function readSecretFile(file: string): Promise<SecretReading> {
  const wrong = (message: string): SecretReading => ({
    secret: null,
    message: `${file} ${message}`,
  });
  try {
    // Not opened to find out: opening a device may do something.
    if (!(await stat(file)).isFile()) return wrong(notRegular);
    // Without O_NONBLOCK, opening a named pipe would wait for a writer.
    const handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const found = await handle.stat();
      if (!found.isFile()) return wrong(notRegular);
      const { size, mode } = found;
      if (size > maxFileBytes)
        return wrong(
          `has ${size} bytes, but a secret has at most ${maxSecretLength} characters; name the file that holds the secret`,
        );
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(size), 0, size, 0);
      const text = decode(buffer.subarray(0, bytesRead));
      if (text === null)
        return wrong(`is not UTF-8 text; make one with: ${secretRecipe} > ${file}`);
      if (text === '')
        return wrong(
          `is empty; must hold ${minSecretLength} to ${maxSecretLength} characters. Make one with: ${secretRecipe} > ${file}`,
        );
      const mistake = secretMistake(text);
      if (mistake !== null) return wrong(mistake);
      return { secret: new Secret(text), warning: await openToAll(file, mode) };
    } finally {
      await handle.close();
    }
  } catch (error) {
    return wrong(explain(error as NodeJS.ErrnoException, file));
  }
}

/** A warning when everybody on this machine can read `file`, which holds a secret; else null. */
export async function openToAll(file: string, mode: number): Promise<string | null> {
  // On Windows the mode says nothing about who may read.
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

/** Words that differ by more edits than this are different words, not slips. */
export const maxSlips = 2;

/**
 * Letters to insert, delete, replace or swap with their neighbour to get from `a` to `b` (optimal
 * string alignment distance); Infinity when the lengths alone make it more than `maxSlips`.
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
