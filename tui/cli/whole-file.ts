// A file that a command writes whole or not at all: a temporary file beside it, for its owner alone, is flushed to the
// disk and then takes its name. Whatever ends the command earlier, Ctrl-C included, leaves nothing.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { link, open, realpath, rename, stat, statfs, unlink } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { noLinkCodes, privateMode, syncFolder } from '../../shared/config/write-file.ts';
import { flush } from '../../shared/flush.ts';
import { safe } from '../text/columns.ts';
import { size } from '../text/format.ts';

const maxText = 4_096;

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface WholeFile {
  /** @throws Error for the user */
  write(bytes: Uint8Array): Promise<void>;
  /** Throws unless the disk has room for so many bytes. */
  needRoom(bytes: number): Promise<void>;
}

/**
 * Writes the file at `path` with what `fill` gives it. @param replace an existing file, which is otherwise refused
 * @throws Error for the user, also when a signal came; then there is no file
 */
export async function writeWholeFile<T>(
  path: string,
  { replace }: { replace: boolean },
  fill: (file: WholeFile) => Promise<T>,
): Promise<T> {
  const place = await findPlace(path, replace);
  const temporary = `${place}.${randomUUID()}.tmp`;
  const failed = (error: unknown) => failure(path, error as NodeJS.ErrnoException);
  const handle = await open(temporary, 'wx', privateMode).catch(failed);
  const stop = new AbortController();
  const cancel = () => stop.abort(new Error('cancelled; no file was written'));
  for (const signal of signals) process.on(signal, cancel);
  try {
    const file: WholeFile = {
      write: (bytes) => handle.appendFile(bytes).catch(failed),
      needRoom: (bytes) => needRoom(path, place, bytes),
    };
    const filling = fill(file);
    await Promise.race([filling, once(stop.signal, 'abort')]);
    stop.signal.throwIfAborted();
    const result = await filling;
    await flush(handle).catch(failed);
    await handle.close();
    stop.signal.throwIfAborted();
    await (replace ? rename(temporary, place) : takeName(temporary, place)).catch(failed);
    await syncFolder(dirname(place));
    return result;
  } finally {
    await handle.close().catch(() => {});
    await unlink(temporary).catch(() => {});
    for (const signal of signals) process.off(signal, cancel);
  }
}

/** Where the file will be; a link to a file stays a link. */
async function findPlace(path: string, replace: boolean): Promise<string> {
  const there = await stat(path).catch(() => null);
  if (there === null) return resolve(path);
  const name = safe(path, maxText);
  if (!there.isFile()) throw new Error(`${name} is no file; name a file that is to be written`);
  if (!replace) throw new Error(`${name} exists; name another file, or replace it with --force`);
  return realpath(path);
}

/** Gives the file its name, unless another file has it by now. */
async function takeName(temporary: string, place: string): Promise<void> {
  try {
    await link(temporary, place);
  } catch (error) {
    if (!noLinkCodes.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    await rename(temporary, place);
  }
}

async function needRoom(path: string, place: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(dirname(place));
  const free = bavail * bsize;
  if (free < bytes)
    throw new Error(
      `${safe(path, maxText)} needs ${size(bytes)}, and ${size(free)} are free on that disk; make room, or name a file elsewhere`,
    );
}

function failure(path: string, error: NodeJS.ErrnoException): never {
  const name = safe(path, maxText);
  const texts: Record<string, string> = {
    ENOSPC: `the disk is full: ${name} was not written; make room, or name a file elsewhere`,
    EDQUOT: `the disk quota is used up: ${name} was not written; make room, or name a file elsewhere`,
    EACCES: `you may not write ${name}; name a file elsewhere`,
    EPERM: `you may not write ${name}; name a file elsewhere`,
    EROFS: `${name} is on a read-only disk; name a file elsewhere`,
    ENOENT: `the folder of ${name} does not exist; create it, or name a file elsewhere`,
    ENOTDIR: `the folder of ${name} is a file; name a file elsewhere`,
    EEXIST: `${name} was created by another program meanwhile; name another file, or replace it with --force`,
  };
  throw new Error(texts[error.code ?? ''] ?? `${name} cannot be written: ${error.message}`, {
    cause: error,
  });
}
