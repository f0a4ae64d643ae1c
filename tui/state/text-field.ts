// A line of text that is being typed, and the caret in it. Everything counts graphemes, so that nothing that is seen as
// one character is ever taken apart. Pure.
import { graphemesOf } from '../text/columns.ts';

export interface TextField {
  text: string;
  /** graphemes after the caret; 0 by default: the caret is at the end */
  afterCaret?: number;
}

/** The text on either side of the caret, by graphemes. */
export function aroundCaret({
  text,
  afterCaret = 0,
}: TextField): [before: string[], after: string[]] {
  const all = graphemesOf(text);
  const at = Math.max(0, all.length - afterCaret);
  return [all.slice(0, at), all.slice(at)];
}

export type FieldEdit =
  | { type: 'insert'; text: string }
  /** towards the start (-1) or the end (1) */
  | { type: 'move'; by: -1 | 1; unit: 'character' | 'word' | 'all' }
  | { type: 'erase'; by: -1 | 1; unit: 'character' | 'word' | 'all' };

/** The field after the change, its text cut to `limit` characters. */
export function editField(field: TextField, edit: FieldEdit, limit: number): TextField {
  const [before, after] = aroundCaret(field);
  if (edit.type === 'insert') {
    const typed = [...(before.join('') + edit.text)];
    const room = Math.max(0, limit - [...after.join('')].length);
    return { text: typed.slice(0, room).join('') + after.join(''), afterCaret: after.length };
  }
  const length =
    edit.by < 0 ? lengthOf(before.toReversed(), edit.unit) : lengthOf(after, edit.unit);
  if (edit.type === 'move')
    return { text: field.text, afterCaret: after.length - edit.by * length };
  return edit.by < 0
    ? {
        text: before.slice(0, before.length - length).join('') + after.join(''),
        afterCaret: after.length,
      }
    : { text: before.join('') + after.slice(length).join(''), afterCaret: after.length - length };
}

/** Graphemes of a unit, from the caret on: a word is what follows blanks, up to the next one. */
function lengthOf(from: readonly string[], unit: 'character' | 'word' | 'all'): number {
  if (unit === 'all') return from.length;
  if (unit === 'character') return Math.min(1, from.length);
  const start = from.findIndex((each) => each.trim() !== '');
  if (start < 0) return from.length;
  const blanks = from.slice(start).findIndex((each) => each.trim() === '');
  return blanks < 0 ? from.length : start + blanks;
}
