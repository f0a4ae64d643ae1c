import test from 'ava';
import { isWideReply } from '../../../tui/terminal/ambiguous-width.ts';

test('ambiguous width › the place of the cursor tells it, and no other reply does', (t) => {
  t.false(isWideReply('\u001b[1;3R'));
  t.true(isWideReply('\u001b[1;5R'));
  t.true(isWideReply('\u001b[24;4R'), 'a line alone, or a dot alone, is wide');
  for (const other of ['\u001b[0n', '\u001b]11;rgb:0/0/0\u0007', '\u001b[3R', '\u001b[1;3Rx'])
    t.is(isWideReply(other), null);
});
