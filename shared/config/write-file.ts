// Writes a configuration file so that nobody ever reads half of it: a temporary file beside it, flushed to
// disk, takes its place. Creating never replaces a file, not even one that appears meanwhile. Replacing keeps
// the previous content as a backup, and who may read the file.
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
import { flush } from '../flush.ts';

/** Readable for everybody, because the daemon runs as a user of its own; writable for the owner. */
const sharedMode = 0o644;

/** For the owner alone: a file with a secret. */
export const privateMode = 0o600;

/** Error codes of file systems without hard links (FAT, some shared folders). */
export const noLinkCodes = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EXDEV'];

/** Creates a file. @throws an error with code EEXIST if it exists, else the error of the failed system call */
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
      await flush(handle);
    } finally {
      await handle.close();
    }
    await putInPlace(temporary, path);
  } finally {
    await unlink(temporary).catch(ignoreMissing);
  }
  await syncFolder(dirname(path));
}

/** What to replace a file with. */
export interface Replacement {
  text: string;
  /** called right before the file is replaced: whether it is still the file that should be replaced */
  isExpected(): Promise<boolean>;
}

/** The outcome of a replacement. */
export interface Replaced {
  /** path of the backup beside the file, with its previous content, readable for its owner alone */
  backup: string;
  /** whether it was overwritten in place, because it is a mount: a power cut may leave that half done */
  isInPlace: boolean;
}

/**
 * Replaces the content of a file; a link to it stays a link. A complete new file takes its name first. Then
 * the original is written with the same text and gets its name back, so that it keeps its owner, mode, access
 * list and other attributes, not all of which can be read here.
 * @returns null if the file was not the expected one
 * @throws the error of a failed system call; the file is then unchanged
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

/** Opens a file to write; null if this user may not: then another file can take its place in its folder. */
async function openToWrite(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, 'r+');
  } catch (error) {
    if (['EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}

/** Gives the file a second name. `mounted`: it is a mount, whose name cannot change. */
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

/** Gives the original its name back. If it cannot be written, the new file stays. */
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
    // The new file has the same content, and at least as narrow rights.
  }
}

/** Overwrites a file; restores its content if there is no room. @throws the error of the failed system call */
async function overwrite(handle: FileHandle, text: string, held: Buffer): Promise<void> {
  const write = async (bytes: Buffer) => {
    // Not truncated first: overwriting needs no room on the disk.
    for (let at = 0; at < bytes.length; )
      at += (await handle.write(bytes, at, bytes.length - at, at)).bytesWritten;
    await handle.truncate(bytes.length);
    await flush(handle);
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
    await flush(handle);
  } finally {
    await handle.close();
  }
}

/**
 * Writes a new file that is readable only for users who can read `original`. Never for the group: with an
 * access list, the group bits of the mode are a mask for everybody named there, not the rights of the group.
 */
async function writeLike(original: Stats, path: string, content: string): Promise<void> {
  const handle = await open(path, 'wx', privateMode);
  try {
    await handle.writeFile(content);
    await keepOwner(handle, original);
    await handle.chmod(original.mode & 0o707);
    await flush(handle);
  } finally {
    await handle.close();
  }
}

/** Gives the file the owner and group of `original`, as far as this process may. */
async function keepOwner(handle: FileHandle, { uid, gid }: Stats): Promise<void> {
  // Only root may change the owner; the group may be any group of the process.
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

/** Makes the new name durable. Windows cannot open a folder and does not need it. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await flush(handle);
  } finally {
    await handle.close();
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
