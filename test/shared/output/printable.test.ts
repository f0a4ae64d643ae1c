import test from 'ava';
import { printable } from '../../../shared/output/printable.ts';

test('printable › what moves a cursor, turns a line around or cannot be seen is escaped', (t) => {
  const cases: [text: string, shown: string][] = [
    ['\x1b[2J\x07\x9b', '\\x1b[2J\\x07\\x9b'],
    ['a\u202eb\u200d\ufeff', 'a\\u{202e}b\\u{200d}\\u{feff}'],
    // A soft hyphen, the sign in front of an Arabic number, a tag: format characters outside the well-known ranges.
    ['\u00ad\u0600\u{e0041}', '\\xad\\u{600}\\u{e0041}'],
    ['\u2028\ud800\ue000', '\\u{2028}\\u{d800}\\u{e000}'],
    ['zażółć 神 🦊', 'zażółć 神 🦊'],
  ];
  for (const [text, shown] of cases) t.is(printable(text), shown);
});

test('printable › a long text is cut with a mark', (t) => {
  t.is(printable('abcdef', 4), 'abc…');
  t.is(printable('abcd', 4), 'abcd');
});

test('printable › the limit counts what is shown, and cuts no character and no escape', (t) => {
  t.is(printable('\x1b'.repeat(3), 12), '\\x1b\\x1b\\x1b');
  t.is(printable('\x1b'.repeat(4), 12), '\\x1b\\x1b…');
  t.is(printable('\u{e0041}'.repeat(300), 300).length, 298);
  t.is(printable('🦊🦊', 3), '🦊…');
});
