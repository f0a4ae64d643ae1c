// Creates a configuration file so that nobody ever sees half of it: a temporary file beside it,
// flushed to disk, then put in place. It never replaces a file, not even one that appears meanwhile.
import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, link, open, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';

/** For everybody to read, for the owner to write: the daemon runs as a user of its own. */
const sharedMode = 0o644;

/** For the owner alone: there is a secret in it. */
export const privateMode = 0o600;

/** How file systems without hard links (FAT, some shared folders) refuse to make one. */
const noLinkCodes = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EXDEV'];

/** @throws an error with code EEXIST when the file exists, else that of the failed system call */
export async function createFileAtomically(
  path: string,
  text: string,
  mode: number = sharedMode,
): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    const handle = await open(temporary, 'wx', mode);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await putInPlace(temporary, path);
  } finally {
    await unlink(temporary).catch(ignoreMissing);
  }
  await syncFolder(dirname(path));
}

async function putInPlace(temporary: string, path: string): Promise<void> {
  try {
    // Unlike rename, link refuses to replace.
    await link(temporary, path);
  } catch (error) {
    if (!noLinkCodes.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    await copyFile(temporary, path, constants.COPYFILE_EXCL);
  }
}

/** Makes the new name itself durable. Windows cannot open a folder, and need not. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
