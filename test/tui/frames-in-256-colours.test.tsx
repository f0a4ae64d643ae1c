// The same screens on a terminal with 256 colours: other colours, the same words at the same places.
import test from 'ava';
import { unpainted } from '../../tui/theme.ts';
import { frameOf, readable } from './frame-of.tsx';
import { promisedSizes, representatives } from './screens/screens.ts';

const env = { TERM: 'xterm-256color' };

for (const size of promisedSizes)
  for (const screen of representatives)
    test.serial(
      `frames in 256 colours › ${screen.name} at ${size.rows}x${size.columns}`,
      async (t) => {
        const lines = await frameOf(screen, { ...size, env });
        t.deepEqual(lines.map(unpainted), (await frameOf(screen, size)).map(unpainted));
        t.snapshot(readable(lines));
      },
    );
