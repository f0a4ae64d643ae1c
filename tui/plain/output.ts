// Standard output of the printing commands: waits while the reader is slow, and ends quietly when it
// has gone (`| head`). A terminal gets the characters that it has; a pipe or a file gets all of them.
import { once } from 'node:events';
import { abilitiesOf, type Environment } from '../terminal/abilities.ts';
import { asciiFrame } from '../terminal/ascii.ts';

export interface Output {
  /** @returns whether anybody still reads */
  write(text: string): Promise<boolean>;
}

/** @param env of the terminal, when `stream` is one */
export function createOutput(stream: NodeJS.WriteStream, env: Environment = process.env): Output {
  const isAscii = stream.isTTY && abilitiesOf(env, process.platform).characters === 'ascii';
  let gone = false;
  const left = new Promise<void>((resolve) => {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
      gone = true;
      resolve();
    });
  });
  return {
    write: async (text) => {
      if (gone) return false;
      const isKept = stream.write(isAscii ? asciiFrame(text) : text);
      if (!isKept) await Promise.race([once(stream, 'drain').catch(() => {}), left]);
      return !gone;
    },
  };
}
