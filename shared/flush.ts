// Forces what was written to a file onto the disk. Not by `FileHandle.sync`: Yarn runs programs without unpacking them
// (Plug'n'Play), with file handles of its own that lack it.
import { fsync } from 'node:fs';
import { promisify } from 'node:util';

const flushDescriptor = promisify(fsync);

/** @throws the error of the system call */
export function flush({ fd }: { fd: number }): Promise<void> {
  return flushDescriptor(fd);
}
