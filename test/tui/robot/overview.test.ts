// The Overview of the real program at a real terminal, attached to one of two real name servers.
import test from 'ava';
import { pairOf } from '../../robot/daemon.ts';
import { SharedConsole } from '../../robot/shared-console.ts';

// Nothing is deleted for the first 24 seconds; hosts are looked through every ten, and nobody is due while this runs.
const [daemon] = await pairOf(test, ['TTL=10m']);
const shared = new SharedConsole(test);

const chartTitles = [
  'Registrations per second · ',
  'Backlog · ',
  'Requests per second · ',
  'Live hosts · ',
  'Expired per ',
  'Redirects per ',
];

test.serial(
  'console › the overview says why nothing is deleted, and turns to the hour and to other charts',
  async (t) => {
    await shared.use(daemon, { columns: 80, rows: 24 }, async (robot) => {
      await robot.sees('Registrations per second · ', 'Backlog · ');
      // On a machine that is very busy the second reason may come before this is read.
      await robot.until('why', (screen) =>
        /Deletions held back \(.*: (this server has just started|the process stalled)(.|\n)*o overrides\./.test(
          screen.join('\n'),
        ),
      );
      robot.type('w');
      await robot.sees('Registrations per second · 1 h', 'Backlog · 1 h');
      robot.type('c');
      await robot.sees('Requests per second · 1 h', 'Live hosts · 1 h');
      robot.type('c');
      await robot.sees('Expired per minute · 1 h', 'Redirects per minute · 1 h', '0 total');
      robot.type('cw');
      await robot.sees('Registrations per second · ', 'Backlog · ');
      robot.resize(200, 50);
      await robot.sees(...chartTitles, 'Counters since start');
      // There is nothing to turn to. The help shows that the key was read before the size changes.
      robot.type('c?');
      await robot.sees('find a key: █', 'Everywhere', 'suspend');
      robot.type('\u001b');
      await robot.sees('Counters since start');
      robot.resize(60, 20);
      await robot.sees('Counters since start', 'Activity');
      for (const title of chartTitles) {
        robot.type('c');
        await robot.sees(title);
      }
      robot.type('c');
      await robot.sees('Counters since start', 'Activity');
    });
    t.pass();
  },
);

test.serial('console › the overview maps whose the hosts are', async (t) => {
  await shared.use(daemon, { columns: 80, rows: 24 }, async (robot) => {
    await robot.sees('no live hosts to ping');
    // Of so many each has a share that has room for its name.
    for (let port = 20_000; port < 20_200; port++)
      await daemon.register({ id: `node-${port}`, port, from: '127.0.1.1' });
    const screen = await robot.sees('├─ this server', '127.0.0.3', '┤');
    const map = screen.find((line) => line.includes('├─ this server')) ?? '';
    const shares = [...map.matchAll(/(\d+) %/g)].map(([, share]) => Number(share));
    t.is(shares.length, 2, map);
    t.true(
      shares.every((share) => share > 30 && share < 70),
      map,
    );
    t.true(Math.abs((shares[0] ?? 0) + (shares[1] ?? 0) - 100) <= 1, map);
  });
});
