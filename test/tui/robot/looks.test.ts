// The real program in terminals that can do less, or more: what it writes is what they can show.
import test from 'ava';
import { viewNames, views } from '../../../tui/state/common-state.ts';
import { programCommand } from '../../fixture/programs.ts';
import { daemonOf } from '../../robot/daemon.ts';
import { SharedConsole } from '../../robot/shared-console.ts';
import { type Robot, withConsole, withTerminal } from '../../robot/terminal.ts';

const daemon = await daemonOf(test);
const shared = new SharedConsole(test);

test.before(async () => {
  await daemon.register({ id: 'node-1', port: 20_001 });
});

const size = { columns: 80, rows: 24 };

/** What the console has written since it took the screen. */
function written({ output }: Robot): string {
  return output.slice(output.indexOf('\u001b[?1049h'));
}

/** Every colour that it has set: a code of one of the 16, or one of the 256. */
function coloursIn(robot: Robot): string[] {
  const found = [...written(robot).matchAll(/\u001b\[([\d;]*)m/g)].flatMap(
    ([, codes = '']) => codes.match(/[34]8;5;\d+|\b(?:[34][0-7]|9[0-7]|10[0-7])\b/g) ?? [],
  );
  return [...new Set(found)].sort();
}

async function showEveryView(robot: Robot): Promise<void> {
  await robot.sees('-1m');
  for (const [index, view] of viewNames.entries()) {
    robot.type(String(index + 1));
    robot.type('?');
    await robot.sees('find a key: ');
    robot.type('\u001b');
    await robot.until(`${view}`, (screen) => !screen.join('\n').includes('find a key: '));
  }
}

const looks = {
  colour: {},
  'a light background': { COLORFGBG: '0;15' },
  '16 colours': { TERM: 'xterm' },
  'no colour': { NO_COLOR: '1' },
  ASCII: { LC_ALL: 'C' },
  'the Linux console': { TERM: 'linux' },
} as const satisfies Record<string, Record<string, string>>;

const windows = [
  [60, 20],
  [80, 24],
  [200, 50],
] as const;

/** In the console of the tests before, where it has the same look. */
function fillsEveryWindow(name: keyof typeof looks): void {
  test.serial(`looks › every view fills every window, in ${name}`, async (t) => {
    const env: Record<string, string> = looks[name];
    const isAscii = name === 'ASCII' || name === 'the Linux console';
    const mark = isAscii ? '* live' : '● live';
    await shared.use(daemon, { ...size, env, mark }, async (robot) => {
      for (const [columns, rows] of windows) {
        robot.resize(columns, rows);
        for (const [index, { title }] of views.entries()) {
          robot.type(String(index + 1));
          await robot.until(`${title} at ${rows}x${columns}`, (screen) => {
            const [head, tabs = ''] = screen;
            const isShown = screen.slice(2, -1).some((line) => line !== '');
            const isWhole = head?.includes(mark.slice(2)) && screen.at(-1)?.includes('q quit');
            return isShown && isWhole && tabs.includes(title);
          });
        }
      }
      t.is(/^[\u0000-\u007f]*$/.test(written(robot)), isAscii);
      t.is(coloursIn(robot).length > 0, name !== 'no colour');
    });
  });
}

test.serial('looks › where there is no UTF-8 every view is written in ASCII', async (t) => {
  await daemon.send('q東京\n');
  const options = { columns: 200, rows: 24, env: looks.ASCII, mark: '* live' };
  await shared.use(daemon, options, async (robot) => {
    await robot.sees('malformed: "q');
    await showEveryView(robot);
    robot.type('2/');
    await robot.sees('filter: _');
    robot.type('tök');
    await robot.sees('filter: t?k_');
    t.regex(written(robot), /^[\u0000-\u007f]*$/);
  });
});

fillsEveryWindow('ASCII');
fillsEveryWindow('16 colours');

test.serial('looks › 16 colours are those of the terminal, 256 a palette of its own', async (t) => {
  await shared.use(daemon, { ...size, env: looks['16 colours'], mark: '● live' }, async (robot) => {
    await showEveryView(robot);
    t.deepEqual(
      coloursIn(robot).filter((code) => code.includes(';')),
      [],
    );
    t.true(coloursIn(robot).includes('36'));
  });
  await shared.use(daemon, { ...size, env: looks.colour, mark: '● live' }, async (robot) => {
    await showEveryView(robot);
    t.deepEqual(
      coloursIn(robot).filter((code) => !code.includes(';')),
      [],
    );
    t.true(coloursIn(robot).includes('38;5;80'));
  });
});

fillsEveryWindow('colour');
fillsEveryWindow('a light background');
fillsEveryWindow('no colour');

test.serial(
  'looks › a light theme is the one of --theme, or of what the terminal says',
  async (t) => {
    const light = '38;5;24';
    const dark = '38;5;80';
    for (const [parameters, env, background] of [
      [['--theme', 'light'], {}, 'light'],
      [[], { COLORFGBG: '0;default;15' }, 'light'],
      [['--theme', 'dark'], { COLORFGBG: '0;15' }, 'dark'],
    ] as const)
      await withConsole(daemon, { ...size, parameters, env }, async (robot) => {
        await showEveryView(robot);
        const colours = coloursIn(robot);
        t.is(colours.includes(light), background === 'light');
        t.is(colours.includes(dark), background === 'dark');
      });
    const options = { ...size, parameters: ['--theme', '16'] };
    await withConsole(daemon, options, async (robot) => {
      await showEveryView(robot);
      t.deepEqual(
        coloursIn(robot).filter((code) => code.includes(';')),
        [],
      );
    });
  },
);

test.serial(
  'looks › the terminal is asked for its background, and its answer is no key',
  async (t) => {
    const question = '\u001b]11;?\u001b\\';
    const answer = '\u001b]11;rgb:fdfd/f6f6/e3e3\u001b\\';
    await withConsole(daemon, size, async (robot) => {
      await robot.until('the question', () => written(robot).includes(question));
      // The first frame did not wait.
      await robot.sees('Live hosts');
      robot.type('2/');
      await robot.sees('filter: █');
      robot.type(`a${answer.slice(0, 12)}`);
      robot.type(`${answer.slice(12)}b`);
      await robot.sees('filter: ab█');
      await robot.until('light colours', () => coloursIn(robot).includes('38;5;24'));
      t.is(written(robot).split(question).length, 2);
    });
    for (const [parameters, env] of [
      [['--theme', 'dark'], {}],
      [[], { COLORFGBG: '15;0' }],
      [[], { TERM: 'screen' }],
    ] as const)
      await withConsole(daemon, { ...size, parameters, env, mark: '' }, async (robot) => {
        robot.type('?');
        await robot.sees('find a key: █');
        t.false(robot.output.includes(']11;?'), JSON.stringify({ parameters, env }));
      });
  },
);

test.serial('looks › an answer that comes when the console ends is no command', async (t) => {
  await withConsole(daemon, { ...size, mark: '' }, async (robot) => {
    await robot.until('the question', () => written(robot).includes(']11;?'));
    robot.type('q\u001b]11;rgb:0000/0000/0000\u001b\\');
    await robot.until('the shell again', () => /\[\?1049l[\s\S]*shell> $/.test(robot.output));
    robot.type('echo "in=$?."\r');
    const screen = await robot.sees('in=0.');
    t.false(screen.join('\n').includes('rgb:'));
  });
});

/** What terminals that are set so give two columns (UAX #11). */
const ambiguous = /[─━│├┤┼·…×●○▲▼█←↑→↓]/u;

test.serial(
  'looks › a terminal with wide lines and dots gets ASCII, a narrow one does not',
  async (t) => {
    for (const isWide of [true, false])
      await withTerminal(size, async (robot) => {
        const { emulator } = robot;
        const width = (code: number) =>
          code < 32 ? 0 : isWide && ambiguous.test(String.fromCodePoint(code)) ? 2 : 1;
        emulator.unicode.register({
          version: 'wide',
          wcwidth: width,
          // xterm.js keeps the width in the second and third bit.
          charProperties: (code) => width(code) << 1,
        });
        emulator.unicode.activeVersion = 'wide';
        emulator.onData((answer) => robot.type(answer));
        await robot.run(programCommand('ddns-tui', '--socket', daemon.socket));
        await robot.until('a whole frame in characters that it has', (screen) => {
          const isWhole = screen.join('').includes('Live hosts') && screen.at(-1)?.includes('quit');
          const head = screen[0] ?? '';
          const isInPlace = head.length === size.columns - 1 && head.endsWith(' live');
          return isWhole && isInPlace && ambiguous.test(screen.join('')) !== isWide;
        });
        // Ctrl-F3 looks like an answer.
        robot.type('\u001b[1;5R2/a');
        await robot.sees(isWide ? 'filter: a_' : 'filter: a█');
        t.is(robot.output.split('\u001b[6n').length, 2, 'it is asked once');
      });
  },
);

fillsEveryWindow('the Linux console');

test.serial('looks › a terminal that does not restore its screen is left clean', async (t) => {
  const options = { ...size, env: looks['the Linux console'], mark: '* live' };
  await shared.use(daemon, options, async (robot) => {
    await robot.sees('Live hosts');
    robot.type('q');
    await robot.isAtShell();
    t.regex(written(robot), /\u001b\[\?1049l(?:(?!\u001b\[\?1049h).)*\u001b\[H\u001b\[2J/s);
  });
});

test.serial('looks › a terminal without a screen is told what it can have instead', async (t) => {
  await withTerminal({ ...size, env: { TERM: 'dumb' } }, async (robot) => {
    await robot.run(programCommand('ddns-tui', '--socket', daemon.socket));
    await robot.sees('terminal type dumb has no full screen', '--plain');
    t.is(await robot.exitCode(), 2);
    t.false(robot.output.includes('\u001b'));
  });
});

test.serial(
  'looks › what tells Ink or React that they are developed changes nothing',
  async (t) => {
    const env = { CI: 'true', DEV: 'true', NODE_ENV: 'development' };
    await withConsole(daemon, { ...size, env }, async (robot) => {
      await showEveryView(robot);
      robot.type('q');
      await robot.until('the shell again', (screen) => screen.at(4) === 'shell>');
      const drawn = written(robot).split('\u001b[?1049l')[0] ?? '';
      t.notRegex(drawn, /warning:|devtools|profiler/i);
    });
  },
);
