// A paused console at a real terminal.
import test from 'ava';
import { daemonOf } from '../../robot/daemon.ts';
import { SharedConsole } from '../../robot/shared-console.ts';

const daemon = await daemonOf(test, { forgets: true });
const shared = new SharedConsole(test);

test.serial('pause › every view stands still and can be moved in, until it goes on', async (t) => {
  const register = (index: number) =>
    daemon.register({ id: `node-${index}`, port: 20_000 + index, from: `127.0.1.${index}` });
  for (const index of [1, 2, 3]) await register(index);
  const options = { columns: 100, rows: 30, view: 'hosts' } as const;
  await shared.use(daemon, options, async (robot) => {
    await robot.sees('3 hosts', '127.0.1.3:20003');
    robot.type('p');
    await robot.sees('paused', 'p resume');
    for (const index of [4, 5]) await register(index);
    await robot.sees('2 new changes');
    robot.type('j');
    const hosts = await robot.sees('2 of 3', '3 hosts');
    t.false(hosts.join('\n').includes('127.0.1.4'));
    robot.type('1');
    const overview = await robot.sees('Activity', '127.0.1.3:20003');
    t.false(overview.join('\n').includes('127.0.1.4:20004'));
    robot.type('2/p');
    await robot.sees('filter: p█', 'no host matches p', 'paused');
    robot.type('\u001b');
    await robot.sees('p resume');
    robot.type('p');
    // The rows that the cleared filter asked for may come before the pause ends.
    await robot.until('all hosts, and no pause', (screen) => {
      const text = screen.join('\n');
      const all = ['5 hosts', '127.0.1.5:20005', '1 of 5'].every((each) => text.includes(each));
      return all && !text.includes('paused');
    });
  });
});

test.serial('pause › a name server that goes away is said, and the screen stays', async (t) => {
  await daemon.register({ id: 'node-1', port: 20_001, from: '127.0.1.1' });
  const options = { columns: 80, rows: 24, view: 'hosts' } as const;
  await shared.use(daemon, options, async (robot) => {
    await robot.sees('1 host ', '127.0.1.1:20001');
    robot.type('p');
    await robot.sees('paused');
    await daemon.kill('SIGKILL');
    await robot.until('failed attempts are counted', (screen) =>
      screen.some((line) => /[2-9] attempts failed/.test(line)),
    );
    await daemon.start();
    await robot.sees('restarted since   ● live', '127.0.1.1:20001');
    robot.type('p');
    const after = await robot.sees('● live', '127.0.1.1:20001');
    t.false(after.join('\n').includes('Disconnected'));
  });
});
