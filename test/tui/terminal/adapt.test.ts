import test from 'ava';
import fc from 'fast-check';
import { abilitiesOf, coloursOf, type Environment } from '../../../tui/abilities.ts';
import { asciiFrame } from '../../../tui/terminal/adapt.ts';
import { columnsOf, safe } from '../../../tui/text/columns.ts';

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

test('abilities › an old terminal, or one whose font lacks Braille, gets ASCII in every locale', (t) => {
  for (const TERM of ['linux', 'vt100', 'vt220', 'ansi', 'cons25', 'dumb'])
    t.is(abilitiesOf({ TERM, LANG: 'C.UTF-8' }).characters, 'ascii', TERM);
  t.is(abilitiesOf({ LANG: 'C.UTF-8' }, 'win32').characters, 'ascii');
  t.is(abilitiesOf({ WT_SESSION: '1' }, 'win32').characters, 'unicode');
});

test('abilities › some terminals have no screen, and some do not restore it', (t) => {
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

test('abilities › INK_SCREEN_READER turns reading on', (t) => {
  const isRead = (INK_SCREEN_READER?: string) => abilitiesOf({ INK_SCREEN_READER }).isRead;
  t.deepEqual(['true', '1', 'yes'].map(isRead), [true, true, true]);
  t.deepEqual([undefined, '', '0', 'false'].map(isRead), [false, false, false, false]);
});

test('ascii › the console’s own characters have a similar sign', (t) => {
  t.is(asciiFrame('● live ── ━━─ address ▲ 60×20 a · b'), '* live -- ==- address ^ 60x20 a | b');
  t.is(asciiFrame('cut here…'), 'cut here~');
  t.is(asciiFrame('↑↓ ←→'), '^v <>');
});

test('ascii › a single block is a caret, several are a bar', (t) => {
  t.is(asciiFrame('filter: node█\n████░░ 60 %'), 'filter: node_\n####.. 60 %');
  t.is(asciiFrame('é█'), '?_');
});

test('ascii › styles are kept', (t) => {
  t.is(asciiFrame('\u001b[1;32m● \u001b[39;22mlive'), '\u001b[1;32m* \u001b[39;22mlive');
});

test('ascii › other characters become as many question marks as they are wide', (t) => {
  t.is(asciiFrame('müller'), 'm?ller');
  t.is(asciiFrame('東京|'), '????|');
  t.is(asciiFrame('👩‍🚀|'), '??|');
  t.is(asciiFrame('e\u0301|'), 'e|');
});

test('ascii › the output is ASCII only, in as many columns', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
      const shown = safe(text);
      const out = asciiFrame(shown);
      t.regex(out, /^[\u0020-\u007e]*$/);
      t.is(columnsOf(out), columnsOf(shown), JSON.stringify(shown));
    }),
    { numRuns: 3_000 },
  );
});

test('ascii › a Braille chart keeps its height and slope', (t) => {
  const cases: [string, string][] = [
    ['⠉⠒⠤⣀', '"--_'],
    ['⠁⠂⠄⡀⠈⢀', "'--.'."],
    ['⡇⢸⣸⡏⢇', '|||||'],
    ['⢀⡠⠔⠊', './//'],
    ['⠑⠢⢄⡀', '\\\\\\.'],
    ['⠀', ' '],
    ['⡇⠓⠒⠒', '|---'],
  ];
  for (const [braille, expected] of cases) t.is(asciiFrame(braille), expected, braille);
});
