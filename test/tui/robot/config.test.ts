// The real program at a real terminal edits the ddns.conf of a real name server.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { settingDefinitions } from '../../../shared/config/settings.ts';
import { connectIpc, type IpcClient } from '../../../shared/ipc/client.ts';
import { programCommand } from '../../fixture/programs.ts';
import { daemonOf } from '../../robot/daemon.ts';
import { SharedConsole, type SharedOptions } from '../../robot/shared-console.ts';
import { type Robot, sizes, withTerminal } from '../../robot/terminal.ts';

const word = 'Zq8#vT2!pL6w-Zq8#vT2!pL6w';
const settings = ['# ours', 'backlog = 50   # tried 100', `Secret=${word}`, '#TTL=60m'];
const daemon = await daemonOf(test, { settings });
const shared = new SharedConsole(test);
const conf = join(daemon.folder, 'ddns.conf');
/** What is in it when a test begins. */
const before = readFileSync(conf, 'utf8');

test.afterEach.always(async () => {
  writeFileSync(conf, before);
  await ask((client) => client.reload());
});

async function ask<Answer>(question: (client: IpcClient) => Promise<Answer>): Promise<Answer> {
  const client = await connectIpc(daemon.socket, { name: 'robot', version: '0' });
  try {
    return await question(client);
  } finally {
    client.close();
  }
}

function withConfig(
  options: Omit<SharedOptions, 'view'>,
  act: (robot: Robot, pid: number) => Promise<void>,
): Promise<void> {
  return shared.use(daemon, { ...options, view: 'config' }, async (robot, pid) => {
    // It knows of the test before otherwise, until it reads the file by itself.
    robot.type('R');
    await robot.sees('ddns.conf re-read');
    robot.type('g');
    await robot.until('the file of this test', (screen) => {
      const text = screen.join('\n');
      return / Backlog +50 /.test(text) && /saved and active(.|\n)*q quit/.test(text);
    });
    await act(robot, pid);
    if (robot.output.includes('Zq8')) throw new Error('the secret was on the terminal');
  });
}

async function backlogOf(): Promise<number> {
  return (await ask((client) => client.status())).backlog.limit;
}

/** An editor that is a script: `lines` are run with the file as `$1`. */
function writeEditor(lines: string): string {
  const script = join(daemon.folder, 'editor.sh');
  writeFileSync(script, `#!/bin/sh\n${lines}\n`, { mode: 0o755 });
  return script;
}

const clear = '\u0015';
/** Keys from the last setting to MaxHosts. */
const toMaxHosts = 'k'.repeat(
  settingDefinitions.length - 1 - settingDefinitions.findIndex(({ name }) => name === 'MaxHosts'),
);

for (const size of sizes) {
  const name = `${size.rows}x${size.columns}`;

  test.serial(
    `config at ${name} › a setting is checked while it is typed, shown as a difference, and saved`,
    async (t) => {
      await withConfig(size, async (robot) => {
        robot.type('jjjjj\r');
        await robot.sees('50█', 'Enter accept');
        robot.type(`${clear}99999`);
        await robot.sees('99999█', 'must be 1 to 65535');
        robot.type('\r');
        await robot.sees('99999█');
        robot.type(`${clear}200`);
        await robot.sees('valid; Enter accepts it');
        robot.type('\r');
        await robot.sees('200, unsaved', '1 unsaved change');
        robot.type(`G${toMaxHosts}\r${clear}5000\r`);
        await robot.sees('5000, unsaved', '2 unsaved changes');
        t.is(readFileSync(conf, 'utf8'), before, 'nothing is saved yet');
        robot.type('s');
        await robot.sees(
          '- backlog = 50   # tried 100',
          '+ backlog = 200   # tried 100',
          '+ MaxHosts=5000',
          'Secret=(hidden)',
          'Active immediately',
          'y save',
        );
        robot.type('n');
        await robot.sees('2 unsaved changes');
        robot.type('s');
        await robot.sees('y save');
        robot.type('y');
        await robot.sees('Saved to', 'ddns.conf.bak', 'Active now', 'Active after ddnsd restarts');
        t.is(await backlogOf(), 200);
        robot.type('n');
        await robot.sees('5000, on restart', '1 pending');
      });
      t.is(
        readFileSync(conf, 'utf8'),
        `${before.replace('= 50', '= 200')}MaxHosts=5000\n`,
        'comments, order and spelling stay',
      );
      t.is(readFileSync(`${conf}.bak`, 'utf8'), before);
    },
  );
}

const [size] = sizes;

test.serial(
  'config › what somebody else saved meanwhile is shown, and not written over',
  async (t) => {
    await withConfig(size, async (robot) => {
      robot.type(`jjjjj\r${clear}200\r`);
      await robot.sees('200, unsaved');
      robot.type('s');
      await robot.sees('+ backlog = 200', 'y save');
      writeFileSync(conf, readFileSync(conf, 'utf8').replace('# ours', '# theirs'));
      robot.type('y');
      await robot.sees('changed on disk', '- # ours', '+ # theirs');
      t.is(await backlogOf(), 50);
      robot.type('R');
      const again = await robot.sees('+ backlog = 200', '# theirs', 'y save');
      t.false(again.join('\n').includes('# ours'));
      robot.type('y');
      await robot.sees('Saved to');
    });
    const text = readFileSync(conf, 'utf8');
    t.true(text.includes('# theirs') && text.includes('backlog = 200'));
  },
);

