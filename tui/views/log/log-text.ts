// How an entry of the log becomes rows of the screen: message and fields, over as many rows as they need, in parts of
// one style. What the filter found is emphasised.

import { filterWords } from '../../../shared/filter.ts';
import type { LineLevel, LogLine } from '../../../shared/output/log-line.ts';
import { counted, dateTime, timeOfDay, type Zone } from '../../text/format.ts';
import { levelColumns, lineText } from '../../text/log-line.ts';
import { brokenRows, type TextRow } from '../../text/wrap.ts';
import type { TextPart, Token } from '../../theme.ts';
import type { LogEntry } from './log-state.ts';

export const gap = 2;
/** From here on dates are written out. */
const wideFrom = 120;

export interface EntryShape {
  width: number;
  /** of the screen, and so the most of one entry */
  rows: number;
  isWrapped: boolean;
}

export function entryHeight(entry: LogEntry, shape: EntryShape): number {
  return entry.kind === 'line' ? textRows(lineText(entry.line).text, shape).length : 1;
}

/** The rows of a line, each as its parts: message and fields, and in them what the filter found. */
export function lineParts(line: LogLine, filter: string, shape: EntryShape): TextPart[][] {
  const { text, fieldsFrom } = lineText(line);
  const tokens = tokensOf(text, fieldsFrom, filter);
  return textRows(text, shape).map((row) => partsOf(text, row, tokens));
}

/** The time of a line, as wide as `timeColumns`. */
export function timeText(at: number, { width }: EntryShape, zone: Zone): string {
  return (width >= wideFrom ? dateTime : timeOfDay)(at, zone);
}

export function timeColumns({ width }: EntryShape): number {
  return width >= wideFrom ? 19 : 8;
}

export function markText(entry: LogEntry & { kind: 'missed' | 'restarted' }): string {
  return entry.kind === 'missed'
    ? `── ${counted(entry.count, 'earlier line')} no longer kept ──`
    : '── name server restarted ──';
}

export function headColumns(shape: EntryShape): number {
  return timeColumns(shape) + levelColumns + 2 * gap;
}

function textRows(text: string, shape: EntryShape): TextRow[] {
  const { width, rows, isWrapped } = shape;
  return brokenRows(text, width - headColumns(shape), isWrapped ? rows : 1);
}

export function toneOf(level: LineLevel): Token | null {
  switch (level) {
    case 'fatal':
    case 'error':
      return 'bad';
    case 'warn':
      return 'warn';
    case 'info':
      return null;
    default:
      return 'label';
  }
}

/** The token of each character: of what the filter found, else of the fields. */
function tokensOf(text: string, fieldsFrom: number, filter: string): (Token | null)[] {
  const tokens = new Array<Token | null>(text.length).fill(null).fill('label', fieldsFrom);
  const lower = text.toLowerCase();
  // Of a few characters the lower case is longer: then it is not known where the words are.
  if (lower.length !== text.length) return tokens;
  for (const word of filterWords(filter)) {
    if (word.isExcluded) continue;
    for (let at = lower.indexOf(word.text); at >= 0; at = lower.indexOf(word.text, at + 1))
      tokens.fill('match', at, at + word.text.length);
  }
  return tokens;
}

function partsOf(
  text: string,
  { from, to, isCut }: TextRow,
  tokens: readonly (Token | null)[],
): TextPart[] {
  const parts: TextPart[] = [];
  for (let start = from; start < to; ) {
    const token = tokens[start] ?? null;
    let end = start + 1;
    while (end < to && (tokens[end] ?? null) === token) end++;
    parts.push([text.slice(start, end), token]);
    start = end;
  }
  return isCut ? [...parts, ['…', null]] : parts;
}
