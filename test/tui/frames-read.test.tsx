// What a screen reader is given of each screen: the words of it, line by line, and nothing that is drawn.
import test from 'ava';
import { readOf } from './frame-of.tsx';
import { representatives, screens } from './screens/screens.ts';

for (const screen of representatives)
  test(`frames read › ${screen.name}`, async (t) => {
    t.snapshot(await readOf(screen));
  });

test.serial('frames read › no screen has anything in it that has no words', async (t) => {
  for (const screen of screens) {
    const lines = await readOf(screen);
    t.true(lines.length > 1, screen.name);
    for (const line of lines) t.regex(line, /^[\u0020-\u007e]+$/, `${screen.name}: ${line}`);
  }
});
