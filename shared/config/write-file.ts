// Writes a configuration file so that nobody ever sees half of it: a temporary file beside it,
// flushed to disk, then put in place. Creating never replaces a file, not even one that appears
// meanwhile; replacing keeps what was there as a backup, and who may read the file.
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

export interface Replaced {
  /** path of the file beside it that holds what it held before, for its owner alone */
  backup: string;
  /** It cannot be replaced, being mounted for one: it was written over, which a power cut may leave half done. */
  isInPlace: boolean;
}

/**
 * Replaces what a file holds; a link to it stays one. A whole new file takes its name first. Then the
 * one that was there is written with the same text and gets its name back: owner, mode, access list
 * and whatever else belongs to it stay, of which not all can be read here.
 * @returns null when the file was not the expected one
 * @throws the error of a failed system call; the file is as before then
 */
export async function replaceFileAtomically(
  path: string,
  { text, isExpected }: Replacement,
): Promise<Replaced | null> {
  const target = await realpath(path);
  const backup = `${target}.bak`;
  const temporary = `${target}.${randomUUID()}.tmp`;
  const [former, temporaryBackup] = [`${temporary}.former`, `${temporary}.bak`];
  const original = await openToWrite(target);
  try {
    const held = await readFile(target);
    const name = original === null ? null : await secondName(target, former);
    const isInPlace = name === 'mounted';
    if (!isInPlace) await writeLike(await stat(target), temporary, text);
    await writePrivately(temporaryBackup, held);
    if (!(await isExpected())) return null;
    if (!isInPlace) await rename(temporary, target);
    await rename(temporaryBackup, backup);
    await syncFolder(dirname(target));
    if (original !== null && isInPlace) await overwrite(original, text, held);
    if (original !== null && name === 'linked') {
      await giveBack(original, former, target, text, held);
      await syncFolder(dirname(target));
    }
    return { backup, isInPlace };
  } finally {
    await original?.close();
    for (const each of [temporary, former, temporaryBackup])
      await unlink(each).catch(ignoreMissing);
  }
}

/** Null when this user may not write it: then another file can take its place, in its folder. */
async function openToWrite(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, 'r+');
  } catch (error) {
    if (['EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}

/** Gives the file a second name. `mounted`: it is a mount of its own, which keeps the name that it has. */
async function secondName(path: string, name: string): Promise<'linked' | 'mounted' | 'unlinked'> {
  try {
    await link(path, name);
    return 'linked';
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (code === 'EXDEV') return 'mounted';
    if (noLinkCodes.includes(code)) return 'unlinked';
    throw error;
  }
}

/** The file whose name another one has for now. When it cannot be written, that one stays. */
async function giveBack(
  original: FileHandle,
  former: string,
  target: string,
  text: string,
  held: Buffer,
): Promise<void> {
  try {
    await overwrite(original, text, held);
    await rename(former, target);
  } catch {
    // The new file holds the same, and is closed to whoever the old one may have been closed to.
  }
}

/** Without room for it the file holds what it held. @throws the error of the failed system call */
async function overwrite(handle: FileHandle, text: string, held: Buffer): Promise<void> {
  const write = async (bytes: Buffer) => {
    // Not cut first: what is written over needs no room.
    for (let at = 0; at < bytes.length; )
      at += (await handle.write(bytes, at, bytes.length - at, at)).bytesWritten;
    await handle.truncate(bytes.length);
    await handle.sync();
  };
  try {
    await write(Buffer.from(text));
  } catch (error) {
    await write(held);
    throw error;
  }
}

async function writePrivately(path: string, content: Buffer): Promise<void> {
  const handle = await open(path, 'wx', privateMode);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * A new file that nobody may read who could not read `original`. Not for the group: with an access list
 * its bits in the mode say what anybody named there may do at most, and not what the group may.
 */
async function writeLike(original: Stats, path: string, content: string): Promise<void> {
  const handle = await open(path, 'wx', privateMode);
  try {
    await handle.writeFile(content);
    await keepOwner(handle, original);
    await handle.chmod(original.mode & 0o707);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Gives the file the owner and the group of `original`, as far as this process may. */
async function keepOwner(handle: FileHandle, { uid, gid }: Stats): Promise<void> {
  // Only root may give a file away; its group may be any that the process is in.
  await handle
    .chown(uid, gid)
    .catch(() => handle.chown(-1, gid))
    .catch(() => {});
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
