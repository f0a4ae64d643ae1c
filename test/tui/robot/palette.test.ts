// The palette at a real terminal: from everywhere to everywhere.
import anyTest, { type TestFn } from 'ava';
import { createRobotDaemon, type RobotDaemon } from '../../robot/daemon.ts';
import { withConsole } from '../../robot/terminal.ts';

const test = anyTest as TestFn<{ daemon: RobotDaemon }>;

test.beforeEach(async (t) => {
  const daemon = await createRobotDaemon();
  await daemon.start();
  t.context.daemon = daemon;
  for (const index of [1, 2, 3])
    await daemon.register({ id: `node-${index}`, port: 20_000 + index, from: `127.0.1.${index}` });
});

test.afterEach.always(async (t) => {
  await t.context.daemon?.close();
});

test.serial('palette › goes to a view, filters it, and does what its keys do', async (t) => {
  await withConsole(t.context.daemon, { columns: 80, rows: 24 }, async (robot) => {
    await robot.sees('Live hosts');
    robot.type(':');
    const open = await robot.sees('Hosts: the registry', ':█', 'Esc close');
    t.true(open.join('\n').includes('Live hosts'), 'the view is in sight above it');
    robot.type('hosts node-2');
    await robot.sees('Hosts matching node-2', ':hosts node-2█');
    robot.type('\r');
    await robot.sees('1 host ', 'matching node-2', '127.0.1.2:20002');
    robot.type(':frob');
    await robot.sees('no command matches frob');
    robot.type('\u0015remove\r');
    await robot.sees('Remove 127.0.1.2:20002?', 'type remove: █');
    robot.type('\u001b');
    await robot.sees('q quit');
    robot.type(':clear filter\r');
    await robot.sees('3 hosts');
    robot.type(':log:\u001b[B\u001b[A\r');
    await robot.sees('all levels shown');
    robot.type(':q\r');
    await robot.isAtShell();
  });
});
