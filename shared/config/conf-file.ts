// The format of ddns.conf and startup.dycfg: lines of `name=value`. Names may be in any case, white space
// around name and value is ignored, blank lines are allowed. A `#` begins a comment at the start of the line
// or of the value, or after white space; elsewhere in a value it is an ordinary character (`a#b`). There are
// no quotes and no escapes. UTF-8, with or without a byte order mark; lines end with \n or \r\n.
// A document keeps every character, so `formatConf(parseConf(text)) === text`, and an edit changes only the
// line it is about. Nothing here throws because of the content of a file.
import { isSecretName } from './secret.ts';

/** Most bytes of a file. A ddns.conf has a few kilobytes; this leaves room for comments and bounds memory. */
export const maxConfFileBytes = 1024 * 1024;

/** Most characters of a line: the longest path on Linux (PATH_MAX). */
export const maxConfLineLength = 4096;

/** How a line ends; the last one may have no end. */
export type LineEnding = '' | '\n' | '\r\n';

interface Line {
  /** the line without its ending */
  text: string;
  ending: LineEnding;
}

/** A blank line, or one with only a comment. */
export interface SilentLine extends Line {
  kind: 'silent';
}

/** A line `name=value`. */
export interface SettingLine extends Line {
  kind: 'setting';
  /** as spelled in the file */
  name: string;
  value: string;
  /** start and end of the value in `text`; equal if it is empty */
  from: number;
  to: number;
}

/** A line that is neither. */
export interface MalformedLine extends Line {
  kind: 'malformed';
  /** what is wrong, without the text of the line */
  message: string;
}

/** Any line of a file. */
export type ConfLine = SilentLine | SettingLine | MalformedLine;

/** A parsed file. */
export interface ConfDocument {
  byteOrderMark: boolean;
  lines: readonly ConfLine[];
}

/** A problem with the bytes of a file; `line` is null if it concerns the whole file. */
export interface EncodingProblem {
  line: number | null;
  message: string;
}

const byteOrderMark = '\ufeff';
const commentStart = /(?:^|\s)#/;

/** A \r within a line: some editors show it as a line end, so that the rest looks like another setting. */
const looseReturn = /\r(?!\r*$)/;

/**
 * Decodes the bytes of a file. If there are problems, the text is incomplete (undecodable bytes replaced, or
 * empty if the file is too large): good for finding more mistakes, but not for writing back.
 */
export function decodeConf(bytes: Uint8Array): { text: string; problems: EncodingProblem[] } {
  if (bytes.length > maxConfFileBytes) return { text: '', problems: [tooLarge(bytes.length)] };
  if (isUtf16(bytes))
    return { text: '', problems: [{ line: null, message: 'is UTF-16 text; save it as UTF-8' }] };
  // ignoreBOM keeps the mark in the text, where parseConf finds it.
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  const problems: EncodingProblem[] = [];
  for (const [index, line] of splitBytes(bytes).entries())
    if (!isUtf8(line))
      problems.push({ line: index + 1, message: 'is not UTF-8 text; save the file as UTF-8' });
  return { text, problems };
}

/** The problem of a file with more than `maxConfFileBytes`. */
export function tooLarge(bytes: number): EncodingProblem {
  return {
    line: null,
    message: `has ${bytes} bytes, but a configuration file has at most ${maxConfFileBytes}`,
  };
}

/** Parses the text of a file. */
export function parseConf(text: string): ConfDocument {
  const marked = text.startsWith(byteOrderMark);
  return { byteOrderMark: marked, lines: parseLines(marked ? text.slice(1) : text) };
}

/** The text of a document, exactly as parsed. */
export function formatConf({ byteOrderMark: marked, lines }: ConfDocument): string {
  return (marked ? byteOrderMark : '') + lines.map(({ text, ending }) => text + ending).join('');
}

/** The setting lines named `name`, in any case, each with its line number (1 for the first). */
export function findSettings(
  { lines }: ConfDocument,
  name: string,
): { line: number; setting: SettingLine }[] {
  const wanted = name.toLowerCase();
  return lines.flatMap((setting, index) =>
    setting.kind === 'setting' && setting.name.toLowerCase() === wanted
      ? [{ line: index + 1, setting }]
      : [],
  );
}

/** Why `value` cannot be written in this format; null if it can. */
export function unwritable(value: string): string | null {
  if (value === '') return 'is empty';
  if (/[\n\r\0]/.test(value)) return 'contains a line break or a NUL';
  if (value.trim() !== value) return 'begins or ends with white space';
  if (commentStart.test(value)) return 'has a # that would start a comment';
  return null;
}

/**
 * The document with `name` set to `value`. An existing line keeps its spelling, spaces, comment and end; of
 * several lines with that name the last is changed. A setting without a line gets one after the comment with
 * its default (`#Name=…`), or at the end.
 * @throws RangeError for a name or value that this format cannot express
 */
