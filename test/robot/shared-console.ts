// One console for the tests of a file, one after another. A start takes longer than most of what a test looks at; a
// test of the start, or of what a console is told at its start, has its own.
import type { TestFn } from 'ava';
import { type ViewName, viewNames } from '../../tui/state/common-state.ts';
import type { RobotDaemon } from './daemon.ts';
import { type ConsoleOptions, openConsole, type Robot } from './terminal.ts';

export interface SharedOptions extends ConsoleOptions {
  /** where `act` begins; overview by default */
  view?: ViewName;
}

type Act = (robot: Robot, pid: number) => Promise<void>;

/** Escape as kitty writes it, which is no beginning of something longer. */
const escapeKey = '\u001b[27u';

/** The key of a view. */
export function keyOf(view: ViewName): string {
  return String(viewNames.indexOf(view) + 1);
}

export class SharedConsole {
  private uses = 0;
  private open: { robot: Robot; pid: number; from: string } | null = null;

  /** It ends with the tests of the file. */
  constructor({ after }: Pick<TestFn, 'after'>) {
    after.always(() => this.close());
  }

  /**
   * Runs `act` with a console that shows `view` of `daemon` without a prompt, a filter or marks. It is the one of the
   * test before unless that has failed, has ended it, or had other options than the size. What else was turned or
   * selected in it stays as it was left.
   */
  async use(daemon: RobotDaemon, options: SharedOptions, act: Act): Promise<void> {
    const { view = 'overview', parameters = [], ...others } = options;
    const { columns: _, rows: __, ...look } = others;
    const from = JSON.stringify([daemon.socket, parameters, look]);
    if (this.open?.from !== from) this.close();
    if (this.open === null) {
      const console = { ...others, parameters: [view, ...parameters] };
      this.open = { ...(await openConsole(daemon, console)), from };
    } else await goTo(this.open.robot, view, options, `of-${++this.uses}`);
    const { robot, pid } = this.open;
    let isLeft = true;
    try {
      await act(robot, pid);
      isLeft = robot.emulator.buffer.active.type === 'normal';
    } finally {
      if (isLeft) this.close();
    }
  }

  private close(): void {
    this.open?.robot.close();
    this.open = null;
  }
}

/** @param word what nobody else types */
async function goTo(
  robot: Robot,
  view: ViewName,
  { columns, rows }: { columns: number; rows: number },
  word: string,
): Promise<void> {
  robot.resize(columns, rows);
  // A prompt, the details, the marks and the filter are left with one each. The command shows that all was read.
  robot.type(`${escapeKey.repeat(4)}${keyOf(view)}:${word}`);
  await robot.sees(`:${word}`);
  robot.type(escapeKey);
  await robot.until(`only ${view}`, (screen) => !screen.join('\n').includes(word));
}
