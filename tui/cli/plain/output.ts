// Standard output of the printing commands: waits while the reader is slow, and ends quietly when it
// has gone (`| head`). A terminal gets the characters that it has; a pipe or a file gets all of them.
import { isFile, outputFailure, writeWhole } from '../../../shared/program.ts';
import { abilitiesOf, type Environment } from '../../abilities.ts';
import { asciiFrame } from '../../terminal/adapt.ts';
import { iso } from '../../text/format.ts';

export interface Output {
  /** @returns whether anybody still reads @throws Error, with words for the user, when it cannot be written */
  write(text: string): Promise<boolean>;
}

/** How a command prints what it did. */
export interface Printing {
  json: boolean;
  output: Output;
  /** for what went wrong */
  complain(message: string): void;
}

/** Members that are times wherever the daemon sends them. */
const times = new Set([
  'at',
  'since',
  'startedAt',
  'readAt',
  'firstSeen',
  'lastSeen',
  'oldestSeen',
]);

/** JSON on one line, for scripts: names stay as they are. Times are ISO 8601, as no other number has their names. */
export function jsonText(value: unknown): string {
  const replaced = (name: string, each: unknown) =>
    times.has(name) && typeof each === 'number' ? iso(each) : each;
  return `${JSON.stringify(value, replaced)}\n`;
}

/** @param env of the terminal, when `stream` is one */
export function createOutput(stream: NodeJS.WriteStream, env: Environment = process.env): Output {
  const isAscii = stream.isTTY && abilitiesOf(env, process.platform).characters === 'ascii';
  const { fd } = stream as { fd?: number };
  const file = fd !== undefined && isFile(fd) ? fd : null;
  let gone = false;
  let failure: Error | null = null;
  const failed = (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || (stream.isTTY && error.code === 'EIO')) gone = true;
    else failure ??= new Error(outputFailure(error), { cause: error });
  };
  const left = new Promise<void>((resolve) => {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      failed(error);
      resolve();
    });
  });
  const put = (text: string) =>
    new Promise<void>((resolve) => {
      stream.write(text, (error) => {
        if (error) failed(error);
        resolve();
      });
    });
  const write = async (text: string) => {
    if (file !== null)
      try {
        writeWhole(file, text);
      } catch (error) {
        failed(error as NodeJS.ErrnoException);
      }
    else if (!gone && failure === null) await Promise.race([put(text), left]);
    if (failure !== null) throw failure;
    return !gone;
  };
  return { write: (text) => write(isAscii ? asciiFrame(text) : text) };
}
