// The real program at a terminal that goes, stalls, tears what is typed, or comes in a state that others left.
import { once } from 'node:events';
import { readFileSync, watch } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { spawn } from '@lydell/node-pty';
import test from 'ava';
import { programCommand } from '../../fixture/programs.ts';
import { makeFolder } from '../../fixture/temp-folder.ts';
import { daemonOf } from '../../robot/daemon.ts';
import { openTerminal, withConsole } from '../../robot/terminal.ts';

const daemon = await daemonOf(test);

const size = { columns: 80, rows: 24 };

test.serial('console › ends as after SIGHUP when its terminal goes', async (t) => {
  const folder = makeFolder(t);
  const file = join(folder, 'code');
  const robot = await openTerminal(size);
  const script = 'trap "" HUP; "$@" 2>"$0.said"; echo $? >"$0.new"; mv "$0.new" "$0"';
  const program = programCommand('ddns-tui', '--socket', daemon.socket);
  await robot.run(['sh', '-c', script, file, ...program]);
  await robot.sees('● live');
  const watcher = watch(folder);
  t.teardown(() => watcher.close());
  robot.close();
  for (let name = ''; name !== 'code'; ) [, name] = await once(watcher, 'change');
  t.is(readFileSync(file, 'utf8'), '129\n');
  t.notRegex(readFileSync(`${file}.said`, 'utf8'), /[a-z]{3}/i);
});

test.serial(
  'console › a terminal that takes nothing holds up neither keys nor the end',
  async (t) => {
    const [program, ...parameters] = programCommand('ddns-tui', '--socket', daemon.socket);
    const { NODE_OPTIONS: _, ...env } = process.env;
    const pty = spawn(program, parameters, {
      ...{ cols: 200, rows: 50, name: 'xterm-256color' },
      env: { ...env, LC_ALL: 'C.UTF-8' },
    });
    t.teardown(() => pty.kill('SIGKILL'));
    let output = '';
    await new Promise<void>((resolve) =>
      pty.onData((data) => {
        output += data;
        if (output.includes('● live')) resolve();
      }),
    );
    const ended = new Promise<number>((resolve) => pty.onExit(({ exitCode }) => resolve(exitCode)));
    pty.pause();
    // More frames than all buffers hold.
    pty.write('\u000c'.repeat(100));
    pty.write('q');
    t.is(await ended, 0);
  },
);

test.serial('console › modes that another program left on are reset when it begins', async (t) => {
  const robot = await openTerminal(size);
  t.teardown(() => robot.close());
  // Mouse, focus, application cursor keys, insertion, a scrolling region, the graphic character set.
  robot.type("printf '\\033[?1003h\\033[?1006h\\033[?1004h\\033[?1h\\033[4h\\033[3;9r\\033(0'\r");
  await robot.until('the mouse', () => robot.emulator.modes.mouseTrackingMode === 'any');
  await robot.run(programCommand('ddns-tui', '--socket', daemon.socket)).catch(() => 0);
  await robot.sees('● live', 'Live hosts', 'q quit');
  const { mouseTrackingMode, sendFocusMode, applicationCursorKeysMode, insertMode } =
    robot.emulator.modes;
  t.deepEqual(
    { mouseTrackingMode, sendFocusMode, applicationCursorKeysMode, insertMode },
    {
      ...{ mouseTrackingMode: 'none', sendFocusMode: false },
      ...{ applicationCursorKeysMode: false, insertMode: false },
    },
  );
});

test.serial('console › started in the background it draws nothing before fg', async (t) => {
  const robot = await openTerminal(size);
  t.teardown(() => robot.close());
  const command = programCommand('ddns-tui', '--socket', daemon.socket).join(' ');
  robot.type(`${command} & wait %1; echo "state=$?."\r`);
  // The shell waits until the job stops.
  const [, state] = await robot.prints(/state=(\d+)\./);
  t.is(Number(state), 128 + constants.signals.SIGTTOU);
  t.false(robot.output.includes('\u001b[?1049h'));
  robot.type('fg\r');
  await robot.sees('● live', 'Live hosts', 'q quit');
  robot.type('q');
  t.is(await robot.exitCode(), 0);
});

test.serial(
  'console › a stop from outside leaves the shell its keys, and fg all of them',
  async (t) => {
    await withConsole(daemon, { ...size, parameters: ['hosts'] }, async (robot, pid) => {
      await robot.sees('0 hosts');
      process.kill(pid, 'SIGSTOP');
      await robot.sees('Stopped');
      // The shell has the terminal: the console leaves the screen, and stops again before it reads a key.
      process.kill(pid, 'SIGCONT');
      await robot.until(
        'the screen of the shell',
        () => robot.emulator.buffer.active.type === 'normal',
      );
      robot.type('echo "keys=$?."\r');
      await robot.prints(/keys=\d+\./);
      robot.type('fg\r');
      await robot.sees('● live', '0 hosts', 'q quit');
      robot.type('/node');
      await robot.sees('filter: node█');
      robot.type('\u0003');
      t.is(await robot.exitCode(), 0);
    });
  },
);

test.serial('console › keys of the Linux console and of kitty do what they say', async (t) => {
  await withConsole(daemon, size, async (robot) => {
    robot.type('\u001b[[A');
    await robot.sees('find a key: █');
    robot.type('\u001b[27u');
    await robot.sees('Live hosts');
    robot.type('2/\u001b[200~node-7');
    // Its end never comes.
    await robot.sees('filter: node-7█');
    robot.type('8');
    await robot.sees('filter: node-78█');
    robot.type('\u001b[99;5u');
    await robot.isAtShell();
  });
  t.pass();
});

test.serial(
  'console › what the terminal answers types nothing, and is asked no more at the end',
  async (t) => {
    const robot = await openTerminal(size);
    t.teardown(() => robot.close());
    robot.emulator.onData((answer) => robot.type(answer));
    await robot.run(programCommand('ddns-tui', '--socket', daemon.socket)).catch(() => 0);
    await robot.sees('● live', 'Live hosts');
    robot.type('2/a');
    await robot.sees('filter: a█');
    robot.type('bc');
    await robot.sees('filter: abc█');
    t.true(robot.output.split('\u001b[5n').length > 2);
    robot.type('\u0003');
    await robot.isAtShell();
    robot.type('echo typed\r');
    await robot.until('what was typed', (screen) => screen.includes('shell> echo typed'));
  },
);
