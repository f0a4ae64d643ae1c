// A robot at a terminal: a real shell in a real pseudo-terminal, read through a terminal emulator, with the console in
// it. It types, looks at the screen, and waits for what it expects by watching the output, never by sleeping. `close`
// ends everything it started.
import { fileURLToPath } from 'node:url';
import { spawn } from '@lydell/node-pty';
import xterm from '@xterm/headless';
import { patienceMs } from '../fixture/look-until.ts';
import { programCommand } from '../fixture/programs.ts';
import type { RobotDaemon } from './daemon.ts';

export const projectRoot = fileURLToPath(new URL('../..', import.meta.url));

/** The lines of a terminal, without trailing blanks. */
export type Screen = readonly string[];

export interface Robot {
  readonly screen: Screen;
  /** The emulator, for colours and modes. */
  readonly emulator: xterm.Terminal;
  /** Everything written to the terminal so far. */
  readonly output: string;
  /** The last sequence about the cursor shows it. */
  readonly isCursorShown: boolean;
  type(text: string): void;
  resize(columns: number, rows: number): void;
  /** Waits until `isThere` holds for the screen. @throws Error with the screen when it never does */
  until(what: string, isThere: (screen: Screen) => unknown): Promise<Screen>;
  /** Waits until the screen shows every one of `texts`. */
  sees(...texts: string[]): Promise<Screen>;
  /**
   * Waits until what was written since the robot typed last matches, wherever it is by then. A program that takes the
   * terminal over says so with it: what is typed before the modes are set may be no line to it. @returns the match
   */
  prints(pattern: RegExp): Promise<RegExpExecArray>;
  /** Types a command line into the shell. @returns the process id of the command, which the shell prints first */
  run(command: readonly string[]): Promise<number>;
  /** Waits until the shell has the terminal again. */
  isAtShell(): Promise<Screen>;
  /** The exit code of what ran in the shell, once that has the terminal again. */
  exitCode(): Promise<number>;
  close(): void;
}

export interface RobotOptions {
  columns: number;
  rows: number;
  env?: Record<string, string>;
}

/** Variables that would change the look of the console, its socket, or its Node. */
const foreign = [
  'NO_COLOR',
  'FORCE_COLOR',
  'COLORTERM',
  'COLORFGBG',
  'TMUX',
  'STY',
  'INK_SCREEN_READER',
  'COLUMNS',
  'LINES',
  'LANG',
  'LANGUAGE',
  'LC_CTYPE',
  'DDNS_SOCKET',
  'NODE_ENV',
  'NODE_OPTIONS',
];

/** This process's environment without those variables. */
function environment(): Record<string, string | undefined> {
  const rest = { ...process.env };
  for (const name of foreign) delete rest[name];
  return rest;
}

