import test from 'ava';
import fc from 'fast-check';
import { mergeTexts } from '../../../shared/config/merge.ts';

const base = 'a\nb\nc\nd\n';

const cases: [title: string, mine: string, theirs: string, expected: string | null][] = [
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

for (const [title, mine, theirs, expected] of cases)
  test(`merge › ${title}`, (t) => {
    t.is(mergeTexts(base, mine, theirs), expected);
    t.is(mergeTexts(base, theirs, mine), expected);
  });

test('merge › a text without a last line end, and line ends of both kinds', (t) => {
  t.is(mergeTexts('a\r\nb', 'a\r\nb\nc', 'A\r\nb'), 'A\r\nb\nc');
  t.is(mergeTexts('', 'a', ''), 'a');
});

test('merge › property: with no change of one side it is the other', (t) => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '\n'), maxLength: 14 });
  const property = fc.property(text, text, (from, changed) => {
    t.is(mergeTexts(from, changed, from), changed);
    t.is(mergeTexts(from, from, changed), changed);
    t.is(mergeTexts(from, changed, changed), changed);
  });
  t.notThrows(() => fc.assert(property, { numRuns: 1_000 }));
});
