// Writes a configuration file so that nobody ever sees half of it: a temporary file beside it,
// flushed to disk, then put in place. Creating never replaces a file, not even one that appears
// meanwhile; replacing keeps what was there as a backup, and who may read it.
import { randomUUID } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import {
  copyFile,
  type FileHandle,
  link,
  open,
  readFile,
  realpath,
  rename,
  stat,
  unlink,
} from 'node:fs/promises';
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

export interface Replacement {
  text: string;
  /** Asked last, right before the file is replaced: whether it still is what it should replace. */
  isExpected(): Promise<boolean>;
}

/**
 * Replaces a file; a link to it stays one.
 * @returns the path of the backup beside it; null when the file was not the expected one
 * @throws the error of a failed system call; the file is as before then
 */
export async function replaceFileAtomically(
  path: string,
  { text, isExpected }: Replacement,
): Promise<string | null> {
  const target = await realpath(path);
  const before = await stat(target);
  const backup = `${target}.bak`;
  const temporary = `${target}.${randomUUID()}.tmp`;
  const temporaryBackup = `${temporary}.bak`;
  try {
    await writeLike(before, temporary, text);
    await writeLike(before, temporaryBackup, await readFile(target));
    if (!(await isExpected())) return null;
    await rename(temporaryBackup, backup);
    await rename(temporary, target);
  } finally {
    await unlink(temporary).catch(ignoreMissing);
    await unlink(temporaryBackup).catch(ignoreMissing);
  }
  await syncFolder(dirname(target));
  return backup;
}

/** A new file that nobody may read who could not read `original`. */
async function writeLike(original: Stats, path: string, content: string | Buffer): Promise<void> {
  const handle = await open(path, 'wx', privateMode);
  try {
    await handle.writeFile(content);
    const keepsGroup = await keepOwner(handle, original);
    // To the members of another group it may have said less.
    await handle.chmod(original.mode & (keepsGroup ? 0o777 : 0o707));
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Gives the file the owner and the group of `original`, as far as this process may. */
async function keepOwner(handle: FileHandle, original: Stats): Promise<boolean> {
  const { uid, gid } = await handle.stat();
  if (uid === original.uid && gid === original.gid) return true;
  try {
    await handle.chown(original.uid, original.gid);
    return true;
  } catch {
    // Only root may give a file away; its group may be any that the process is in.
    return handle.chown(uid, original.gid).then(
      () => true,
      () => gid === original.gid,
    );
  }
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
