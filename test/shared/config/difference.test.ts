import test from 'ava';
import fc from 'fast-check';
import { compareLines, mergeTexts } from '../../../shared/config/difference.ts';

const lines = (text: string) => [...text].map((each) => ({ text: each, shown: each }));

/** `=3c` is line 3, unchanged; `-` was removed, `+` added. */
const signs = { same: '=', removed: '-', added: '+' };
function difference(before: string, after: string): string {
  return compareLines(lines(before), lines(after))
    .map(({ kind, line, text }) => `${signs[kind]}${line}${text}`)
    .join(' ');
}

const cases: [before: string, after: string, expected: string][] = [
  ['abc', 'abc', ''],
  ['', '', ''],
  ['', 'a', '+1a'],
  ['a', '', '-1a'],
  ['abcdefg', 'abcXefg', '=2b =3c -4d +4X =5e =6f'],
  ['abcdefghijk', 'XbcdefghijY', '-1a +1X =2b =3c =9i =10j -11k +11Y'],
  ['abc', 'cab', '+1c =2a =3b -3c'],
  ['aXbYc', 'abc', '=1a -2X =2b -4Y =3c'],
];

for (const [before, after, expected] of cases)
  test(`difference › ${before || 'nothing'} to ${after || 'nothing'}`, (t) => {
    t.is(difference(before, after), expected);
  });

test('difference › lines are compared unmasked and shown masked', (t) => {
  const hidden = (text: string) => [{ text, shown: '(hidden)' }];
  t.deepEqual(compareLines(hidden('a'), hidden('a')), []);
  t.deepEqual(compareLines(hidden('a'), hidden('b')), [
    { kind: 'removed', line: 1, text: '(hidden)' },
    { kind: 'added', line: 1, text: '(hidden)' },
  ]);
});

test('difference › texts that differ in too many lines count as replaced', (t) => {
  const long = (mark: string) =>
    Array.from({ length: 2_200 }, (_, index) => {
      const text = index % 2 ? 'same' : `${mark}${index}`;
      return { text, shown: text };
    });
  const found = compareLines(long('a'), long('b'));
  t.is(found.filter(({ kind }) => kind === 'removed').length, 2_200);
  t.is(found.filter(({ kind }) => kind === 'added').length, 2_200);
});

test('difference › property: applied to the old text, it gives the new one', (t) => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 12 });
  const property = fc.property(text, text, (before, after) => {
    const found = compareLines(lines(before), lines(after));
    const removed = new Set(found.filter(({ kind }) => kind === 'removed').map(({ line }) => line));
    const rest = [...before].filter((_, index) => !removed.has(index + 1));
    for (const { kind, line, text: added } of found)
      if (kind === 'added') rest.splice(line - 1, 0, added);
    t.is(rest.join(''), after);
  });
  t.notThrows(() => fc.assert(property, { numRuns: 1_000 }));
});

const base = 'a\nb\nc\nd\n';

const merges: [title: string, mine: string, theirs: string, expected: string | null][] = [
  ['nothing', base, base, base],
  ['only mine', 'a\nB\nc\nd\n', base, 'a\nB\nc\nd\n'],
  ['only theirs', base, 'a\nb\nc\n', 'a\nb\nc\n'],
  ['different lines', 'A\nb\nc\nd\n', 'a\nb\nc\nd\ne\n', 'A\nb\nc\nd\ne\n'],
  ['neighbours', 'a\nB\nc\nd\n', 'a\nb\nC\nd\n', 'a\nB\nC\nd\n'],
  ['the same line', 'a\nB\nc\nd\n', 'a\nX\nc\nd\n', null],
  ['the same line alike', 'a\nB\nc\nd\n', 'a\nB\nc\nD\n', 'a\nB\nc\nD\n'],
  ['one that the other took out', 'a\nB\nc\nd\n', 'a\nd\n', null],
  ['both add at one place', 'x\na\nb\nc\nd\n', 'y\na\nb\nc\nd\n', null],
  ['adding beside a change', 'a\nx\nb\nc\nd\n', 'a\nB\nc\nd\n', null],
];

for (const [title, mine, theirs, expected] of merges)
  test(`merge › ${title}`, (t) => {
    t.is(mergeTexts(base, mine, theirs), expected);
    t.is(mergeTexts(base, theirs, mine), expected);
  });

test('merge › a text without a last line end, and line ends of both kinds', (t) => {
  t.is(mergeTexts('a\r\nb', 'a\r\nb\nc', 'A\r\nb'), 'A\r\nb\nc');
  t.is(mergeTexts('', 'a', ''), 'a');
});

test('merge › property: if one side changed nothing, the result is the other side', (t) => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '\n'), maxLength: 14 });
  const property = fc.property(text, text, (from, changed) => {
    t.is(mergeTexts(from, changed, from), changed);
    t.is(mergeTexts(from, from, changed), changed);
    t.is(mergeTexts(from, changed, changed), changed);
  });
  t.notThrows(() => fc.assert(property, { numRuns: 1_000 }));
});
