import test from 'ava';
import { columnsOf } from '../../../tui/text/columns.ts';
import { brokenRows } from '../../../tui/text/wrap.ts';

function shown(text: string, width: number, limit = 100): string[] {
  return brokenRows(text, width, limit).map(
    ({ from, to, isCut }) => text.slice(from, to) + (isCut ? '…' : ''),
  );
}

test('broken rows › words stay whole where they fit', (t) => {
  t.deepEqual(shown('', 10), ['']);
  t.deepEqual(shown('one', 3), ['one']);
  t.deepEqual(shown('one two three', 7), ['one two', 'three']);
  t.deepEqual(shown('one two three', 8), ['one two', 'three']);
  t.deepEqual(shown('one two three', 6), ['one', 'two', 'three']);
  t.deepEqual(shown('ready  port=1  hosts=3', 14), ['ready  port=1', 'hosts=3']);
  t.deepEqual(shown('ends with a space ', 17), ['ends with a space']);
});

test('broken rows › a word that is too long is broken, and nothing is lost', (t) => {
  t.deepEqual(shown('abcdefgh', 3), ['abc', 'def', 'gh']);
  t.deepEqual(shown('a bcdefghij k', 4), ['a', 'bcde', 'fghi', 'j k']);
});

test('broken rows › the last row that may be says that there is more', (t) => {
  t.deepEqual(shown('one two three', 7, 2), ['one two', 'three']);
  t.deepEqual(shown('one two three four', 7, 2), ['one two', 'three …']);
  t.deepEqual(shown('one two three', 7, 1), ['one tw…']);
  t.deepEqual(shown('one two', 7, 1), ['one two']);
});

test('broken rows › no row is wider than it may be, whatever the characters are', (t) => {
  const text = '日本語のノード 日本 é e\u0301e\u0301e\u0301 👩‍👩‍👧 end of it';
  for (let width = 2; width <= 40; width++) {
    const rows = shown(text, width);
    for (const row of rows) t.true(columnsOf(row) <= width, `${width}: ${row}`);
    t.is(rows.join('').replaceAll(' ', ''), text.replaceAll(' ', ''));
    for (const row of shown(text, width, 2)) t.true(columnsOf(row) <= width, `${width}: ${row}`);
  }
});
