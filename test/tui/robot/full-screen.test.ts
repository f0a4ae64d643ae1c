// The real program at a real terminal, attached to a real name server.
import test from 'ava';
import { programCommand } from '../../fixture/programs.ts';
import { threads } from '../../fixture/threads.ts';
import { createRobotDaemon, daemonOf } from '../../robot/daemon.ts';
import { SharedConsole } from '../../robot/shared-console.ts';
import { type Robot, type Screen, sizes, withConsole, withTerminal } from '../../robot/terminal.ts';

const daemon = await daemonOf(test, { forgets: true });
const shared = new SharedConsole(test);

async function registerMany(count: number, port = 20_000): Promise<void> {
  for (let index = 1; index <= count; index += 1)
    await daemon.register({
      id: `node-${String(index).padStart(3, '0')}`,
      port: port + index,
      from: `127.0.1.${index}`,
    });
}

/** How many requests the overview counts as refused. */
function refusedOn(screen: Screen): number {
  return Number(/refused +(\d+)/.exec(screen.join('\n'))?.[1]);
}

/** What every way out must leave behind. */
async function isRestored(robot: Robot): Promise<void> {
  await robot.isAtShell();
  robot.type('stty -a\r');
  const screen = await robot.until('stty', (seen) => seen.join(' ').includes('echoctl'));
  const settings = screen.join(' ').split(/[\s;]+/);
  for (const setting of ['icanon', 'echo', 'isig', 'icrnl', 'opost'])
    if (!settings.includes(setting)) throw new Error(`the terminal is left with -${setting}`);
  if (robot.emulator.buffer.active.type !== 'normal') throw new Error('still on the other screen');
  if (robot.emulator.modes.bracketedPasteMode) throw new Error('bracketed paste is left on');
  if (robot.emulator.modes.mouseTrackingMode !== 'none') throw new Error('the mouse is kept');
  if (!robot.isCursorShown) throw new Error('the cursor is left hidden');
}

function lastLine(screen: Screen): string {
  return screen.findLast((line) => line !== '') ?? '';
}

/** The console that the tests before have left. */
function endsWith(signal: NodeJS.Signals, code: number): void {
  test.serial(`console › ${signal} ends it and restores the terminal`, async (t) => {
    await shared.use(daemon, { columns: 80, rows: 24 }, async (robot, pid) => {
      await robot.sees('-1m');
      process.kill(pid, signal);
      t.is(await robot.exitCode(), code);
      await isRestored(robot);
    });
    t.pass();
  });
}

for (const [index, size] of sizes.entries()) {
  const name = `${size.rows}x${size.columns}`;

  test.serial(
    `console at ${name} › shows both views of a live registry, and quits cleanly`,
    async (t) => {
      // What the first of them registered is still among what happened.
      const port = 20_000 + 1_000 * index;
      await registerMany(3, port);
      await shared.use(daemon, size, async (robot) => {
        t.is(robot.emulator.buffer.active.type, 'alternate');
        await robot.sees('Live hosts', `${threads} configured`, `127.0.1.3:${port + 3}`, '-1m');
        await daemon.register({ id: 'late', port: port + 100, from: '127.0.1.100' });
        const before = refusedOn(await robot.sees(`127.0.1.100:${port + 100}`));
        await daemon.send('no such verb\n');
        await robot.until('the refusal is counted', (screen) => refusedOn(screen) === before + 1);
        robot.type('2');
        await robot.sees('4 hosts', '1 of 4', 'address ▲', `127.0.1.100:${port + 100}`, 'node-003');
        robot.type('q');
        await isRestored(robot);
      });
      t.pass();
    },
  );
}

test.serial('console › removes a host once the word is typed, and pings one', async (t) => {
  await registerMany(3);
  await shared.use(daemon, { columns: 100, rows: 24, view: 'hosts' }, async (robot) => {
    await robot.sees('3 hosts');
    robot.type('jx');
    await robot.sees('Remove 127.0.1.2:20002?', 'type remove: █');
    robot.type('remo\r');
    await robot.sees('type remove: remo█');
    robot.type('\u001b');
    await robot.until('the question is gone', (screen) => !lastLine(screen).includes('remo█'));
    await robot.sees('3 hosts');
    robot.type('xremove\r');
    const removed = await robot.sees('removed 127.0.1.2:20002', '2 hosts');
    t.false(removed.slice(0, -2).join('\n').includes('127.0.1.2:20002'));
    robot.type('P');
    await robot.sees('127.0.1.3:20003 did not answer');
    robot.type('g');
    await robot.until('it is gone', (screen) => !screen.join('').includes('did not answer'));
    robot.type('N');
    const again = await robot.sees('Latest notices', '127.0.1.3:20003 did not answer');
    t.regex(again.join('\n'), /\d\d:\d\d:\d\d UTC {2}removed 127\.0\.1\.2:20002/);
    robot.type('g');
    await robot.until('they are gone', (screen) => !screen.join('').includes('Latest notices'));
    robot.type(':notices\r');
    await robot.sees('Latest notices', '127.0.1.3:20003 did not answer');
  });
});

