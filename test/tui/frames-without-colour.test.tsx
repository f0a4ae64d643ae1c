// The same screens with NO_COLOR: nothing is coloured, and nothing is said by colour alone.
import test from 'ava';
import { unpainted } from '../../tui/theme.ts';
import { frameOf, readable } from './frame-of.tsx';
import { promisedSizes, representatives, screens } from './screens/screens.ts';

const env = { NO_COLOR: '1' };

for (const size of promisedSizes) {
  for (const screen of representatives)
    test.serial(
      `frames without colour › ${screen.name} at ${size.rows}x${size.columns}`,
      async (t) => {
        t.snapshot(readable(await frameOf(screen, { ...size, env })));
      },
    );

  test(`frames without colour › every screen says the same as in colour at ${size.rows}x${size.columns}`, async (t) => {
    for (const screen of screens) {
      const lines = await frameOf(screen, { ...size, env });
      const coloured = await frameOf(screen, size);
      t.deepEqual(lines.map(unpainted), coloured.map(unpainted), screen.name);
      for (const [, codes] of lines.join('\n').matchAll(/\u001b\[([\d;]*)m/g))
        t.regex(codes ?? '', /^(?:(?:[0-9]|2[0-9])?(?:;|$))*$/, `${screen.name}: ${codes}`);
    }
  });
}
