import test from 'ava';
import { withTerminal } from './terminal.ts';

const size = { columns: 80, rows: 24 };

test('robot › each of several frames that are written at once is looked at', async (t) => {
  await withTerminal(size, async (robot) => {
    // In octal, so that the command line shows none of the words.
    robot.type(
      "printf '\\033[?2026h\\033[2J\\146irst\\033[?2026l\\033[?2026h\\033[2J\\154ast\\033[?2026l'\r",
    );
    await robot.sees('first');
    await robot.sees('last');
  });
  t.pass();
});

test('robot › what a program prints is told from the same text of before', async (t) => {
  await withTerminal(size, async (robot) => {
    const ask = ['sh', '-c', 'echo "say $$"; read said; exit "$said"'];
    const first = await robot.run(ask);
    t.is((await robot.prints(/say (\d+)/))[1], String(first));
    robot.type('3\r');
    t.is(await robot.exitCode(), 3);
    const second = await robot.run(ask);
    t.is((await robot.prints(/say (\d+)/))[1], String(second));
    robot.type('4\r');
    t.is(await robot.exitCode(), 4);
  });
});
