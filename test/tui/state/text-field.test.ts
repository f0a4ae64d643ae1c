import '../../fixture/production.ts';
import test from 'ava';
import { aroundInSight } from '../../../tui/components/prompt.tsx';
import { noHistory, type Prompt, recalled, remembered } from '../../../tui/state/prompt.ts';
import {
  aroundCaret,
  editField,
  type FieldEdit,
  type TextField,
} from '../../../tui/state/text-field.ts';
import { columnsOf } from '../../../tui/text/columns.ts';

const type = (text: string): FieldEdit => ({ type: 'insert', text });
const move = (by: -1 | 1, unit: 'character' | 'word' | 'all' = 'character'): FieldEdit => ({
  type: 'move',
  by,
  unit,
});
const erase = (by: -1 | 1, unit: 'character' | 'word' | 'all' = 'character'): FieldEdit => ({
  type: 'erase',
  by,
  unit,
});

/** What is seen after the edits, with `|` for the caret. */
function seen(edits: readonly FieldEdit[], limit = 100): string {
  const start: TextField = { text: '' };
  const field = edits.reduce((at, edit) => editField(at, edit, limit), start);
  return aroundCaret(field)
    .map((side) => side.join(''))
    .join('|');
}

test('text field › the caret moves and stops at both ends', (t) => {
  t.is(seen([type('abc'), move(-1)]), 'ab|c');
  t.is(seen([type('abc'), move(1)]), 'abc|');
  t.is(seen([type('abc'), move(-1, 'all'), move(-1)]), '|abc');
  t.is(seen([type('one two  three'), move(-1, 'word')]), 'one two  |three');
  t.is(seen([type('one two  '), move(-1, 'word')]), 'one |two  ');
  t.is(seen([type('one two'), move(-1, 'all'), move(1, 'word')]), 'one| two');
});

test('text field › text is typed and erased at the caret', (t) => {
  t.is(seen([type('ac'), move(-1), type('b')]), 'ab|c');
  t.is(seen([type('abc'), move(-1), erase(-1)]), 'a|c');
  t.is(seen([type('abc'), move(-1), erase(1)]), 'ab|');
  t.is(seen([type('abc'), erase(1)]), 'abc|');
  t.is(seen([type('one two three'), move(-1, 'word'), erase(-1, 'word')]), 'one |three');
  t.is(seen([type('one two'), move(-1, 'word'), erase(-1, 'all')]), '|two');
  t.is(seen([type('one two'), move(-1, 'word'), erase(1, 'all')]), 'one |');
  t.is(seen([type('abcd'), move(-1), type('xyz')], 5), 'abcx|d', 'what has no room is not taken');
});

test('text field › what is seen as one character is never taken apart', (t) => {
  const family = '👨‍👩‍👧';
  t.is(seen([type(`a${family}e\u0301`), move(-1), move(-1)]), `a|${family}e\u0301`);
  t.is(seen([type(`a${family}`), erase(-1)]), 'a|');
});

test('text field › the caret is in sight, however long and wide the text', (t) => {
  const text = '主机'.repeat(30);
  for (const width of [8, 9, 20])
    for (const afterCaret of [0, 1, 5, 59, 60]) {
      const [before, under, after] = aroundInSight({ text, afterCaret }, width);
      const shown = columnsOf(before + (under ?? '█') + after);
      t.true(shown <= width, `${shown} of ${width}`);
      t.is(under === null, afterCaret === 0);
    }
  t.deepEqual(aroundInSight({ text: 'hunter2', afterCaret: 1 }, 20, true), ['******', '*', '']);
});

test('history › a text is kept once, and only where it can be recalled', (t) => {
  const filter = (text: string): Prompt => ({ kind: 'filter', text, before: '' });
  const kept = ['a', 'b', ' a ', ''].map(filter).reduce(remembered, noHistory);
  t.deepEqual(kept, { filter: ['a', 'b'], palette: [] });
  const confirm: Prompt = { kind: 'confirm', text: 'drain', asked: { action: 'drain' } };
  t.is(remembered(kept, confirm), kept);
  t.is(recalled(confirm, kept, 1), null);
  const older = recalled(filter('x'), kept, 1);
  t.is(older?.text, 'a');
  t.is(older && recalled(older, kept, -1)?.text, 'x');
});
