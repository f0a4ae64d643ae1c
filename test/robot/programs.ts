// Command lines of the programs under test, from their sources.
import { join } from 'node:path';
import { projectRoot } from './terminal.ts';

export function consoleCommand(...parameters: string[]): string[] {
  return [process.execPath, '--import=tsx', join(projectRoot, 'tui', 'ddns-tui.ts'), ...parameters];
}
