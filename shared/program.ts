// How the programs print and end, the same for all. A command that prints waits for its reader like other commands,
// ends quietly when the reader is gone (`| head`), and reports in one line why it cannot write.
import { fstatSync, writeSync } from 'node:fs';
import { isatty } from 'node:tty';

/** Exit codes, for scripts and service managers; numbers of sysexits.h where it has one. */
export const exitCodes = {
  ok: 0,
  /** any other failure */
  failed: 1,
  /** the command line is wrong */
  usage: 2,
  /** no daemon to attach to, or no name server answered (EX_UNAVAILABLE) */
  unreachable: 69,
  /** a configuration file is missing or has mistakes (EX_CONFIG): a restart will not help */
  configuration: 78,
} as const;

const standardOutput = 1;

/** The message for a user when standard output fails with `error`. */
export function outputFailure({ code, message }: NodeJS.ErrnoException): string {
  return `standard output cannot be written (${code ?? message}): the output is incomplete`;
}

/** Whether the descriptor is a file, or a device other than a terminal, so that writing does not wait for a reader. */
export function isFile(fd: number): boolean {
  const kind = fstatSync(fd);
  return kind.isFile() || (kind.isCharacterDevice() && !isatty(fd));
}

/**
 * Writes all of `text` to a file. Node's own stream takes a write that a full disk cut short for a complete one.
 * @throws ErrnoException if the disk is full, or another error occurs
 */
export function writeWhole(fd: number, text: string): void {
  for (let bytes = Buffer.from(text); bytes.length > 0; )
    bytes = bytes.subarray(writeSync(fd, bytes));
}

/** Prints `text` to standard output; the process ends if that fails. */
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
