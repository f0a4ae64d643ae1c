// The real program in a window that changes its size again and again, with keys in between: afterwards the screen is
// the one that a console started at that size shows.
import test from 'ava';
import { createRobotDaemon } from '../../robot/daemon.ts';
import { type Screen, withConsole } from '../../robot/terminal.ts';

/** Times that the screen is compared; `npm run resizes` looks longer, and after each of them. */
const rounds = Number(process.env.RESIZE_ROUNDS ?? 8);
const seed = Number(process.env.RESIZE_SEED ?? 42);
const mostResizes = Number(process.env.RESIZE_MOST ?? 8);
/** A busy machine takes seconds to start a console. */
const roundMs = 30_000;

const views = ['hosts', 'peers', 'redirects', 'backlog', 'config'] as const;
const keyOf = { hosts: '2', peers: '3', redirects: '4', backlog: '5', config: '6' } as const;
/** Each ends where it began. */
const keysBetween = ['jk', '?\u001b[27u', ':\u001b[27u', 'Gg', '3', '6', '7', '1'];

/** Knuth's numbers (MMIX), of which the upper bits are taken. */
function createDice(from: number): (sides: number) => number {
  let state = BigInt(from);
  return (sides) => {
    state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn;
    return Number((state >> 33n) % BigInt(sides));
  };
}

/** Lines without figures, ages, and the blanks and rules beside them. */
function skeletonOf(screen: Screen): string {
  return screen
    .map((line) =>
      line
        .replace(/\d[\d,.]*(?: (?:ms|s|min|h))?(?: \d+ (?:s|min))?/g, '#')
        .replace(/up #|just started/, '')
        .replace(/[ ─]+/g, ' ')
        .trimEnd(),
    )
    .join('\n');
}

test('console › after any resizes the screen is that of a fresh start', async (t) => {
  t.timeout(rounds * roundMs);
  t.log(`RESIZE_SEED=${seed} RESIZE_ROUNDS=${rounds} RESIZE_MOST=${mostResizes}`);
  const roll = createDice(seed);
  const daemon = await createRobotDaemon();
  t.teardown(() => daemon.close());
  await daemon.start();
  for (let index = 1; index <= 60; index++)
    await daemon.register({ id: `node-${index}`, port: 20_000, from: `127.0.1.${index}` });
  const size = () => ({ columns: 60 + roll(160), rows: 20 + roll(40) });
  await withConsole(daemon, size(), async (robot) => {
    for (let round = 0; round < rounds; round++) {
      const view = views[roll(views.length)] ?? 'hosts';
      let now = size();
      for (let resizes = 1 + roll(mostResizes); resizes > 0; resizes--) {
        now = size();
        robot.type(keysBetween[roll(keysBetween.length)] ?? '');
        robot.resize(now.columns, now.rows);
      }
      robot.type(keyOf[view]);
      const began = { ...now, parameters: [view] };
      let fresh = '';
      await withConsole(daemon, began, async (other) => {
        const screen = await other.until(`all of ${view}`, (seen) => {
          const text = seen.join('\n');
          // Header, tabs and footer come first.
          const isShown = seen.slice(2, -1).some((line) => line !== '');
          return (
            isShown && text.includes('q quit') && !/loading|waiting|reading|approx\. /.test(text)
          );
        });
        fresh = skeletonOf(screen);
      });
      await robot.until(
        `round ${round}, ${view} at ${now.rows}x${now.columns}:\n${fresh}\n\n`,
        (seen) => skeletonOf(seen) === fresh,
      );
    }
  });
  t.pass();
});

test('console › a resize while nobody types leaves nothing of a wider frame', async (t) => {
  const daemon = await createRobotDaemon();
  t.teardown(() => daemon.close());
  await daemon.start();
  for (const host of [1, 2, 3, 4, 5])
    await daemon.register({ id: `node-${host}`, port: 20_000, from: `127.0.1.${host}` });
  const wide = { columns: 200, rows: 30, parameters: ['hosts'] };
  await withConsole(daemon, wide, async (robot) => {
    await robot.sees('+ 127.0.1.2:20000', 'Selected host');
    // It is marked as new for five seconds.
    await robot.sees('  127.0.1.2:20000', 'TTL left');
    await robot.until('no mark', (screen) => !screen.join('\n').includes('+ 127.0.1'));
    robot.resize(120, 40);
    await robot.until(
      'the narrower frame and nothing between its lines',
      (seen) =>
        seen[2] === '' && /^ 5 hosts {20,}1 of 5$/.test(seen[3] as string) && seen[4] === '',
    );
  });
  t.pass();
});