test.serial('config › changes outlive a daemon that goes away and comes back', async (t) => {
  await withConfig({ columns: 60, rows: 20 }, async (robot) => {
    robot.type(`jjjjj\r${clear}200\r`);
    // In sixty columns the mark is cut.
    await robot.sees('200, unsa', '1 unsaved change');
    await daemon.kill('SIGKILL');
    await robot.sees('Disconnected');
    robot.type('s');
    await robot.sees('not connected to the name server; your changes are kept');
    await daemon.start();
    await robot.sees('● live', '200, unsa', '1 unsaved change');
    robot.type('s');
    await robot.sees('+ backlog = 200', 'y save');
    robot.type('y');
    await robot.sees('Saved to');
  });
  t.is(await backlogOf(), 200);
});

test.serial('config › $EDITOR has the terminal, and its mistakes are mended in it', async (t) => {
  // The first time it makes two mistakes, the second time it mends them in the text it gets.
  const editor = writeEditor(
    'echo "$1 in the editor"; stty -a | grep -c " icanon"; read answer; if grep -q 5x "$1"; then sed -i "s/5x/5m/;/^Prot/d" "$1"; else sed -i "s/#TTL=60m/TTL=5x/;1iProt=1" "$1"; fi',
  );
  await withConfig({ ...size, env: { EDITOR: editor } }, async (robot) => {
    robot.type('e');
    await robot.sees('ddns.conf in the editor');
    t.is(robot.emulator.buffer.active.type, 'normal');
    robot.type('\r');
    await robot.sees('2 errors', 'Prot=1', 'did you mean Port?', 'TTL=5x', 'e edit file');
    t.is(robot.emulator.buffer.active.type, 'alternate');
    robot.type('e');
    await robot.prints(/in the editor/);
    robot.type('\r');
    await robot.sees('- #TTL=60m', '+ TTL=5m', 'y save');
    robot.type('y');
    await robot.sees('Saved to', 'TTL');
    robot.type('nq');
    await robot.isAtShell();
  });
  t.is(readFileSync(conf, 'utf8'), before.replace('#TTL=60m', 'TTL=5m'), 'the secret, too');
});

test.serial(
  'config › an editor that fails or changes nothing leaves everything as it is',
  async (t) => {
    const editor = writeEditor(
      'echo "the editor"; read answer; echo "# more" >> "$1"; exit $answer',
    );
    const options = { columns: 100, rows: 24, env: { VISUAL: editor, EDITOR: 'false' } };
    await withConfig(options, async (robot) => {
      robot.type('e');
      await robot.prints(/the editor/);
      robot.type('3\r');
      await robot.sees('ended with code 3; edits discarded', 'saved and active');
      robot.type('e');
      await robot.prints(/the editor/);
      robot.type('0\r');
      await robot.sees('+ # more', 'No setting changes value');
      robot.type('n');
      await robot.sees('unsaved text');
      robot.type('q');
      await robot.sees('Quit without saving ddns.conf?', 'type quit: █');
      robot.type('\u001b');
      await robot.sees('x discard');
      robot.type('xdiscard\r');
      await robot.sees('saved and active');
      robot.type('q');
      await robot.isAtShell();
    });
    t.pass();
  },
);

test.serial(
  'config › what is typed while an editor runs that does not read it is no key',
  async (t) => {
    const done = join(daemon.folder, 'done');
    const editor = writeEditor(`echo "it runs"; until [ -e '${done}' ]; do sleep 0.05; done`);
    const options = { columns: 100, rows: 24, env: { EDITOR: `exec ${editor}` } };
    await withConfig(options, async (robot) => {
      robot.type('e');
      await robot.sees('it runs');
      robot.type('2jjx');
      await robot.sees('2jjx');
      writeFileSync(done, '');
      await robot.sees('saved and active', 'no changes made in the editor');
      robot.type('?');
      const help = (await robot.sees('find a key:')).slice(3);
      t.is(help.find((line) => line !== '')?.trim(), 'Config', 'the view is still the same');
    });
  },
);

test.serial('config › a console that is told to end ends its editor, too', async (t) => {
  const editor = writeEditor(
    'trap "" INT; trap "exit 1" HUP; echo "it waits"; while :; do read x; done',
  );
  const options = { columns: 100, rows: 24, env: { EDITOR: `exec ${editor}` } };
  await withConfig(options, async (robot, pid) => {
    robot.type('e');
    await robot.sees('it waits');
    robot.type('\u0003');
    process.kill(pid, 'SIGTERM');
    t.is(await robot.exitCode(), 143);
    t.true(robot.isCursorShown);
  });
});

test.serial(
  'config › with --read-only the settings are shown, and nothing can be changed',
  async (t) => {
    const options = { columns: 80, rows: 24, parameters: ['--read-only'] };
    await withConfig(options, async (robot) => {
      const screen = await robot.sees(
        'read-only: the console was started with --read-only',
        'q quit',
      );
      t.false(screen.join('\n').includes('Enter edit'));
      robot.type('\rdes2');
      await robot.sees('no hosts registered yet');
    });
    t.is(readFileSync(conf, 'utf8'), before);
  },
);

test.serial('config set › on a terminal it shows the difference and asks', async (t) => {
  await withTerminal({ columns: 200, rows: 40 }, async (robot) => {
    const command = programCommand(
      'ddns-tui',
      'config',
      'set',
      'Backlog=70',
      '--socket',
      daemon.socket,
    );
    await robot.run(command);
    await robot.sees('- backlog = 50   # tried 100', '+ backlog = 70', 'Save these changes? [y/N]');
    robot.type('n\r');
    await robot.sees('ddns-tui: cancelled; nothing changed');
    t.true(readFileSync(conf, 'utf8').includes('backlog = 50'));
    await robot.run(command);
    await robot.prints(/\[y\/N\]/);
    robot.type('y\r');
    await robot.sees('Backlog 50 → 70, active now');
    t.is(await robot.exitCode(), 0);
  });
  t.is(await backlogOf(), 70);
});
