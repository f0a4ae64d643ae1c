// The real program at a real terminal: the log of a real name server, and what strangers put into it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import anyTest, { type TestFn } from 'ava';
import { viewNames } from '../../../tui/state/common-state.ts';
import { createRobotDaemon, type RobotDaemon } from '../../robot/daemon.ts';
import { sizes, withConsole } from '../../robot/terminal.ts';

const test = anyTest as TestFn<{ daemon: RobotDaemon }>;

test.beforeEach(async (t) => {
  t.context.daemon = await createRobotDaemon({ settings: ['LogLevel=debug'] });
  await t.context.daemon.start();
});

test.afterEach.always(async (t) => {
  await t.context.daemon?.close();
});

const logKey = String(viewNames.indexOf('log') + 1);

/** Registers so many nodes, over one connection. */
function crowd(daemon: RobotDaemon, count: number, name: string): Promise<string> {
  const lines = Array.from({ length: count }, (_, i) => `alive ${name}-${i + 1} ${1_000 + i}\n`);
  return daemon.send(lines.join(''));
}

for (const size of sizes) {
  const rows = size.rows;
  test.serial(
    `console at ${rows}x${size.columns} › follows the log, and finds in it`,
    async (t) => {
      const { daemon } = t.context;
      await withConsole(daemon, size, async (robot) => {
        robot.type(logKey);
        await robot.sees(
          'following',
          'all levels shown; the server logs debug and above',
          'is ready',
        );
        await crowd(daemon, 60, 'node');
        await robot.sees('nodeId=node-60');
        robot.type('k');
        await robot.sees('1 newer below; End to follow');
        await daemon.register({ id: 'late', port: 9_000 });
        const up = await robot.sees('2 newer below; End to follow');
        t.false(up.join('\n').includes('nodeId=late'));
        robot.type('g');
        await robot.sees('is ready', '127.0.0.1:1000');
        robot.type('G');
        await robot.sees('following', 'nodeId=late');
        robot.type('/NODE-5 !node-50 !node-51');
        const found = await robot.sees('filter: NODE-5', '9 of 62 lines', 'node-52', 'node-59');
        t.notRegex(found.slice(4, -1).join('\n'), /node-5[01]|late/);
        robot.type('\r');
        await robot.sees('Esc clear filter');
        robot.type('\u001b');
        await robot.sees('nodeId=late', 'following');
        robot.type('L');
        await robot.sees('no line at error or above; L changes the level');
        robot.type('LL');
        await robot.sees('1 of 62 lines', 'info and above shown', 'is ready');
        robot.type('q');
        await robot.isAtShell();
      });
    },
  );

  test.serial(
    `console at ${rows}x${size.columns} › strangers only put text into the log`,
    async (t) => {
      const { daemon } = t.context;
      await withConsole(daemon, { ...size, parameters: ['log'] }, async (robot) => {
        await robot.sees('is ready');
        await daemon.send('alive \u001b[2J\u001b[31mred\u0007\u001b]0;owned\u0007 4000\n');
        await daemon.send('alive a\u202e\u009b31m 4000\n');
        const screen = await robot.sees('\\x1b[2J\\x1b[31mred\\x07\\x1b]0;owned\\x07', '\\u{202e}');
        t.true(screen[0]?.includes('Dynamo DNS'));
        t.true(screen.at(-1)?.includes('q quit'));
        t.notRegex(robot.output, /\u001b\]0;owned|\u202e|\u009b|\u0007/);
      });
    },
  );
}

test.serial('console › long lines are wrapped, or cut', async (t) => {
  const { daemon } = t.context;
  await withConsole(daemon, { columns: 80, rows: 24, parameters: ['log'] }, async (robot) => {
    const wrapped = await robot.sees('name server is ready', 'ddnsd.sock');
    t.false(wrapped.join('\n').includes('…'));
    robot.type('w');
    await robot.until('a cut line', (screen) => screen.some((line) => /is ready .*…$/.test(line)));
    robot.type('\r');
    await robot.sees('ddnsd.sock');
  });
});

test.serial('console › the log goes on with a name server that was started anew', async (t) => {
  const { daemon } = t.context;
  await withConsole(daemon, { columns: 100, rows: 30, parameters: ['log'] }, async (robot) => {
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
  const { daemon } = t.context;
  const conf = join(daemon.folder, 'ddns.conf');
  await withConsole(daemon, { columns: 80, rows: 24, parameters: ['log'] }, async (robot) => {
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
  const { daemon } = t.context;
  await withConsole(daemon, { columns: 100, rows: 24, parameters: ['log'] }, async (robot) => {
    await robot.sees('is ready', 'following');
    robot.type('p');
    await robot.sees('paused', 'p resume');
    await crowd(daemon, 3, 'node');
    const paused = await robot.sees('3 new lines');
    t.false(paused.join('\n').includes('node-1'));
    robot.type('p');
    await robot.sees('nodeId=node-3', 'following', '4 lines');
  });
});
