// The real program at a real terminal: the log of a real name server, and what strangers put into it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { daemonOf } from '../../robot/daemon.ts';
import { keyOf, SharedConsole } from '../../robot/shared-console.ts';
import { type Screen, sizes } from '../../robot/terminal.ts';

const daemon = await daemonOf(test, { settings: ['LogLevel=debug'] });
const shared = new SharedConsole(test);

/** Ports of nodes, each of which is registered once. */
let ports = 1_000;

/** Registers so many nodes, over one connection. */
function crowd(count: number, name: string): Promise<string> {
  const lines = Array.from({ length: count }, (_, i) => `alive ${name}-${i + 1} ${ports++}\n`);
  return daemon.send(lines.join(''));
}

/** Whether so many lines are out of sight, or more: the name server writes some of its own. */
function newer(least: number): (screen: Screen) => boolean {
  return (screen) =>
    Number(/ (\d+) (?:newer below|new lines)/.exec(screen.join('\n'))?.[1]) >= least;
}

/** How many lines the log has. */
function linesIn(screen: Screen): number {
  return Number(/ (\d+) lines?(?: |$)/m.exec(screen.join('\n'))?.[1]);
}

for (const size of sizes) {
  const rows = size.rows;
  test.serial(
    `console at ${rows}x${size.columns} › follows the log, and finds in it`,
    async (t) => {
      await shared.use(daemon, size, async (robot) => {
        const name = `of${rows}`;
        robot.type(keyOf('log'));
        const shown = 'all levels shown; the server logs debug and above';
        const before = linesIn(await robot.sees('following', shown, ' line'));
        await crowd(60, name);
        await robot.sees(`nodeId=${name}-60`);
        robot.type('k');
        await robot.sees('newer below; End to follow');
        await crowd(1, `late-${rows}`);
        const up = await robot.until('what is newer', newer(2));
        t.false(up.join('\n').includes(`nodeId=late-${rows}`));
        robot.type('g');
        await robot.sees('is ready', '127.0.0.1:1000');
        robot.type('G');
        await robot.sees('following', `nodeId=late-${rows}`);
        robot.type(`/${name.toUpperCase()}-5 !${name}-50 !${name}-51`);
        const found = await robot.sees(
          `filter: ${name.toUpperCase()}-5`,
          '9 of ',
          `${name}-52`,
          `${name}-59`,
        );
        t.true(linesIn(found) >= before + 61);
        t.notRegex(found.slice(4, -1).join('\n'), new RegExp(`${name}-5[01]|late`));
        robot.type('\r');
        await robot.sees('Esc clear filter');
        robot.type('\u001b');
        await robot.sees(`nodeId=late-${rows}`, 'following');
        robot.type('L');
        await robot.sees('no line at error or above; L changes the level');
        robot.type('LL');
        const few = await robot.sees(' of ', 'info and above shown', 'is ready');
        t.notRegex(few.join('\n'), /host registered/);
        robot.type('LL');
        await robot.sees(shown, `nodeId=late-${rows}`);
      });
    },
  );

  test.serial(
    `console at ${rows}x${size.columns} › strangers only put text into the log`,
    async (t) => {
      await shared.use(daemon, { ...size, view: 'log' }, async (robot) => {
        const before = robot.output.length;
        await robot.sees('following');
        await daemon.send(`alive \u001b[2J\u001b[31mred\u0007\u001b]0;own${rows}\u0007 4000\n`);
        await daemon.send(`alive a${rows}\u202e\u009b31m 4000\n`);
        const screen = await robot.sees(
          `\\x1b[2J\\x1b[31mred\\x07\\x1b]0;own${rows}\\x07`,
          `a${rows}\\u{202e}`,
        );
        t.true(screen[0]?.includes('Dynamo DNS'));
        t.true(screen.at(-1)?.includes('q quit'));
        t.notRegex(robot.output.slice(before), /\u001b\]0;own|\u202e|\u009b|\u0007/);
      });
    },
  );
}

test.serial('console › long lines are wrapped, or cut', async (t) => {
  await shared.use(daemon, { columns: 80, rows: 24, view: 'log' }, async (robot) => {
    robot.type('g');
    const wrapped = await robot.sees('name server is ready', 'ddnsd.sock');
    t.false(wrapped.join('\n').includes('…'));
    robot.type('w');
    await robot.until('a cut line', (screen) => screen.some((line) => /is ready .*…$/.test(line)));
    robot.type('\r');
    await robot.sees('ddnsd.sock');
    robot.type('\u001b[27uwG');
    await robot.sees('following');
  });
});

test.serial('console › the log goes on with a name server that was started anew', async (t) => {
  await shared.use(daemon, { columns: 100, rows: 30, view: 'log' }, async (robot) => {
    await daemon.register({ id: 'before', port: 4_000 });
    await robot.sees('host registered', 'nodeId=before');
    await daemon.kill('SIGKILL');
    await robot.sees('Disconnected', 'nodeId=before');
    await daemon.start();
    robot.type('r');
    const screen = await robot.sees('● live', 'restarted ──', 'registry loaded');
    const row = (text: string) => screen.findIndex((line) => line.includes(text));
    t.true(row('nodeId=before') < row('restarted ──'));
    t.true(row('restarted ──') < row('registry loaded'));
    await daemon.register({ id: 'after', port: 4_001 });
    await robot.sees('nodeId=after', 'following');
  });
});

test.serial('console › more is logged once the word is typed, and ddns.conf says so', async (t) => {
  const conf = join(daemon.folder, 'ddns.conf');
  await shared.use(daemon, { columns: 80, rows: 24, view: 'log' }, async (robot) => {
    await robot.sees('the server logs debug and above', '+ - verbosity');
    robot.type('-');
    await robot.sees('Set LogLevel=info in ddns.conf?', 'type info: █');
    robot.type('\u001b');
    await robot.sees('+ - verbosity');
    robot.type('-info\r');
    await robot.sees('LogLevel set to info', 'LogLevel changed from debug to info');
    t.regex(readFileSync(conf, 'utf8'), /^LogLevel=info$/m);
    robot.type('+');
    await robot.sees('Set LogLevel=debug in ddns.conf?', 'type debug: █');
    robot.type('debug\r');
    await robot.sees('all levels shown; the server logs debug and above');
    t.regex(readFileSync(conf, 'utf8'), /^LogLevel=debug$/m);
  });
});

test.serial('console › a paused log stands still, says what waits, and goes on', async (t) => {
  await shared.use(daemon, { columns: 100, rows: 24, view: 'log' }, async (robot) => {
    const before = linesIn(await robot.sees('following', ' line'));
    robot.type('p');
    await robot.sees('paused', 'p resume');
    await crowd(3, 'last');
    const paused = await robot.until('what is new', newer(3));
    t.false(paused.join('\n').includes('last-1'));
    robot.type('p');
    t.true(linesIn(await robot.sees('nodeId=last-3', 'following')) >= before + 3);
  });
});
