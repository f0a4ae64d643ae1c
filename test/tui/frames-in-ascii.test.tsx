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
    const pieces = new Map<string, string>();
    const adapted = (piece: string, shown: string) => pieces.set(piece, shown);
    const [smallest, largest] = extremeSizes;
    for (const [size, shown] of [
      ...[...promisedSizes, smallest].map((each) => [each, screens] as const),
      // Which takes as long as all others together, and has no other words.
      [largest, representatives] as const,
    ])
      for (const screen of shown) {
        const lines = await frameOf(screen, { ...size, env, adapted });
        t.is(lines.length, size.rows);
        for (const line of lines)
          t.regex(
            line,
            /^[\u001b\u0020-\u007e]*$/,
            `${screen.name} at ${size.rows}x${size.columns}`,
          );
      }
    t.true(pieces.size > 1_000);
    for (const [piece, shown] of pieces) {
      t.is(columnsOf(unpainted(shown)), columnsOf(unpainted(piece)), piece);
      // A sign that adapt.ts does not know would be a question mark.
      t.is(marks(shown), marks(piece), piece);
    }
  },
);

function marks(text: string): number {
  return text.split('?').length;
}
