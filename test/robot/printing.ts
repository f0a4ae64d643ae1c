// Programs that print, run as a script runs them: without a terminal, their output read as it arrives.
import { type ChildProcess, spawn } from 'node:child_process';
import { within } from '../fixture/look-until.ts';
import { programCommand } from '../fixture/programs.ts';

export interface Running {
  child: ChildProcess;
  /** Waits until standard output matches. */
  prints(pattern: RegExp): Promise<string>;
  ended: Promise<{ code: number | null; out: string; err: string }>;
}

/** The console with `parameters`. */
export function start(...parameters: string[]): Running {
  return startCommand(programCommand('ddns-tui', ...parameters));
}

export function startCommand([program = '', ...parameters]: string[]): Running {
  const child = spawn(program, parameters, { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  const looks = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text) => {
    out += text;
    for (const look of looks) look();
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    err += text;
  });
  const ended = new Promise<{ code: number | null; out: string; err: string }>((resolve) => {
    child.once('close', (code) => resolve({ code, out, err }));
  });
  return {
    child,
    ended,
    prints: (pattern) =>
      within(
        new Promise<string>((resolve, reject) => {
          const look = () => {
            const [found] = pattern.exec(out) ?? [];
            if (found === undefined) return;
            looks.delete(look);
            resolve(found);
          };
          looks.add(look);
          look();
          void ended.then(() => reject(new Error(`ended without ${pattern}: ${out}${err}`)));
        }),
        () => `${out}${err}`,
      ),
  };
}
