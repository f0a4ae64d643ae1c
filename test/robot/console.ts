// Terminals with the console in them; whatever comes of it, they are gone afterwards.
import { programCommand } from '../fixture/programs.ts';
import type { RobotDaemon } from './daemon.ts';
import { openTerminal, type Robot, type RobotOptions } from './terminal.ts';

/** The sizes in which views are looked at. */
export const sizes = [
  { columns: 80, rows: 24 },
  { columns: 200, rows: 50 },
] as const;

export interface ConsoleOptions extends RobotOptions {
  /** behind the name of the program: a view, and options */
  parameters?: readonly string[];
  /** what says that it is attached, where the terminal has no `●` */
  mark?: string;
}

export async function withTerminal(
  options: RobotOptions,
  act: (robot: Robot) => Promise<void>,
): Promise<void> {
  const robot = await openTerminal(options);
  try {
    await act(robot);
  } finally {
    robot.close();
  }
}

/** A terminal whose console is attached to `daemon`; `act` begins when it shows what that said. */
export function withConsole(
  daemon: RobotDaemon,
  { parameters = [], mark = '● live', ...options }: ConsoleOptions,
  act: (robot: Robot, pid: number) => Promise<void>,
): Promise<void> {
  return withTerminal(options, async (robot) => {
    const pid = await robot.run(
      programCommand('ddns-tui', ...parameters, '--socket', daemon.socket),
    );
    await robot.sees('Dynamo DNS', mark);
    await act(robot, pid);
  });
}
