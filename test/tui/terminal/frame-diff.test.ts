import test from 'ava';
import fc from 'fast-check';
import { diffFrame } from '../../../tui/terminal/frame-diff.ts';
import { shownAfter } from './emulator.ts';

const size = { columns: 12, rows: 4 };

test('frame diff › equal frames cost nothing', (t) => {
  const frame = ['one', '\u001b[1mtwo\u001b[22m', '', 'four'];
  t.is(diffFrame(frame, [...frame], size), '');
  t.is(diffFrame(['a'], ['\u001b[39ma'], size), '');
});

test('frame diff › only what differs is written, at its place', (t) => {
  t.is(diffFrame(['count 1', 'same'], ['count 2', 'same'], size), '\u001b[1;7H2');
  t.is(diffFrame(['ab'], ['a'], size), '\u001b[1;2H\u001b[K');
  t.is(diffFrame(['ab'], ['\u001b[31mab\u001b[39m'], size), '\u001b[1H\u001b[31mab\u001b[m');
  t.is(diffFrame(['a      b'], ['x      y'], size), '\u001b[1Hx\u001b[6Cy');
  t.is(
    diffFrame(['a b', 'c'], ['\u001b[36mx y\u001b[39m', '\u001b[36mz\u001b[39m'], size),
    '\u001b[1H\u001b[36mx y\u001b[2Hz\u001b[m',
  );
});

test('frame diff › an unknown screen is written whole, each line cleared only behind its place', (t) => {
  t.is(
    diffFrame(null, ['one', 'two'], size),
    '\u001b[1H\u001b[Kone\u001b[2H\u001b[Ktwo\u001b[3H\u001b[K\u001b[4H\u001b[K',
  );
});

test('frame diff › lines and columns beyond the terminal are left out', (t) => {
  t.is(
    diffFrame(['', '', '', ''], ['', '', '', 'abcdefghijklmnop', 'x'], size),
    '\u001b[4Habcdefghijkl',
  );
});

test('frame diff › any frame after any other looks as if it were painted whole', async (t) => {
  const piece = fc.tuple(
    fc.constantFrom('', '1', '2', '7', '36', '1;31'),
    fc.constantFrom('a', 'bb', ' ', '    ', '漢', '字x', '━━', '…'),
  );
  const line = fc
    .array(piece, { maxLength: 8 })
    .map((pieces) =>
      pieces.map(([style, text]) => (style ? `\u001b[${style}m${text}\u001b[0m` : text)).join(''),
    );
  const frame = fc.array(line, { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(frame, frame, async (before, after) => {
      const whole = await shownAfter(size, diffFrame(null, after, size));
      const stepped = await shownAfter(
        size,
        diffFrame(null, before, size),
        diffFrame(before, after, size),
      );
      t.deepEqual(stepped, whole);
    }),
    { numRuns: 200 },
  );
});