test.serial(
  'console › filters as it is typed, sorts, and the selection goes to the top',
  async (t) => {
    await registerMany(30);
    await shared.use(daemon, { columns: 100, rows: 30, view: 'hosts' }, async (robot) => {
      await robot.sees('30 hosts');
      robot.type('g');
      await robot.sees('1 of 30');
      robot.type('/');
      await robot.sees('filter: █');
      robot.type('node-01');
      await robot.sees('filter: node-01█', '10 hosts', 'matching node-01');
      robot.type(' !019\r');
      const filtered = await robot.sees('9 hosts', '1 of 9');
      t.false(filtered.join('\n').includes('node-019'));
      robot.type('jj');
      await robot.sees('3 of 9');
      robot.type('n');
      await robot.sees('node id ▲', '1 of 9');
      robot.type('n');
      await robot.sees('node id ▼', '1 of 9');
      robot.type('\u001b');
      await robot.sees('30 hosts');
      robot.type('G');
      await robot.sees('30 of 30');
      robot.type('g');
      await robot.sees('1 of 30');
      robot.type('\u001b[200~zzz\rq\u001b[201~');
      robot.type('/');
      robot.type('\u001b[200~node-02\rq\u001b[201~');
      await robot.sees('filter: node-02█', '10 hosts');
    });
  },
);

endsWith('SIGTERM', 143);

test.serial('console › the help lists the keys, and any view comes back from it', async (t) => {
  await shared.use(daemon, { columns: 80, rows: 24 }, async (robot) => {
    robot.type('?');
    const first = await robot.sees('find a key: █', ' Overview', 'Everywhere', 'Esc close');
    t.is(first.indexOf(' Overview'), 3, 'the view where it was opened');
    robot.type('\u001b[B\u001b[B');
    await robot.until('the first lines gone', (screen) => !screen.includes(' Overview'));
    robot.type('\u001b[F');
    await robot.sees('In this help', 'last line');
    robot.type('redraw');
    const found = await robot.sees('find a key: redraw█', 'Ctrl-L', 'redraw; a screen');
    t.false(found.join('\n').includes('Ctrl-Z'));
    robot.type('\u001b');
    await robot.sees('Live hosts');
  });
  t.pass();
});

endsWith('SIGHUP', 129);

test.serial(
  'console › a name server that is killed and comes back is attached to again',
  async (t) => {
    await registerMany(2);
    await shared.use(daemon, { columns: 80, rows: 24, view: 'hosts' }, async (robot) => {
      await robot.sees('2 hosts');
      await daemon.kill('SIGKILL');
      await robot.sees('Disconnected', '○ lost', '127.0.1.1:20001');
      await robot.until('failed attempts are counted', (screen) =>
        screen.some((line) => /[2-9] attempts failed/.test(line)),
      );
      await daemon.start();
      await daemon.register({ id: 'new', port: 20_009, from: '127.0.1.9' });
      const back = await robot.sees('● live', '3 hosts', '127.0.1.9:20009');
      t.false(back.join('\n').includes('Disconnected'));
    });
  },
);

endsWith('SIGINT', 130);

test.serial('console › has the size that its window was given while it was stopped', async (t) => {
  await shared.use(daemon, { columns: 80, rows: 24 }, async (robot) => {
    await robot.sees('Live hosts');
    robot.type('\u001a');
    await robot.sees('Stopped');
    robot.resize(100, 30);
    robot.type('fg\r');
    const screen = await robot.until('a footer at the end of the window', (seen) =>
      (seen.at(-1) ?? '').includes('q quit'),
    );
    t.is(screen.length, 30);
  });
});

test.serial('console › Ctrl-Z gives the terminal back, fg takes it again', async (t) => {
  await shared.use(daemon, { columns: 80, rows: 24 }, async (robot) => {
    await robot.sees('Live hosts');
    robot.type('\u001a');
    await robot.sees('Stopped');
    await isRestored(robot);
    robot.type('fg\r');
    await robot.sees('Live hosts', 'q quit');
    t.is(robot.emulator.buffer.active.type, 'alternate');
    t.false(robot.isCursorShown);
    robot.type('2');
    await robot.sees('no hosts registered yet');
    robot.type('\u0003');
    await isRestored(robot);
  });
});

