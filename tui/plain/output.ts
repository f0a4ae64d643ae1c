// Standard output of the printing commands: waits while the reader is slow, and ends quietly when it
// has gone (`| head`).
import { once } from 'node:events';

export interface Output {
  /** @returns whether anybody still reads */
  write(text: string): Promise<boolean>;
}

export function createOutput(stream: NodeJS.WriteStream): Output {
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
      if (!stream.write(text)) await Promise.race([once(stream, 'drain').catch(() => {}), left]);
      return !gone;
    },
  };
}
