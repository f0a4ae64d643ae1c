// The mouse at a real terminal: it is the terminal's until the operator gives it to the console, and the
// terminal's again afterwards, whatever ends the console.
import anyTest, { type TestFn } from 'ava';
import { createRobotDaemon, type RobotDaemon } from '../../robot/daemon.ts';
import { type Robot, withConsole } from '../../robot/terminal.ts';

const test = anyTest as TestFn<{ daemon: RobotDaemon }>;

test.beforeEach(async (t) => {
  const daemon = await createRobotDaemon();
  await daemon.start();
  t.context.daemon = daemon;
  for (let index = 1; index <= 40; index += 1)
    await daemon.register({ id: `n${index}`, port: 20_000 + index, from: `127.0.1.${index}` });
});

test.afterEach.always(async (t) => {
  await t.context.daemon?.close();
});

/** What the terminal sends for a click, or a step of the wheel, on the first place where `text` stands. */
function report(robot: Robot, text: string, button = 0): string {
  const row = robot.screen.findIndex((line) => line.includes(text));
  const column = robot.screen[row]?.indexOf(text) ?? -1;
  if (column < 0) throw new Error(`${text} is not on the screen`);
  const place = `${button};${column + 1};${row + 1}`;
  return `\u001b[<${place}M${button === 0 ? `\u001b[<${place}m` : ''}`;
}

const wheelDown = 65;
const tracking = ({ emulator }: Robot) => emulator.modes.mouseTrackingMode;

for (const size of [
  { columns: 80, rows: 24 },
  { columns: 200, rows: 50 },
])
  test.serial(
    `mouse at ${size.rows}x${size.columns} › m takes it: tabs, rows, wheel, keys in the footer; m gives it back`,
    async (t) => {
      await withConsole(t.context.daemon, size, async (robot) => {
        t.is(tracking(robot), 'none');
        robot.type('m');
        await robot.sees('mouse on; m turns it off');
        t.is(tracking(robot), 'vt200');
        robot.type(report(robot, '2 Hosts'));
        await robot.sees('1 of 40');
        robot.type(report(robot, '127.0.1.5:20005'));
        await robot.sees('5 of 40');
        robot.type(report(robot, '127.0.1.5:20005', wheelDown));
        await robot.sees('8 of 40');
        if (size.columns < 150) {
          robot.type(report(robot, '127.0.1.8:20008'));
          await robot.sees('Selected host');
        }
        robot.type(report(robot, '? help'));
        await robot.sees('Everywhere');
        robot.type('\u001b');
        await robot.sees('8 of 40');
        robot.type('m');
        await robot.sees('mouse off; the terminal selects text');
        t.is(tracking(robot), 'none');
      });
    },
  );

test.serial('mouse › --mouse has it from the start; suspended it is the shell’s', async (t) => {
  const options = { columns: 80, rows: 24, parameters: ['hosts', '--mouse'] };
  await withConsole(t.context.daemon, options, async (robot) => {
    await robot.sees('1 of 40');
    t.is(tracking(robot), 'vt200');
    robot.type('\u001a');
    await robot.sees('Stopped');
    t.is(tracking(robot), 'none');
    robot.type('fg\r');
    await robot.until('the console again', () => tracking(robot) === 'vt200');
    await robot.sees('1 of 40');
    robot.type('q');
    await robot.until('the shell', () => tracking(robot) === 'none');
  });
});

test.serial(
  'mouse › SIGKILL aside, however the console ends it is the shell’s again',
  async (t) => {
    for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
      const options = { columns: 80, rows: 24, parameters: ['hosts', '--mouse'] };
      await withConsole(t.context.daemon, options, async (robot, pid) => {
        await robot.sees('1 of 40');
        t.is(tracking(robot), 'vt200');
        process.kill(pid, signal);
        await robot.until('the shell', () => tracking(robot) === 'none');
      });
    }
  },
);