export function setValue(document: ConfDocument, name: string, value: string): ConfDocument {
  const reason = unwritable(value);
  if (reason !== null) throw new RangeError(`${name}: the value ${reason}`);
  const line = document.lines.findLastIndex(
    (each) => each.kind === 'setting' && each.name.toLowerCase() === name.toLowerCase(),
  );
  const existing = document.lines[line];
  const lines = [...document.lines];
  if (existing?.kind === 'setting') {
    const { text, ending, from, to } = existing;
    // A comment right behind an empty value (`Name=#…`) would become part of the new value.
    const gap = text[to] === '#' ? ' ' : '';
    lines[line] = writtenLine(text.slice(0, from) + value + gap + text.slice(to), ending, name);
  } else {
    insertSetting(lines, name, value);
  }
  return { ...document, lines };
}

/** The document without a value for `name`: its lines are removed, their comments stay. */
export function unsetValue(document: ConfDocument, name: string): ConfDocument {
  const lines = document.lines.flatMap((line) => {
    if (line.kind !== 'setting' || line.name.toLowerCase() !== name.toLowerCase()) return [line];
    // A comment behind a secret may be the rest of a secret with a # in it.
    if (isSecretName(line.name)) return [];
    const comment = line.text.slice(findComment(line.text)).trim();
    return comment === '' ? [] : [parseLine(comment, line.ending)];
  });
  return { ...document, lines };
}

function insertSetting(lines: ConfLine[], name: string, value: string): void {
  const ending = lines.find((line) => line.ending !== '')?.ending ?? '\n';
  const shown = lines.findLastIndex(
    ({ kind, text }) =>
      kind === 'silent' &&
      parseLines(text.replace(/^\s*#\s*/, '')).some(
        (line) => line.kind === 'setting' && line.name.toLowerCase() === name.toLowerCase(),
      ),
  );
  const before = shown === -1 ? lines.length - 1 : shown;
  const previous = lines[before];
  // Parsed again, because a \r at the very end of the file becomes part of the new line end.
  if (previous?.ending === '') lines[before] = parseLines(previous.text + ending)[0];
  lines.splice(before + 1, 0, writtenLine(`${name}=${value}`, ending, name));
}

/** Ensures that the written line reads back as the setting it is meant to be. */
function writtenLine(text: string, ending: LineEnding, name: string): ConfLine {
  if (/[\n\r]/.test(name)) throw new RangeError('the name of a setting has no line breaks');
  const line = parseLine(text, ending);
  if (line.kind === 'malformed') throw new RangeError(`${name}: the line ${line.message}`);
  if (line.kind !== 'setting' || line.name.toLowerCase() !== name.toLowerCase())
    throw new RangeError(`${name}: is not a name for a setting`);
  return line;
}

function parseLines(text: string): ConfLine[] {
  const lines: ConfLine[] = [];
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    const end = newline === -1 ? text.length : newline;
    const carriage = newline !== -1 && end > start && text[end - 1] === '\r';
    const ending = newline === -1 ? '' : carriage ? '\r\n' : '\n';
    lines.push(parseLine(text.slice(start, carriage ? end - 1 : end), ending));
    start = end + 1;
  }
  return lines;
}

/** Parses one line, given without its end. */
export function parseLine(text: string, ending: LineEnding): ConfLine {
  const malformed = (message: string): ConfLine => ({ kind: 'malformed', text, ending, message });
  if (text.length > maxConfLineLength)
    return malformed(`has ${text.length} characters, but a line has at most ${maxConfLineLength}`);
  if (text.includes('\0')) return malformed('has a NUL character; save the file as UTF-8 text');
  if (looseReturn.test(text))
    return malformed('has a carriage return within it; end each line with \\n or \\r\\n');
  const body = text.slice(0, findComment(text));
  if (body.trim() === '') return { kind: 'silent', text, ending };
  const equals = body.indexOf('=');
  if (equals === -1) return malformed('is not name=value; a comment begins with #');
  const name = body.slice(0, equals).trim();
  if (name === '') return malformed('has no name before the =');
  const value = body.slice(equals + 1).trim();
  // An empty value is right behind the =, before any spaces that lead to a comment.
  const from = value === '' ? equals + 1 : body.indexOf(value, equals + 1);
  return { kind: 'setting', text, ending, name, value, from, to: from + value.length };
}

/** Index of the comment of a line; its length if there is none. */
function findComment(text: string): number {
  const spaced = commentStart.exec(text);
  const first = spaced === null ? text.length : spaced.index + spaced[0].length - 1;
  const equals = text.indexOf('=');
  return equals !== -1 && text[equals + 1] === '#' ? Math.min(first, equals + 1) : first;
}

function isUtf16(bytes: Uint8Array): boolean {
  return (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** In UTF-8 the byte 0x0a is always a line feed, so lines can be split before decoding. */
function splitBytes(bytes: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(0x0a, start);
    const end = newline === -1 ? bytes.length : newline;
    lines.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return lines;
}
