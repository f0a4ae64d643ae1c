import test from 'ava';
import { isWideReply } from '../../../tui/terminal/ambiguous-width.ts';

test('ambiguous width › the place of the cursor tells it, and no other reply does', (t) => {
  t.false(isWideReply('\u001b[2;3R'));
  t.true(isWideReply('\u001b[2;5R'));
  t.true(isWideReply('\u001b[2;4R'), 'a line alone, or a dot alone, is wide');
  for (const other of ['\u001b[0n', '\u001b]11;rgb:0/0/0\u0007', '\u001b[3R', '\u001b[2;3Rx'])
    t.is(isWideReply(other), null);
});

test('ambiguous width › F3 with other keys, and any other place, is no answer', (t) => {
  for (let modifiers = 2; modifiers <= 16; modifiers++)
    t.is(isWideReply(`\u001b[1;${modifiers}R`), null);
  for (const elsewhere of ['\u001b[2;1R', '\u001b[2;6R', '\u001b[24;5R', '\u001b[12;4R'])
    t.is(isWideReply(elsewhere), null);
});
