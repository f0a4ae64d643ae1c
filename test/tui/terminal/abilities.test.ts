import test from 'ava';
import { abilitiesOf, coloursOf, type Environment } from '../../../tui/abilities.ts';

test('abilities › as many colours as TERM and COLORTERM promise', (t) => {
  const cases: [Environment, string][] = [
    [{}, '16'],
    [{ TERM: 'xterm' }, '16'],
    [{ TERM: 'screen' }, '16'],
    [{ TERM: 'linux' }, '16'],
    [{ TERM: 'linux', COLORTERM: 'truecolor' }, '16'],
    [{ TERM: 'xterm-256color' }, '256'],
    [{ TERM: 'tmux-256color' }, '256'],
    [{ TERM: 'xterm-kitty' }, '256'],
    [{ TERM: 'xterm-direct' }, '256'],
    [{ TERM: 'xterm', COLORTERM: 'truecolor' }, '256'],
    [{ TERM: 'xterm', COLORTERM: 'yes' }, '16'],
    [{ TERM: 'vt100' }, 'none'],
    [{ TERM: 'xterm-mono' }, 'none'],
    [{ TERM: 'dumb' }, 'none'],
  ];
  for (const [env, expected] of cases) t.is(coloursOf(env), expected as never, JSON.stringify(env));
});

test('abilities › NO_COLOR outweighs FORCE_COLOR, and that outweighs TERM', (t) => {
  const full = { TERM: 'xterm-256color', COLORTERM: 'truecolor' };
  t.is(coloursOf({ ...full, NO_COLOR: '1', FORCE_COLOR: '3' }), 'none');
  t.is(coloursOf({ ...full, NO_COLOR: '' }), '256');
  t.is(coloursOf({ ...full, FORCE_COLOR: '0' }), 'none');
  t.is(coloursOf({ ...full, FORCE_COLOR: '1' }), '16');
  t.is(coloursOf({ TERM: 'vt100', FORCE_COLOR: '2' }), '256');
  t.is(coloursOf({ ...full, FORCE_COLOR: '' }), '256');
});

test('abilities › the first of LC_ALL, LC_CTYPE and LANG that is set says whether it is UTF-8', (t) => {
  const cases: [Environment, string][] = [
    [{}, 'ascii'],
    [{ LANG: 'C' }, 'ascii'],
    [{ LANG: 'POSIX' }, 'ascii'],
    [{ LANG: 'de_DE.ISO-8859-1' }, 'ascii'],
    [{ LANG: 'C.UTF-8' }, 'unicode'],
    [{ LANG: 'de_DE.utf8' }, 'unicode'],
    [{ LC_CTYPE: 'UTF-8', LANG: 'C' }, 'unicode'],
    [{ LC_CTYPE: 'C', LANG: 'en_US.UTF-8' }, 'ascii'],
    [{ LC_ALL: '', LC_CTYPE: '', LANG: 'en_US.UTF-8' }, 'unicode'],
    [{ LC_ALL: 'C', LC_CTYPE: 'en_US.UTF-8', LANG: 'en_US.UTF-8' }, 'ascii'],
    [{ LC_ALL: 'en_US.UTF-8', LANG: 'C' }, 'unicode'],
  ];
  for (const [env, expected] of cases)
    t.is(abilitiesOf({ TERM: 'xterm', ...env }).characters, expected as never, JSON.stringify(env));
});

test('abilities › a terminal whose font or age allows no more gets ASCII whatever the locale', (t) => {
  for (const TERM of ['linux', 'vt100', 'vt220', 'ansi', 'cons25', 'dumb'])
    t.is(abilitiesOf({ TERM, LANG: 'C.UTF-8' }).characters, 'ascii', TERM);
  t.is(abilitiesOf({ LANG: 'C.UTF-8' }, 'win32').characters, 'ascii');
  t.is(abilitiesOf({ WT_SESSION: '1' }, 'win32').characters, 'unicode');
});

test('abilities › which terminals have a screen, and give back what was on it', (t) => {
  const screen = (TERM: string) => {
    const { hasScreen, restoresScreen } = abilitiesOf({ TERM });
    return [hasScreen, restoresScreen];
  };
  t.deepEqual(screen('xterm'), [true, true]);
  t.deepEqual(screen('tmux-256color'), [true, true]);
  t.deepEqual(screen('linux'), [true, false]);
  t.deepEqual(screen('vt100'), [true, false]);
  t.deepEqual(screen('dumb'), [false, false]);
});

test('abilities › INK_SCREEN_READER says that somebody listens', (t) => {
  const isRead = (INK_SCREEN_READER?: string) => abilitiesOf({ INK_SCREEN_READER }).isRead;
  t.deepEqual(['true', '1', 'yes'].map(isRead), [true, true, true]);
  t.deepEqual([undefined, '', '0', 'false'].map(isRead), [false, false, false, false]);
});
