// Reads a file that somebody names in a setting, or keeps where one is looked for: it may be a named pipe that nobody
// writes to, or a device without an end.
import { constants } from 'node:fs';
import { open, stat } from 'node:fs/promises';

export interface FileRead {
  /** empty if the file has more than `mostBytes` */
  bytes: Uint8Array;
  /** of the file, in bytes */
  size: number;
  /** mode bits */
  mode: number;
}

/** @returns null if it is no regular file @throws the error of the system call that failed */
export async function readRegularFile(file: string, mostBytes: number): Promise<FileRead | null> {
  // Not opened to find out: opening a device may have an effect.
  if (!(await stat(file)).isFile()) return null;
  // Without O_NONBLOCK, opening a named pipe would wait for a writer.
  const handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const found = await handle.stat();
    const { size, mode } = found;
    if (!found.isFile()) return null;
    if (size > mostBytes) return { bytes: new Uint8Array(), size, mode };
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size), 0, size, 0);
    return { bytes: buffer.subarray(0, bytesRead), size, mode };
  } finally {
    await handle.close();
  }
}
