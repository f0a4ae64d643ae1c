// One entry of the log as rows of the screen: time, level, then message and fields, over as many rows as
// they need. What the filter found is emphasised; the level is a word, so that it does not need its colour.

import { filterWords } from '../../../shared/filter.ts';
import type { LineLevel } from '../../../shared/output/log-line.ts';
import { cut } from '../../text/columns.ts';
import { counted, dateTime, timeOfDay } from '../../text/format.ts';
import {
  brokenRows,
  levelColumns,
  levelText,
  lineText,
  type TextRow,
} from '../../text/log-line.ts';
import type { Theme, Token } from '../../theme.ts';
import type { LogEntry, LogState } from './log-state.ts';

const gap = 2;
/** From here on dates are written out. */
const wideFrom = 120;

export interface EntryShape {
  width: number;
  /** of the screen, and so the most of one entry */
  rows: number;
  isWrapped: boolean;
}

/** How many rows an entry takes. */
export function entryHeight(entry: LogEntry, shape: EntryShape): number {
  return entry.kind === 'line' ? textRows(lineText(entry.line).text, shape).length : 1;
}

export function entryRows(
  theme: Theme,
  entry: LogEntry,
  { filter }: LogState,
  shape: EntryShape,
): string[] {
  if (entry.kind !== 'line') return [theme.paint('label', cut(markText(entry), shape.width))];
  const { level, at } = entry.line;
  const isWide = shape.width >= wideFrom;
  const time = theme.paint('label', (isWide ? dateTime : timeOfDay)(at));
  const between = ' '.repeat(gap);
  const word = levelText(level);
  const tone = toneOf(level);
  const head = `${time}${between}${tone === null ? word : theme.paint(tone, word)}${between}`;
  const indent = ' '.repeat(headColumns(shape));
  const { text, fieldsFrom } = lineText(entry.line);
  const tokens = tokensOf(text, fieldsFrom, filter);
  return textRows(text, shape).map(
    (row, index) => (index === 0 ? head : indent) + paintedRow(theme, text, row, tokens),
  );
}

function markText(entry: LogEntry & { kind: 'missed' | 'restarted' }): string {
  return entry.kind === 'missed'
    ? `── ${counted(entry.count, 'earlier line')} no longer kept ──`
    : '── name server restarted ──';
}

function headColumns({ width }: EntryShape): number {
  return (width >= wideFrom ? 19 : 8) + levelColumns + 2 * gap;
}

function textRows(text: string, shape: EntryShape): TextRow[] {
  const { width, rows, isWrapped } = shape;
  return brokenRows(text, width - headColumns(shape), isWrapped ? rows : 1);
}

function toneOf(level: LineLevel): Token | null {
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

function paintedRow(
  theme: Theme,
  text: string,
  { from, to, isCut }: TextRow,
  tokens: readonly (Token | null)[],
): string {
  let painted = '';
  for (let start = from; start < to; ) {
    const token = tokens[start] ?? null;
    let end = start + 1;
    while (end < to && (tokens[end] ?? null) === token) end++;
    const part = text.slice(start, end);
    painted += token === null ? part : theme.paint(token, part);
    start = end;
  }
  return isCut ? `${painted}…` : painted;
}
