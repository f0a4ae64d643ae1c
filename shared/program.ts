// How the programs end, for scripts and service managers; the numbers are those of sysexits.h
// where it has one.
// Standard output of a command that prints and ends: it waits for its reader as other commands do, ends
// quietly when the reader has gone (`| head`), and says in one line why nothing more can be written.

import { fstatSync, writeSync } from 'node:fs';
import { isatty } from 'node:tty';

export const exitCodes = {
  ok: 0,
  /** anything that is not below */
  failed: 1,
  /** the command line is wrong */
  usage: 2,
  /** no daemon to attach to (EX_UNAVAILABLE) */
  unreachable: 69,
  /** a configuration file is missing or has mistakes (EX_CONFIG): starting again will not help */
  configuration: 78,
} as const;

const standardOutput = 1;

/** What the user is told when standard output fails with `error`. */
export function outputFailure({ code, message }: NodeJS.ErrnoException): string {
  return `standard output cannot be written (${code ?? message}): what was printed is not whole`;
}

/** Whether it is a file, or a device that is none of people: nobody is waited for who reads it. */
export function isFile(fd: number): boolean {
  const kind = fstatSync(fd);
  return kind.isFile() || (kind.isCharacterDevice() && !isatty(fd));
}

/**
 * Writes all of `text` to a file. Node's own stream takes a write of which a full disk took the beginning
 * for a whole one. @throws ErrnoException
 */
export function writeWhole(fd: number, text: string): void {
  for (let bytes = Buffer.from(text); bytes.length > 0; )
    bytes = bytes.subarray(writeSync(fd, bytes));
}

/** Prints `text`; the process ends when that fails. */
export function print(program: string, text: string): void {
  const failed = (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(exitCodes.ok);
    process.stderr.on('error', () => {});
    process.stderr.write(`${program}: ${outputFailure(error)}\n`);
    process.exit(exitCodes.failed);
  };
  if (!isFile(standardOutput)) process.stdout.once('error', failed).write(text);
  else
    try {
      writeWhole(standardOutput, text);
    } catch (error) {
      failed(error as NodeJS.ErrnoException);
    }
}
