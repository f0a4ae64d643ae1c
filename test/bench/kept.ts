// Servers and folders that end with the bench, whatever way it ends; see keeper.ts.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { programCommand } from './program.ts';

let keeper: ChildProcess | null = null;

function tell(line: string): void {
  if (keeper === null) {
    const [program, ...args] = programCommand('keeper.ts');
    // Detached: Ctrl-C in a terminal ends the bench, and not who cleans up after it.
    keeper = spawn(program, args, {
      stdio: ['pipe', 'ignore', 'inherit'],
      detached: true,
    });
    keeper.unref();
    (keeper.stdin as unknown as { unref(): void }).unref();
  }
  keeper.stdin?.write(`${line}\n`);
}

/** An empty folder that is removed after the bench. */
export function keptFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ddns-bench-'));
  tell(`folder ${folder}`);
  return folder;
}

/** `child` is killed after the bench, unless it has ended by itself. */
export function keep(child: ChildProcess): void {
  const { pid } = child;
  if (pid === undefined) return;
  tell(`started ${pid}`);
  child.once('exit', () => tell(`ended ${pid}`));
}
