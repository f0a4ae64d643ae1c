// The same screens where there is no UTF-8: only ASCII is written, and nothing moves for it.
import test from 'ava';
import { columnsOf } from '../../tui/text/columns.ts';
import { unpainted } from '../../tui/theme.ts';
import { frameOf } from './frame-of.tsx';
import { extremeSizes, promisedSizes, representatives, screens } from './screens/screens.ts';

const env = { LANG: 'C' };

for (const size of promisedSizes)
  for (const screen of representatives)
    test.serial(`frames in ASCII › ${screen.name} at ${size.rows}x${size.columns}`, async (t) => {
      const lines = await frameOf(screen, { ...size, env });
      t.snapshot(lines.map(unpainted));
    });

test.serial(
  'frames in ASCII › every screen is ASCII, as wide as before, and each sign of ours has one',
  async (t) => {
    for (const size of [...promisedSizes, ...extremeSizes])
      for (const screen of screens) {
        const lines = await frameOf(screen, { ...size, env });
        const before = await frameOf(screen, size);
        t.is(lines.length, before.length);
        for (const [row, line] of lines.entries()) {
          const about = `${screen.name} at ${size.rows}x${size.columns}: ${line}`;
          t.regex(line, /^[\u001b\u0020-\u007e]*$/, about);
          const drawnLine = unpainted(before[row] ?? '');
          t.is(columnsOf(unpainted(line)), columnsOf(drawnLine), about);
          // A sign that adapt.ts does not know would be a question mark.
          t.is(marks(line), marks(drawnLine), `${about}\n${drawnLine}`);
        }
      }
  },
);

function marks(line: string): number {
  return line.split('?').length;
}
