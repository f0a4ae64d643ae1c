// The same screens with NO_COLOR: nothing is coloured. That nothing is said by colour alone is in frames.test.tsx.
import test from 'ava';
import { frameOf, readable } from './frame-of.tsx';
import { promisedSizes, representatives } from './screens/screens.ts';

const env = { NO_COLOR: '1' };

for (const size of promisedSizes)
  for (const screen of representatives)
    test.serial(
      `frames without colour › ${screen.name} at ${size.rows}x${size.columns}`,
      async (t) => {
        t.snapshot(readable(await frameOf(screen, { ...size, env })));
      },
    );
