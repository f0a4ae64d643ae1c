import test from 'ava';
import fc from 'fast-check';
import { asciiFrame } from '../../../tui/terminal/adapt.ts';
import { columnsOf, safe } from '../../../tui/text/columns.ts';

test('ascii › what the console draws with has a sign that looks alike', (t) => {
  t.is(asciiFrame('● live ── ━━─ address ▲ 60×20 a · b'), '* live -- ==- address ^ 60x20 a | b');
  t.is(asciiFrame('cut here…'), 'cut here~');
  t.is(asciiFrame('↑↓ ←→'), '^v <>');
});

test('ascii › a single block is a caret, several are a bar', (t) => {
  t.is(asciiFrame('filter: node█\n████░░ 60 %'), 'filter: node_\n####.. 60 %');
  t.is(asciiFrame('é█'), '?_');
});

test('ascii › styles stay', (t) => {
  t.is(asciiFrame('\u001b[1;32m● \u001b[39;22mlive'), '\u001b[1;32m* \u001b[39;22mlive');
});

test('ascii › what comes from elsewhere is as many question marks as it is wide', (t) => {
  t.is(asciiFrame('müller'), 'm?ller');
  t.is(asciiFrame('東京|'), '????|');
  t.is(asciiFrame('👩‍🚀|'), '??|');
  t.is(asciiFrame('e\u0301|'), 'e|');
});

test('ascii › nothing but ASCII comes out, in as many columns', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
      const shown = safe(text);
      const out = asciiFrame(shown);
      t.regex(out, /^[\u0020-\u007e]*$/);
      t.is(columnsOf(out), columnsOf(shown), JSON.stringify(shown));
    }),
    { numRuns: 3_000 },
  );
});

test('ascii › a chart in Braille lies as high and slopes alike', (t) => {
  const cases: [string, string][] = [
    ['⠉⠒⠤⣀', '"--_'],
    ['⠁⠂⠄⡀⠈⢀', "'--.'."],
    ['⡇⢸⣸⡏⢇', '|||||'],
    ['⢀⡠⠔⠊', './//'],
    ['⠑⠢⢄⡀', '\\\\\\.'],
    ['⠀', ' '],
    ['⡇⠓⠒⠒', '|---'],
  ];
  for (const [braille, expected] of cases) t.is(asciiFrame(braille), expected, braille);
});