test.serial('console › follows the size of its window, down to a polite line', async (t) => {
  await registerMany(2);
  await shared.use(daemon, { columns: 120, rows: 40 }, async (robot) => {
    await robot.sees('Requests per second', '-1m');
    robot.resize(60, 20);
    const small = await robot.until(
      'the small screen',
      (screen) =>
        screen.length === 20 &&
        lastLine(screen).includes('q quit') &&
        screen.join('').includes('Activity'),
    );
    t.true(small.every((line) => line.length <= 60));
    robot.type('?');
    await robot.sees('find a key: █');
    robot.resize(60, 9);
    await robot.sees('needs 60×10');
    // Redrawn, it has read the x.
    robot.type('x\u000c');
    await robot.prints(/needs 60×10/);
    robot.resize(120, 40);
    await robot.sees('find a key: █', 'Everywhere');
    robot.type('\u001b');
    await robot.sees('Requests per second', '-1m', 'Live hosts');
    robot.type('/:');
    robot.resize(60, 9);
    await robot.sees('needs 60×10');
    robot.type('q');
    await isRestored(robot);
  });
});

test.serial(
  'console › the title of the window is given back with the terminal, and taken again',
  async (t) => {
    const options = { columns: 80, rows: 24, parameters: ['--title'] };
    await withConsole(daemon, options, async (robot) => {
      await robot.prints(/\u001b\[22;2t[\s\S]*\u001b\]2;[^\u0007]*ddns-tui /);
      robot.type('\u001a');
      await robot.prints(/\u001b\[23;2t[\s\S]*Stopped/);
      robot.type('fg\r');
      await robot.prints(/\u001b\[22;2t[\s\S]*\u001b\]2;[^\u0007]*ddns-tui /);
      robot.type('q');
      await robot.prints(/\u001b\[23;2t/);
      t.is(await robot.exitCode(), 0);
    });
  },
);

test.serial('console › with --read-only nothing can be removed', async (t) => {
  await registerMany(1);
  const options = { columns: 100, rows: 24, parameters: ['hosts', '--read-only'] };
  await withConsole(daemon, options, async (robot) => {
    const screen = await robot.sees('1 host');
    t.false(lastLine(screen).includes('remove'));
    robot.type('x/');
    const prompted = await robot.sees('filter: █');
    t.false(prompted.join('\n').includes('type remove'));
  });
});

test.serial('console › NO_COLOR takes every colour out', async (t) => {
  await registerMany(2);
  const options = { columns: 200, rows: 50, env: { NO_COLOR: '1' } };
  await withConsole(daemon, options, async (robot) => {
    await robot.sees('127.0.1.2:20002', '-1m');
    robot.type('2');
    await robot.sees('2 hosts');
    const begun = robot.output.indexOf('\u001b[?1049h');
    // 1 bold, 2 dim, 4 underline, 7 inverse and their ends are no colours.
    const styles = [...robot.output.slice(begun).matchAll(/\u001b\[([0-9;]*)m/g)].map(
      ([, codes]) => codes,
    );
    t.true(styles.length > 0);
    t.deepEqual(
      styles.filter((codes) => (codes ?? '').split(';').some((code) => Number(code) >= 30)),
      [],
    );
  });
});

test.serial(
  'console › without a name server it says so in one line and never takes the screen',
  async (t) => {
    await withTerminal({ columns: 200, rows: 24 }, async (robot) => {
      await robot.run(programCommand('ddns-tui', '--socket', '/nowhere/ddnsd.sock'));
      await robot.sees('no name server is listening on /nowhere/ddnsd.sock');
      t.is(await robot.exitCode(), 69);
      t.false(robot.output.includes('\u001b[?1049h'));
    });
  },
);

test.serial('console › a name server that cannot start never takes the screen', async (t) => {
  const other = await createRobotDaemon();
  const giveBack = await other.occupyPort();
  try {
    await withTerminal({ columns: 200, rows: 24 }, async (robot) => {
      await robot.run(programCommand('ddns-tui', '--serve', other.folder));
      await robot.sees(`127.0.0.1:${other.port} is taken`);
      t.is(await robot.exitCode(), 1);
      t.false(robot.output.includes('\u001b[?1049h'));
    });
  } finally {
    giveBack();
    await other.close();
  }
});
