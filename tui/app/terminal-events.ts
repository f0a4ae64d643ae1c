// What the system tells a program on a terminal: that it shall end, stop or go on, that its window has another size, that
// its terminal is gone, and errors that nobody caught.
import { writeSync } from 'node:fs';
import { constants } from 'node:os';
import { setTimeout as afterWait } from 'node:timers/promises';
import type { InkApp } from './ink-app.tsx';

/** Longer than a signal to the own process takes; time while stopped does not count. */
const resumeMs = 20;

export interface TerminalEvents {
  /** Stops the program as Ctrl-Z would; it draws everything again when it is continued. */
  suspend(): void;
  /** Gives the terminal to somebody else until `act` is done. */
  lend(act: () => Promise<void>): Promise<void>;
}

interface TerminalEventsOptions {
  app: InkApp;
  onEnd(code: number): void;
  onResize(): void;
  /** aborted when the program ends */
  ended: AbortSignal;
}

/** Listens from now until the process ends. */
export function followTerminal(options: TerminalEventsOptions): TerminalEvents {
  const { app, onEnd, onResize, ended } = options;
  const lend = async (act: () => Promise<void>) => {
    await app.lend(async () => {
      process.off('SIGTSTP', suspend);
      process.off('SIGCONT', resume);
      await act();
      process.on('SIGTSTP', suspend);
      process.on('SIGCONT', resume);
      return !ended.aborted;
    });
    // A stopped process gets no signal when its window is resized: make Node look.
    if (!ended.aborted) process.emit('SIGWINCH', 'SIGWINCH');
  };
  const suspend = () =>
    void lend(async () => {
      // To the whole process group, as the terminal itself would: npm and a shell around it stop too. An orphaned
      // group, which nobody could continue, is not stopped by the system; then the console comes back at once.
      process.kill(0, 'SIGTSTP');
      await afterWait(resumeMs);
    });
  /** Somebody else may have had the terminal meanwhile. */
  const resume = () => void lend(async () => {});
  const endings: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of endings)
    process.on(signal, () => {
      // Ctrl-C in the editor is for the editor.
      if (signal !== 'SIGINT' || !app.isLent()) onEnd(128 + (constants.signals[signal] ?? 0));
    });
  process.on('SIGTSTP', suspend);
  process.on('SIGCONT', resume);
  process.on('SIGWINCH', () => {
    if (!app.isLent()) onResize();
  });
  // After a terminal has gone every write fails.
  const hungUp = () => onEnd(128 + constants.signals.SIGHUP);
  process.stdout.on('error', hungUp);
  process.stdin.on('end', hungUp);
  return { suspend, lend };
}

/** Ends the process with the error below the screen. @param close gives the screen back */
export function endWithError(error: unknown, close: () => void): void {
  close();
  const text = error instanceof Error ? error.stack : String(error);
  // Once the screen is given back, and at once: the process ends.
  process.stdout.write('', () => {
    writeSync(process.stderr.fd, `${text}\n`);
    process.exit(1);
  });
}
