// Which theme the console has, and when it asks the terminal.
import test from 'ava';
import { abilitiesOf, type Environment } from '../../tui/abilities.ts';
import { asksTerminal, backgroundOfReply, chooseLook, type LookChoice } from '../../tui/look.ts';

const xterm: Environment = { TERM: 'xterm-256color' };

test('look › the command line outweighs the environment, that the file, and that the terminal', (t) => {
  const background = (choice: Partial<LookChoice>) =>
    chooseLook({ env: xterm, ...choice }).background;
  t.is(background({}), 'dark');
  t.is(background({ answer: 'light' }), 'light');
  t.is(background({ answer: 'light', file: 'dark' }), 'dark');
  const env = { ...xterm, COLORFGBG: '0;15' };
  t.is(background({ answer: 'dark', file: 'dark', env }), 'light');
  t.is(background({ answer: 'light', file: 'light', env, option: 'dark' }), 'dark');
});

test('look › 16 are the colours of the terminal, for the background that it has', (t) => {
  const env = { ...xterm, COLORFGBG: '0;15' };
  t.deepEqual(chooseLook({ env, option: '16' }), { colours: '16', background: 'light' });
  t.deepEqual(chooseLook({ env: xterm, file: '16' }), { colours: '16', background: 'dark' });
  t.deepEqual(chooseLook({ env: xterm, option: 'light', file: '16' }), {
    colours: '256',
    background: 'light',
  });
  t.is(chooseLook({ env: { TERM: 'xterm' }, option: 'light' }).colours, '16');
  t.is(chooseLook({ env: { ...xterm, NO_COLOR: '1' }, option: '16' }).colours, 'none');
});

test('look › COLORFGBG is understood as rxvt, Konsole and tmux write it', (t) => {
  for (const [value, background] of [
    ['15;0', 'dark'],
    ['7;8', 'dark'],
    ['15;default;0', 'dark'],
    ['0;15', 'light'],
    ['0;7', 'light'],
    ['0;default;15', 'light'],
    ['12;11', 'light'],
    // Not understood: as if it were not there.
    ['15;default', 'light'],
    ['0;99', 'light'],
    ['', 'light'],
  ] as const)
    t.is(
      chooseLook({ env: { ...xterm, COLORFGBG: value }, answer: 'light' }).background,
      background,
      value,
    );
});

test('look › a reply is read with any number of digits and either end', (t) => {
  for (const [reply, background] of [
    ['\u001b]11;rgb:0000/0000/0000\u001b\\', 'dark'],
    ['\u001b]11;rgb:1e1e/1e1e/2e2e\u0007', 'dark'],
    ['\u001b]11;rgb:FFFF/FFFF/FFFF\u0007', 'light'],
    ['\u001b]11;rgb:ff/ff/ff\u001b\\', 'light'],
    ['\u001b]11;rgb:f/d/d\u001b\\', 'light'],
    ['\u001b]11;rgba:fdfd/f6f6/e3e3/ffff\u001b\\', 'light'],
    ['\u001b]11;rgb:0000/2b2b/3636\u001b\\', 'dark'],
    ['\u001b]10;rgb:ffff/ffff/ffff\u001b\\', null],
    ['\u001b]11;?\u001b\\', null],
    ['\u001b]11;rgb:ffff/ffff\u001b\\', null],
    ['\u001b]11;rgb:fffff/0/0\u001b\\', null],
  ] as const)
    t.is(backgroundOfReply(reply), background, JSON.stringify(reply));
});

test('look › a terminal is asked only if it answers and nothing else has told', (t) => {
  const asks = (env: Environment, more: Partial<LookChoice> = {}) =>
    asksTerminal({ env, ...more }, abilitiesOf({ LANG: 'C.UTF-8', ...env }));
  t.true(asks(xterm));
  t.true(asks({ TERM: 'xterm' }));
  t.true(asks({ TERM: 'screen-256color', TMUX: '/tmp/tmux-1000/default,1,0' }));
  t.true(asks({ TERM: 'tmux-256color', TMUX: '/tmp/tmux-1000/default,1,0' }));
  t.true(asks(xterm, { option: '16' }));
  for (const TERM of ['linux', 'dumb', 'vt220', 'screen', 'screen.xterm-256color', 'ansi'])
    t.false(asks({ TERM }), TERM);
  t.false(asks(xterm, { option: 'light' }));
  t.false(asks(xterm, { file: 'dark' }));
  t.false(asks({ ...xterm, COLORFGBG: '15;0' }));
  t.false(asks({ ...xterm, NO_COLOR: '1' }));
  t.false(asks({ ...xterm, INK_SCREEN_READER: 'true' }));
});
