// A daemon that hangs with its sockets open, as a real one does that is stopped: the console says how
// old everything is, obeys its keys all the same, and goes on when the daemon does.
import test from 'ava';
import { daemonOf } from '../../robot/daemon.ts';
import { SharedConsole } from '../../robot/shared-console.ts';

const daemon = await daemonOf(test);
const shared = new SharedConsole(test);

test.before(async () => {
  await daemon.register({ id: 'first', port: 20_001, from: '127.0.1.1' });
});

for (const size of [
  { columns: 80, rows: 24 },
  { columns: 60, rows: 20 },
])
  test.serial(
    `console at ${size.rows}x${size.columns} › a daemon that is stopped is seen, and its return`,
    async (t) => {
      await shared.use(daemon, { ...size, view: 'hosts' }, async (robot) => {
        await robot.sees('127.0.1.1:20001', '1 host');
        const resume = daemon.suspend();
        await robot.sees('○ ', ' s old');
        await robot.sees(' No update from the name server for');
        // Questions that nobody answers keep nobody from asking, reading and leaving.
        robot.type('P');
        await robot.sees('pinging 127.0.1.1:20001 …');
        robot.type('/nobody\r');
        await robot.sees('nobody');
        robot.type('1');
        await robot.sees('Live hosts', ' No update from the name server');
        robot.type('?');
        await robot.sees('find a key: █', 'Overview');
        robot.type('?');
        await robot.sees('Live hosts');
        robot.type('2');
        await robot.sees('nobody');
        robot.type('\u001b');
        resume();
        const back = await robot.sees('● live', '1 host', '127.0.1.1:20001');
        t.false(back.join('\n').includes('No update'));
      });
    },
  );

test.serial('console › is left at once while the daemon is stopped', async (t) => {
  await shared.use(daemon, { columns: 80, rows: 24 }, async (robot) => {
    const resume = daemon.suspend();
    await robot.sees(' No update from the name server');
    robot.type('q');
    await robot.isAtShell();
    resume();
  });
  t.pass();
});
