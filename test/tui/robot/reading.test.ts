// The real program with a screen reader: lines that follow each other, read from what was written.
import test from 'ava';
import { views } from '../../../tui/state/common-state.ts';
import { daemonOf } from '../../robot/daemon.ts';
import { type Robot, withConsole } from '../../robot/terminal.ts';

const daemon = await daemonOf(test, { forgets: true });

const options = {
  columns: 140,
  rows: 50,
  env: { INK_SCREEN_READER: 'true' },
  mark: 'Overview, view 1 of',
};

/** Waits until `text` was written once more, and returns what was written meanwhile. */
async function hears(robot: Robot, text: string | RegExp, since: number): Promise<string> {
  const heard = () => robot.output.slice(since);
  const isHeard = () => (typeof text === 'string' ? heard().includes(text) : text.test(heard()));
  await robot.until(String(text), isHeard);
  return heard();
}

test.serial(
  'reading › every view is read when its key is pressed, and nothing is painted',
  async (t) => {
    await daemon.register({ id: 'node-1', port: 20_001 });
    await withConsole(daemon, options, async (robot) => {
      await robot.sees('Live hosts, 1', 'Threads, ');
      for (const [index, { title }] of [...views.entries()].reverse()) {
        const since = robot.output.length;
        robot.type(String(index + 1));
        await hears(robot, `${title}, view ${index + 1} of ${views.length}.`, since);
      }
      const since = robot.output.length;
      robot.type('?');
      await hears(robot, 'find a key: ', since);
      robot.type('\rq');
      await robot.isAtShell();
      t.false(robot.output.includes('\u001b'));
    });
  },
);

test.serial('reading › what happens is not told unless a key asks for it', async (t) => {
  await daemon.register({ id: 'node-1', port: 20_001, from: '127.0.1.1' });
  await withConsole(
    daemon,
    { ...options, parameters: ['hosts'], mark: 'Hosts, view' },
    async (robot) => {
      await robot.sees('selected: ', '127.0.1.1:20001, node-1');
      const since = robot.output.length;
      for (const index of [2, 3, 4])
        await daemon.register({ id: `node-${index}`, port: 20_001, from: `127.0.1.${index}` });
      robot.type('P');
      const answer = await hears(robot, '127.0.1.1:20001 did not answer', since);
      t.false(answer.includes('node-2'), answer);
      // They are there once the daemon has told the console of them.
      for (let again = ''; !again.includes('127.0.1.4:20001, node-4'); ) {
        const asked = robot.output.length;
        robot.type('\u000c');
        again = await hears(robot, 'dialect, TTL left\r\n', asked);
      }
      const moved = robot.output.length;
      robot.type('j');
      await hears(robot, /selected: (new: )?127\.0\.1\.2:20001, node-2/, moved);
      robot.type('/');
      await hears(robot, 'filter: ', moved);
      robot.type('node-3');
      await hears(robot, 'filter: node-3', moved);
      robot.type('\r');
      await hears(robot, '1 host, matching node-3', moved);
      await hears(robot, /selected: (new: )?127\.0\.1\.3:20001, node-3/, moved);
    },
  );
});

test.serial(
  'reading › a key that is refused says why, and each time that it is pressed',
  async (t) => {
    const peers = { ...options, parameters: ['peers', '--read-only'], mark: 'Peers, view' };
    await withConsole(daemon, peers, async (robot) => {
      await robot.sees('no peers configured');
      for (const [key, why] of [
        ['d', 'cannot drain: no peers configured'],
        ['u', 'not draining; d starts a drain'],
        ['7+', 'read-only: + would make the log more verbose (LogLevel)'],
      ] as const)
        for (let time = 0; time < 2; time++) {
          const since = robot.output.length;
          robot.type(key);
          await hears(robot, why, since);
        }
    });
    t.pass();
  },
);

test.serial('reading › a lost connection is told once, and once that it is back', async (t) => {
  await withConsole(daemon, options, async (robot) => {
    const since = robot.output.length;
    robot.type('?');
    await hears(robot, 'All keys.', since);
    await daemon.kill('SIGKILL');
    await hears(robot, 'Disconnected', since);
    const lost = robot.output.length;
    robot.type('\r2');
    await hears(robot, 'Hosts, view 2', lost);
    await daemon.start();
    const all = await hears(robot, 'Reconnected.', lost);
    t.false(all.includes('Disconnected'), all);
  });
});

test.serial('reading › the palette says what Enter would do', async (t) => {
  await withConsole(daemon, options, async (robot) => {
    await robot.sees('Live hosts, 0');
    const since = robot.output.length;
    robot.type(':');
    await hears(robot, ' Down and Up choose', since);
    robot.type('view');
    await hears(robot, 'command: view', since);
    robot.type('\u001b[B');
    await hears(robot, 'selected: previous view', since);
    robot.type('\u0015peers\r');
    await hears(robot, 'Peers, view 3 of', since);
  });
  t.pass();
});
