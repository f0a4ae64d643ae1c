// A robot at a terminal: a real shell in a real pseudo-terminal, read through a terminal emulator. It
// types, looks at the screen, and waits for what it expects to see by watching the output, never by
// sleeping. `close` ends everything it started.
import { fileURLToPath } from 'node:url';
import { spawn } from '@lydell/node-pty';
import xterm from '@xterm/headless';

/** Generous: a small machine may be busy with everything else. What takes longer will not come. */
const patienceMs = 60_000;

export const projectRoot = fileURLToPath(new URL('../..', import.meta.url));

/** What a terminal shows, as lines without trailing blanks. */
export type Screen = readonly string[];

export interface Robot {
  readonly screen: Screen;
  /** The emulator, for colours and modes. */
  readonly emulator: xterm.Terminal;
  /** Everything that was written to the terminal so far. */
  readonly output: string;
  /** Whether the last word on the cursor was to show it. */
  readonly isCursorShown: boolean;
  type(text: string): void;
  resize(columns: number, rows: number): void;
  /** Waits until `isThere` holds for the screen. @throws with the screen when it never does */
  until(what: string, isThere: (screen: Screen) => unknown): Promise<Screen>;
  /** Waits until the screen shows every one of `texts`. */
  sees(...texts: string[]): Promise<Screen>;
  /** Types a command line into the shell, which first prints the process id it gets. */
  run(command: readonly string[]): Promise<number>;
  close(): void;
}

export interface RobotOptions {
  columns: number;
  rows: number;
  env?: Record<string, string>;
}

/** What would change the looks of the console, what it attaches to, or its Node. */
const foreign = [
  'NO_COLOR',
  'FORCE_COLOR',
  'COLORTERM',
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

/** This process's environment without it. */
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
  // Without its line editor the shell changes no mode of the terminal: what is left is the console's.
  const pty = spawn('bash', ['--norc', '--noprofile', '--noediting', '-i'], {
    // It decides over TERM.
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
  /** how much of it the emulator has drawn */
  let drawn = 0;
  const watchers = new Set<() => void>();
  pty.onData((data) => {
    output += data;
    const end = output.length;
    emulator.write(data, () => {
      drawn = end;
      for (const watcher of [...watchers]) watcher();
    });
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
    output.lastIndexOf('\u001b[?2026h', drawn) <= output.lastIndexOf('\u001b[?2026l', drawn);
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
    type: (text) => pty.write(text),
    resize: (toColumns, toRows) => {
      emulator.resize(toColumns, toRows);
      pty.resize(toColumns, toRows);
    },
    until,
    sees: (...texts) =>
      until(texts.join(', '), (seen) => texts.every((text) => seen.join('\n').includes(text))),
    run: async (command) => {
      const from = output.length;
      const quoted = command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
      pty.write(`sh -c 'echo "process=$$."; exec "$0" "$@"' ${quoted}\r`);
      // Not of the screen: the program may have taken it already.
      const found = () => /process=(\d+)\./.exec(output.slice(from))?.[1];
      await until(`the process of ${command.join(' ')}`, () => found() !== undefined);
      return Number(found());
    },
    close: () => {
      pty.kill('SIGKILL');
      emulator.dispose();
    },
  };
  await robot.sees('shell>');
  return robot;
}
