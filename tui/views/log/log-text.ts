// How an entry of the log becomes rows of the screen: message and fields, over as many rows as they need, in parts of
// one style. What the filter found is emphasised.

import type { LineLevel, LogLine } from '../../../shared/output/log-line.ts';
import { counted, dateTime, timeOfDay, type Zone } from '../../text/format.ts';
import { foundBy, foundParts } from '../../text/found.ts';
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
  const found = foundBy(filter);
  const parts = [
    ...foundParts(text.slice(0, fieldsFrom), null, found),
    ...foundParts(text.slice(fieldsFrom), 'label', found),
  ];
  return textRows(text, shape).map((row) => partsOf(parts, row));
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

/** What a row has of the parts of its line. */
function partsOf(parts: readonly TextPart[], { from, to, isCut }: TextRow): TextPart[] {
  let end = 0;
  const inRow = parts.map(([text, tone]): TextPart => {
    const begin = end;
    end += text.length;
    return [text.slice(Math.max(0, from - begin), Math.max(0, to - begin)), tone];
  });
  return isCut ? [...inRow, ['…']] : inRow;
}
