// The built console in a pseudo-terminal of its own: when its bytes arrive, how many they are, and what
// the screen shows once they are in a terminal emulator.
import { type IPty, spawn } from '@lydell/node-pty';
import xterm from '@xterm/headless';

/** A build of the console: its `ddns-tui.js`, and what it is called in the tables. */
export interface ConsoleBuild {
  name: string;
  program: string;
}

export const ownConsole: ConsoleBuild = {
  name: 'ddns-tui',
  program: new URL('../../../dist/ddns-tui.js', import.meta.url).pathname,
};

/** The larger of the two sizes that are promised to look good. */
export const size = { cols: 200, rows: 50 };

/** A machine that is busy is slow; what takes longer does not come. */
const patienceMs = 30_000;

export interface Arrival {
  at: number;
  bytes: number;
}

/**
 * A program that is measured: in the emulator's terminal, without what would change its start.
 * @param caches where it keeps what was compiled of it; by default where it does for the user
 */
export function spawnMeasured(args: readonly string[], caches?: string): IPty {
  const { NODE_OPTIONS: _, NODE_ENV: __, DDNS_SOCKET: ___, ...rest } = process.env;
  const env = { ...rest, LC_ALL: 'C.UTF-8', ...(caches && { XDG_CACHE_HOME: caches }) };
  return spawn(process.execPath, [...args], { ...size, name: 'xterm-256color', env });
}

export class ConsoleTerminal {
  readonly arrivals: Arrival[] = [];
  output = '';
  private readonly emulator = new xterm.Terminal({ ...size, allowProposedApi: true });
  private readonly pty: IPty;
  private readonly ended: Promise<void>;
  private look: () => void = () => {};

  constructor({ program }: ConsoleBuild, args: readonly string[]) {
    this.pty = spawnMeasured([program, ...args]);
    this.pty.onData((data) => {
      this.arrivals.push({ at: performance.now(), bytes: Buffer.byteLength(data) });
      this.output += data;
      this.emulator.write(data, () => this.look());
    });
    this.emulator.onData((answer) => this.pty.write(answer));
    this.ended = new Promise((resolve) => this.pty.onExit(() => resolve()));
  }

  get pid(): number {
    return this.pty.pid;
  }

  /** Bytes that arrived in each of `seconds` from `from` on. @param from of `performance.now` */
  bytesBySecond(from: number, seconds: number): number[] {
    const sums = new Array<number>(seconds).fill(0);
    for (const { at, bytes } of this.arrivals) {
      const second = Math.floor((at - from) / 1_000);
      if (second >= 0 && second < seconds) sums[second] = (sums[second] ?? 0) + bytes;
    }
    return sums;
  }

  lines(): string[] {
    const { active } = this.emulator.buffer;
    return Array.from(
      { length: size.rows },
      (_, row) => active.getLine(active.viewportY + row)?.translateToString(true) ?? '',
    );
  }

  type(keys: string): void {
    this.pty.write(keys);
  }

  /** Forgets what arrived so far. */
  forget(): void {
    this.arrivals.length = 0;
    this.output = '';
  }

  /** Types `keys`; @returns how many ms later the screen is as `isThere` wants it */
  async msUntil(keys: string, isThere: (lines: string[]) => boolean): Promise<number> {
    const startedAt = performance.now();
    if (keys !== '') this.pty.write(keys);
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () =>
          reject(new Error(`no answer to ${JSON.stringify(keys)}:\n${this.lines().join('\n')}`)),
        patienceMs,
      );
      this.look = () => {
        if (!isThere(this.lines())) return;
        clearTimeout(timer);
        this.look = () => {};
        resolve();
      };
      if (keys === '') this.look();
    });
    return performance.now() - startedAt;
  }

  async close(): Promise<void> {
    this.pty.kill('SIGTERM');
    await this.ended;
    this.emulator.dispose();
  }
}
