import test from 'ava';
import stringWidth from 'string-width';
import {
  clausesWithin,
  columnsOf,
  cut,
  cutMiddle,
  fitted,
  graphemesOf,
  isNarrow,
  safe,
  wordsWithin,
} from '../../../tui/text/columns.ts';
import { wrap } from '../../../tui/text/wrap.ts';

test('columns › a cut text is as wide as asked and says that it was cut', (t) => {
  const cases: [string, number, string][] = [
    ['', 5, ''],
    ['abc', 3, 'abc'],
    ['abcd', 3, 'ab…'],
    ['abcd', 1, '…'],
    ['abcd', 0, ''],
    ['漢字漢字', 8, '漢字漢字'],
    ['漢字漢字', 7, '漢字漢…'],
    ['漢字漢字', 6, '漢字…'],
    ['ab漢', 3, 'ab…'],
    ['👩‍👩‍👧👩‍👩‍👧', 3, '👩‍👩‍👧…'],
  ];
  for (const [text, width, expected] of cases) {
    t.is(cut(text, width), expected, `${text} in ${width}`);
    t.true(columnsOf(cut(text, width)) <= width);
  }
});

test('columns › clauses that have room are whole, and no remark or quotation stays open', (t) => {
  const text = 'peer a connected (id 7, new), then "b, c" came; done';
  const cases: [number, string | null][] = [
    [52, text],
    [51, 'peer a connected (id 7, new), then "b, c" came'],
    [41, 'peer a connected (id 7, new), then'],
    [33, 'peer a connected (id 7, new)'],
    [27, 'peer a connected'],
    [15, null],
  ];
  for (const [width, expected] of cases) t.is(clausesWithin(text, width), expected, `${width}`);
});

test('columns › words that have room are whole, at least two of them', (t) => {
  t.is(wordsWithin('drain to a started', 16), 'drain to a …');
  t.is(wordsWithin('drain to a started', 11), 'drain to …');
  t.is(wordsWithin('drain to a started', 9), null);
});

test('columns › a path is cut in its middle: its last part says most', (t) => {
  t.is(cutMiddle('/var/lib/ddnsd/hosts.db', 23), '/var/lib/ddnsd/hosts.db');
  t.is(cutMiddle('/var/lib/ddnsd/hosts.db', 16), '/var/…d/hosts.db');
  t.is(cutMiddle('/var/lib/ddnsd/hosts.db', 3), '…db');
  t.is(cutMiddle('/var/lib/ddnsd/hosts.db', 2), '/…');
  t.is(cutMiddle('/漢字/hosts', 6), '/漢字…');
});

test('columns › a fitted text takes exactly its columns, on either side', (t) => {
  t.is(fitted('ab', 4), 'ab  ');
  t.is(fitted('ab', 4, 'right'), '  ab');
  t.is(fitted('漢字漢', 4), '漢… ');
  t.is(fitted('abcdef', 4, 'right'), 'abc…');
});

test('columns › text from outside cannot move the cursor, reverse a line or join a neighbour', (t) => {
  t.is(safe('a\u001b[2Jb'), 'a\\x1b[2Jb');
  t.is(safe('a\nb\tc'), 'a\\x0ab\\x09c');
  t.is(safe('a\u202eb'), 'a\\u{202e}b');
  t.is(safe('e\u0301'), 'e\\u{301}');
  t.is(safe('plain'), 'plain');
});

test('columns › no letter or sign from outside shares its column with a neighbour', (t) => {
  // What is left out, ideographs and syllables of Korean, joins none.
  const alone = /[\p{Ideographic}\uac00-\ud7af]/u;
  const wrong: string[] = [];
  for (let code = 0xa0; code <= 0x1ffff; code++) {
    const character = String.fromCodePoint(code);
    if (alone.test(character)) continue;
    const shown = safe(character);
    if (columnsOf(`x${shown}x`) !== columnsOf(shown) + 2) wrong.push(code.toString(16));
  }
  t.deepEqual(wrong, []);
});

test('columns › words wrap at the width, and the last line is cut', (t) => {
  t.deepEqual(wrap('one two three', 7, 3), ['one two', 'three']);
  t.deepEqual(wrap('one two three four', 7, 2), ['one two', 'three …']);
  t.deepEqual(wrap('a bcdefghijk l', 6, 3), ['a', 'bcdefg', 'hijk l'], 'a word that is wider');
  t.deepEqual(wrap('a bcdefghijk l', 6, 2), ['a', 'bcdef…']);
  t.deepEqual(wrap('漢字漢', 5, 3), ['漢字', '漢']);
  t.deepEqual(wrap('', 6, 3), ['']);
});

test('columns › what is taken for narrow without a look into Unicode is narrow', (t) => {
  let found = 0;
  for (let code = 0x20; code < 0x10000; code += 1) {
    const character = String.fromCharCode(code);
    if (!isNarrow(character)) continue;
    found += 1;
    t.is(stringWidth(character), 1, code.toString(16));
    t.is(stringWidth(`a${character}b`), 3, code.toString(16));
    t.deepEqual(graphemesOf(`a${character}${character}b`).length, 4, code.toString(16));
  }
  t.true(found > 1_000);
  for (const text of ['漢', 'e\u0301', '\u001b[1m', '◽', '👍', '\u00ad']) t.false(isNarrow(text));
});
