import test from 'ava';
import { fewerColours } from '../../../tui/terminal/adapt.ts';

const frame =
  '\u001b[1;38;5;160mred\u001b[39;22m \u001b[36mcyan\u001b[m \u001b[0;48;2;250;180;10;7mon amber\u001b[0m\n\u001b[38;5;244mgrey\u001b[39m';

test('colours › a terminal with 256 gets the frame as it is', (t) => {
  t.is(fewerColours(frame, '256'), frame);
});

test('colours › a terminal with 16 gets the nearest of its own', (t) => {
  t.is(
    fewerColours(frame, '16'),
    '\u001b[1;31mred\u001b[39;22m \u001b[36mcyan\u001b[m \u001b[0;43;7mon amber\u001b[0m\n\u001b[37mgrey\u001b[39m',
  );
  const nearest = (index: number) => fewerColours(`\u001b[38;5;${index}m`, '16').slice(2, -1);
  t.deepEqual([0, 1, 9, 15, 16, 28, 30, 133, 231, 232, 255].map(nearest), [
    '30',
    '31',
    '31',
    '37',
    '30',
    '32',
    '36',
    '35',
    '37',
    '30',
    '37',
  ]);
});

test('colours › without colours only weight, dimming, lines and reversal stay', (t) => {
  t.is(
    fewerColours(frame, 'none'),
    '\u001b[1mred\u001b[22m cyan\u001b[m \u001b[0;7mon amber\u001b[0m\ngrey',
  );
});