export async function openTerminal({ columns, rows, env = {} }: RobotOptions): Promise<Robot> {
  const emulator = new xterm.Terminal({
    cols: columns,
    rows,
    allowProposedApi: true,
    scrollback: 500,
  });
  // Without its line editor the shell changes no mode of the terminal; every change is the console's.
  const pty = spawn('bash', ['--norc', '--noprofile', '--noediting', '-i'], {
    // node-pty makes this TERM.
    name: env.TERM ?? 'xterm-256color',
    cols: columns,
    rows,
    cwd: projectRoot,
    env: {
      ...environment(),
      PS1: 'shell> ',
      LC_ALL: 'C.UTF-8',
      HISTFILE: '',
      ...env,
    },
  });
  let output = '';
  /** length of the part that the emulator has drawn */
  let drawn = 0;
  const watchers = new Set<() => void>();
  pty.onData((data) => {
    // A busy robot reads several frames at once, and looks at each of them.
    for (const part of data.split(/(?<=\u001b\[\?2026l)/)) {
      output += part;
      const end = output.length;
      emulator.write(part, () => {
        drawn = end;
        for (const watcher of [...watchers]) watcher();
      });
    }
  });

  const screen = (): Screen => {
    const { active } = emulator.buffer;
    return Array.from(
      { length: emulator.rows },
      (_, row) =>
        active
          .getLine(active.viewportY + row)
          ?.translateToString(false, 0, emulator.cols)
          .trimEnd() ?? '',
    );
  };
  /** Of a frame that comes in parts the first ones stand above the frame before: nobody has shown that. */
  const isWhole = () =>
    output.lastIndexOf('\u001b[?2026h', drawn - 1) <=
    output.lastIndexOf('\u001b[?2026l', drawn - 1);
  const until = (what: string, isThere: (screen: Screen) => unknown): Promise<Screen> =>
    new Promise((resolve, reject) => {
      const finish = (settle: () => void) => {
        clearTimeout(timer);
        watchers.delete(look);
        settle();
      };
      const look = () => {
        const seen = screen();
        if (isWhole() && isThere(seen)) finish(() => resolve(seen));
      };
      const timer = setTimeout(
        () =>
          finish(() => reject(new Error(`never on the screen: ${what}\n${screen().join('\n')}`))),
        patienceMs,
      );
      watchers.add(look);
      look();
    });

  /** length of the output when the robot typed last */
  let typed = 0;
  const type = (text: string) => {
    typed = output.length;
    pty.write(text);
  };
  const prints = async (pattern: RegExp): Promise<RegExpExecArray> => {
    const found = () => pattern.exec(output.slice(typed, drawn));
    await until(String(pattern), found);
    return found() as RegExpExecArray;
  };

  const robot: Robot = {
    get screen() {
      return screen();
    },
    emulator,
    get output() {
      return output;
    },
    get isCursorShown() {
      return output.lastIndexOf('\u001b[?25h') >= output.lastIndexOf('\u001b[?25l');
    },
    type,
    resize: (toColumns, toRows) => {
      emulator.resize(toColumns, toRows);
      pty.resize(toColumns, toRows);
    },
    until,
    sees: (...texts) =>
      until(texts.join(', '), (seen) => texts.every((text) => seen.join('\n').includes(text))),
    prints,
    run: async (command) => {
      const quoted = command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
      type(`sh -c 'echo "process=$$."; exec "$0" "$@"' ${quoted}\r`);
      return Number((await prints(/process=(\d+)\./))[1]);
    },
    isAtShell: () =>
      until('the shell again', (seen) => seen.findLast((line) => line)?.endsWith('shell>')),
    exitCode: async () => {
      await robot.isAtShell();
      type('echo "code=$?."\r');
      return Number((await prints(/code=(\d+)\./))[1]);
    },
    close: () => {
      pty.kill('SIGKILL');
      emulator.dispose();
    },
  };
  await robot.sees('shell>');
  return robot;
}

/** The sizes in which views are tested. */
export const sizes = [
  { columns: 80, rows: 24 },
  { columns: 200, rows: 50 },
] as const;

export interface ConsoleOptions extends RobotOptions {
  /** after the name of the program: a view, and options */
  parameters?: readonly string[];
  /** text that shows that it is attached, where the terminal has no `●` */
  mark?: string;
}

/** Runs `act` with a terminal, which is closed afterwards. */
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

/** Opens a terminal in which a console shows `daemon`; `close` ends both. */
export async function openConsole(
  daemon: RobotDaemon,
  { parameters = [], mark = '● live', ...options }: ConsoleOptions,
): Promise<{ robot: Robot; pid: number }> {
  const robot = await openTerminal(options);
  try {
    const command = programCommand('ddns-tui', ...parameters, '--socket', daemon.socket);
    const pid = await robot.run(command);
    await robot.sees('Dynamo DNS', mark);
    return { robot, pid };
  } catch (error) {
    robot.close();
    throw error;
  }
}

/** Runs `act` with such a console, which is ended afterwards. */
export async function withConsole(
  daemon: RobotDaemon,
  options: ConsoleOptions,
  act: (robot: Robot, pid: number) => Promise<void>,
): Promise<void> {
  const { robot, pid } = await openConsole(daemon, options);
  try {
    await act(robot, pid);
  } finally {
    robot.close();
  }
}
