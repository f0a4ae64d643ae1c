import test from 'ava';
import { clipboardSequence, copyAddresses, maxCopiedBytes } from '../../../tui/app/clipboard.ts';

/** What a terminal would have in its clipboard. */
function received(sequence: string): string {
  const [, base64 = ''] = /^\u001b\]52;c;([A-Za-z0-9+/]*={0,2})\u0007$/.exec(sequence) ?? [];
  return Buffer.from(base64, 'base64').toString();
}

test('clipboard › lines are sent as one text in base64', (t) => {
  const lines = ['10.0.0.1:4000', '[2001:db8::1]:4000', 'é漢'];
  const { sequence, copied } = clipboardSequence(lines);
  t.is(received(sequence), lines.join('\n'));
  t.is(copied, 3);
});

test('clipboard › only whole lines are copied, as many as a terminal takes', (t) => {
  const half = 'x'.repeat(maxCopiedBytes / 2);
  const all = clipboardSequence([half, half.slice(1), 'y']);
  t.is(all.copied, 2);
  t.is(received(all.sequence).length, maxCopiedBytes);
  t.is(clipboardSequence([half, half]).copied, 1);
  t.deepEqual(clipboardSequence([`${half}${half}z`]), { sequence: '', copied: 0 });
  t.deepEqual(clipboardSequence([]), { sequence: '', copied: 0 });
});

test('clipboard › unprintable characters are copied escaped, and a notice says what was copied', (t) => {
  let written = '';
  const copy = (...lines: string[]) => {
    written = '';
    return copyAddresses(lines, (text) => {
      written += text;
    }).text;
  };
  const end = ' (if the terminal supports OSC 52)';
  t.is(copy('a\u001b]52;c;eA==\u0007\nrm -rf'), `copied a\\x1b]52;c;eA==\\x07\\x0arm -rf${end}`);
  t.is(received(written), 'a\\x1b]52;c;eA==\\x07\\x0arm -rf');
  t.is(copy('10.0.0.1:1', '10.0.0.2:1'), `copied 2 addresses${end}`);
  // Longer than any address: cut to 200 characters, and a line end.
  const many = Array.from({ length: 400 }, () => 'x'.repeat(300));
  const whole = Math.floor((maxCopiedBytes + 1) / (199 + Buffer.byteLength('…') + 1));
  t.is(copy(...many), `copied the first ${whole} of 400 addresses${end}`);
  t.true(received(written).length <= maxCopiedBytes);
});
