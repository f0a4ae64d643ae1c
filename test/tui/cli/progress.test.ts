import test from 'ava';
import { Progress } from '../../../tui/cli/progress.ts';

function shown(isTTY: boolean, env: Record<string, string>) {
  const clock = { now: 0 };
  let text = '';
  const write = (part: string | Uint8Array) => {
    text += part;
    return true;
  };
  const stream = { isTTY, write: write as NodeJS.WriteStream['write'] };
  const progress = new Progress('backup', stream, env, () => clock.now);
  return { clock, progress, text: () => text };
}

const utf8 = { TERM: 'xterm', LANG: 'en_GB.UTF-8' };

test('progress › a bar on a terminal, in place, taken away at the end', (t) => {
  const { clock, progress, text } = shown(true, utf8);
  progress.show(0.1, '1 MB of 10 MB');
  t.is(text(), '', 'not for what takes a moment');
  clock.now = 100;
  progress.show(0.5, '5 MB of 10 MB');
  t.is(text(), `\rbackup ${'█'.repeat(15)}${'░'.repeat(15)}  50 % 5 MB of 10 MB\x1b[K`);
  progress.end();
  t.true(text().endsWith('\r\x1b[K'));
});

test('progress › its characters are ASCII where the terminal has no others', (t) => {
  const { clock, progress, text } = shown(true, { TERM: 'xterm', LC_ALL: 'C' });
  clock.now = 100;
  progress.show(1, 'all');
  t.is(text(), `\rbackup ${'#'.repeat(30)} 100 % all\x1b[K`);
});

for (const [where, isTTY, env] of [
  ['no terminal', false, utf8],
  ['a screen reader', true, { ...utf8, INK_SCREEN_READER: 'true' }],
  ['a terminal that cannot place text', true, { TERM: 'dumb' }],
] as const)
  test(`progress › for ${where} a line every five seconds`, (t) => {
    const { clock, progress, text } = shown(isTTY, env);
    for (clock.now = 0; clock.now <= 10_000; clock.now += 1_000)
      progress.show(clock.now / 20_000, `${clock.now} of 20000`);
    progress.end();
    t.is(text(), 'backup: 25 %, 5000 of 20000\nbackup: 50 %, 10000 of 20000\n');
  });
