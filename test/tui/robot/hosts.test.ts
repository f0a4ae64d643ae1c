// Hosts at a real terminal: several marked, and acted on together.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import test from 'ava';
import { programCommand } from '../../fixture/programs.ts';
import { createRobotDaemon, daemonOf } from '../../robot/daemon.ts';
import { withConsole } from '../../robot/terminal.ts';

const daemon = await daemonOf(test);

test.beforeEach(async () => {
  for (let index = 1; index <= 6; index += 1)
    await daemon.register({ id: `node-${index}`, port: 20_000 + index, from: `127.0.1.${index}` });
});

test.serial('hosts › several are marked, and removed after their number was typed', async (t) => {
  const options = { columns: 80, rows: 24, parameters: ['hosts'] };
  await withConsole(daemon, options, async (robot) => {
    await robot.sees('6 hosts', '1 of 6');
    robot.type('  j ');
    await robot.sees('3 marked   5 of 6', '* 127.0.1.1:20001', '* 127.0.1.4:20004', 'Esc unmark');
    robot.type('/node-6\r');
    await robot.sees('1 host ', '3 marked   1 of 1');
    robot.type('x');
    await robot.sees(
      'Remove 3 hosts, 3 of them hidden by the filter?',
      '127.0.1.4:20004 (node-4), hidden by the filter',
      'type remove 3: █',
    );
    robot.type('remove\r');
    await robot.sees('type remove 3: remove█');
    robot.type(' 3\r');
    await robot.sees('3 removed');
    robot.type('\u001b');
    const left = await robot.sees('3 hosts', '3 of 3', '  127.0.1.3:20003');
    t.false(left.join('\n').includes('marked'));
    robot.type('*P');
    await robot.sees('0 answered, 3 did not answer: 127.0.1.3:20003');
    robot.type('*');
    await robot.until('no mark is left', (screen) => !screen.join('\n').includes('3 marked'));
  });
});

test.serial('hosts › the command line filters and sorts what the screen shows', async (t) => {
  const parameters = ['hosts', '--filter', '!node-3', '--sort', 'nodeId', '--descending'];
  await withConsole(daemon, { columns: 80, rows: 24, parameters }, async (robot) => {
    const screen = await robot.sees('5 hosts', 'matching !node-3', 'node id ▼', '1 of 5');
    const rows = screen.filter((line) => /127\.0\.1\.\d:/.test(line));
    t.deepEqual(
      rows.map((line) => /node-\d/.exec(line)?.[0]),
      ['node-6', 'node-5', 'node-4', 'node-2', 'node-1'],
    );
    robot.type('\u001b');
    await robot.sees('6 hosts', 'node-3');
  });
});

test.serial('hosts › addresses are copied into the clipboard of the terminal', async (t) => {
  const options = { columns: 80, rows: 24, parameters: ['hosts', '--read-only'] };
  await withConsole(daemon, options, async (robot) => {
    await robot.sees('6 hosts');
    const copied = () =>
      [...robot.output.matchAll(/\u001b\]52;c;([^\u0007]*)\u0007/g)].map(([, base64 = '']) =>
        Buffer.from(base64, 'base64').toString(),
      );
    robot.type('jy');
    await robot.sees('copied 127.0.1.2:20002 (if the terminal supports OSC 52)');
    robot.type(' jj y');
    await robot.sees('copied 2 addresses');
    t.deepEqual(copied(), ['127.0.1.2:20002', '127.0.1.2:20002\n127.0.1.5:20005']);
    robot.type('\u001b');
    await robot.until('no mark is left', (screen) => !screen.join('\n').includes('marked'));
    robot.type('/nobody\r');
    await robot.sees('no host matches nobody');
    robot.type('y');
    robot.type('\u001b');
    await robot.sees('6 hosts');
    t.is(copied().length, 2, 'nothing was selected');
  });
});

test('hosts › those that do not answer are found, sorted and explained while deletions are held back', async (t) => {
  const daemon = await createRobotDaemon({ settings: ['TTL=2s', 'PingAttempts=2'] });
  t.teardown(() => daemon.close());
  await daemon.start();
  for (const index of [1, 2])
    await daemon.register({ id: `node-${index}`, port: 20_000 + index, from: `127.0.2.${index}` });
  const parameters = ['hosts', '--filter', '!live', '--sort', 'state', '--descending'];
  // Nothing else comes over the network, so nothing proves that this server's network works.
  await withConsole(daemon, { columns: 80, rows: 24, parameters }, async (robot) => {
    await robot.sees('2 hosts', 'state ▼', '127.0.2.1:20001', 'to be deleted');
    robot.type('\r');
    await robot.sees('pings failed; deletions held back', 'pinged by   this server');
    robot.type('1');
    await robot.sees('Deletions held back', '0 due, 0 not answering, 2 to be deleted');
    robot.type('2/\u0015not answering');
    await robot.sees('no host matches not answering');
  });
  const [program = '', ...rest] = programCommand(
    'ddns-tui',
    'hosts',
    '--json',
    '--filter',
    '!live',
  );
  const { stdout } = await promisify(execFile)(program, [...rest, '--socket', daemon.socket]);
  const printed = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.deepEqual(
    // While it is pinged once more, it is not answering.
    printed.map(({ state, failedPings }) => [/condemned|suspect/.test(state), failedPings >= 2]),
    [
      [true, true],
      [true, true],
    ],
  );
});
