// What can go wrong with the registry's file, in words that tell an operator what to do next.
import { accessSync, constants, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileState, userName } from '../../shared/file-rights.ts';
import { lockHolder } from '../machine/lock-holder.ts';

/** What is wrong, stable for scripts and tests. */
export type StoreErrorCode =
  | 'store-corrupt'
  | 'store-locked'
  | 'store-read-only'
  | 'store-full'
  | 'store-newer'
  | 'store-driver'
  | 'store-failed';

/** The registry's file cannot be used; `message` ends with the next thing to do. */
export class StoreError extends Error {
  readonly code: StoreErrorCode;
  /** the message without the next thing to do, where that depends on what the file is for */
  readonly finding: string;

  constructor(code: StoreErrorCode, message: string, cause?: unknown, finding = message) {
    super(message, { cause });
    this.name = 'StoreError';
    this.code = code;
    this.finding = finding;
  }
}

/** `starting`: the daemon ends with the message. `running`: it has the registry in memory and tries again. */
export type Phase = 'starting' | 'running';

/** Runs `action` on `file`. @throws StoreError for whatever it throws */
export function attempt<T>(file: string, action: () => T, phase: Phase = 'starting'): T {
  try {
    return action();
  } catch (error) {
    throw explain(error, file, phase);
  }
}

/** Translates an error of SQLite, its driver or the file system about `file` for operators. */
export function explain(error: unknown, file: string, phase: Phase = 'starting'): StoreError {
  if (error instanceof StoreError) return error;
  const code = (error as { code?: unknown }).code;
  const said = error instanceof Error ? error.message : String(error);
  const is = (...prefixes: string[]) =>
    prefixes.some((prefix) => typeof code === 'string' && code.startsWith(prefix));
  const next = phase === 'running' ? 'ddnsd tries again every second' : 'then start ddnsd again';
  if (is('MODULE_NOT_FOUND', 'ERR_DLOPEN_FAILED')) return driverMissing(said, error);
  if (is('ERR_DLOPEN_DISABLED'))
    return new StoreError(
      'store-driver',
      `Node was told to load no addons, and SQLite's driver is one. Start ddnsd without --no-addons (NODE_OPTIONS); the registry's file was not touched`,
      error,
    );
  // The statements are fixed, so a syntax error means that the file has another schema.
  if (is('SQLITE_NOTADB', 'SQLITE_CORRUPT', 'SQLITE_ERROR')) return corrupt(file, said, error);
  if (is('SQLITE_BUSY', 'SQLITE_LOCKED')) {
    const message =
      phase === 'running'
        ? `${file} is being changed by another program. End it (fuser ${file} names it); ${next}`
        : `${file} is in use by ${userOf(file)}, or set another Database in ddns.conf`;
    return new StoreError('store-locked', message, error);
  }
  if (is(...lockCodes))
    return new StoreError(
      'store-failed',
      `${file} cannot be locked (${said}, ${code}): its file system has no locks, as some network file systems (findmnt -T ${file} names it). Set Database in ddns.conf to a local disk, or mount it with locks`,
      error,
    );
  // On a read-only file system SQLite reports I/O errors, and mkdir reports ENOENT.
  if (is('EROFS') || [file, dirname(file)].some((each) => accessError(each) === 'EROFS'))
    return new StoreError(
      'store-read-only',
      `${file} cannot be written (${said}): its file system is read-only, as Linux makes it when the disk fails. Look at the system's log (dmesg), and mount it for writing again (findmnt -T ${file} names it); ${next}`,
      error,
    );
  const unwritable = whoCannotWrite(file);
  // Then SQLite cannot open a file that it has to create, although all may be written and there is room.
  if (is('ENOSPC', 'SQLITE_FULL', 'SQLITE_CANTOPEN') && unwritable === null && lacksInodes(file))
    return new StoreError(
      'store-full',
      `${file}: no more files can be created on this disk (${said}): all its inodes are taken (df -i ${dirname(file)}). Remove files there; ${next}`,
      error,
    );
  if (is('SQLITE_FULL', 'ENOSPC', 'EDQUOT'))
    return new StoreError(
      'store-full',
      `${file}: the disk is full (${said}). Make room on it; ${next}`,
      error,
    );
  if (
    is('SQLITE_READONLY', 'SQLITE_CANTOPEN', 'EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST') ||
    (is('SQLITE_IOERR', 'ENOENT') && unwritable !== null)
  )
    return new StoreError(
      'store-read-only',
      unwritable === null
        ? `${file} cannot be written (${said}), although its rights allow it. Look at its file system (findmnt -T ${file}; dmesg) and its attributes (lsattr ${file}), or set another Database in ddns.conf`
        : `${file} cannot be written (${said}); ${unwritable}. Give the daemon's user write access, or set another Database in ddns.conf`,
      error,
    );
  // ENOSPC is SQLITE_FULL, so this is a failing disk, a quota or a limit of the process.
  if (is('SQLITE_IOERR'))
    return new StoreError(
      'store-failed',
      `${file}: the system reports an I/O error (${said}, ${code}). Look at the system's log (dmesg), at quotas (quota) and at the size limit for files (ulimit -f); ${next}`,
      error,
    );
  return new StoreError('store-failed', `${file}: ${said}. Check the disk; ${next}`, error);
}

/** Of calls that lock a file, where its file system cannot. */
const lockCodes = [
  'SQLITE_IOERR_LOCK',
  'SQLITE_IOERR_RDLOCK',
  'SQLITE_IOERR_UNLOCK',
  'SQLITE_IOERR_CHECKRESERVEDLOCK',
  'SQLITE_PROTOCOL',
];

/** Who has locked the database, in words, and how to end that. */
function userOf(file: string): string {
  const pid = lockHolder(`${file}-lock`) ?? lockHolder(file);
  if (pid !== null) return `process ${pid}. Stop it`;
  return `another process. Stop it (fuser ${file} names it); if there is none, another machine uses it, or its file system has no locks (findmnt -T ${file} names it), as NFS without its lock service`;
}

/** The installation is at fault, not the file. */
function driverMissing(said: string, cause: unknown): StoreError {
  // Further lines of Node's message name the modules that required it.
  const [reason = said] = said.split('\n');
  const platform = `Node ${process.versions.node} on ${process.platform}-${process.arch}`;
  return new StoreError(
    'store-driver',
    `SQLite's driver, better-sqlite3, is missing or does not load in ${platform} (${reason}). Install dynamo-dns again on this machine; the registry's file was not touched`,
    cause,
  );
}

/** The file is damaged, or was never a registry. */
export function corrupt(file: string, said: string, cause?: unknown): StoreError {
  const finding = `${file} is damaged or not a registry (${said})`;
  return new StoreError(
    'store-corrupt',
    `${finding}. Restore a backup, or move it away (mv ${file} ${file}.damaged) and start again with an empty registry that the nodes fill`,
    cause,
    finding,
  );
}

/** Which of the database, the files beside it and their folder this user may not write; null: none. */
function whoCannotWrite(file: string): string | null {
  for (const end of ['', '-wal', '-shm', '-journal', '-lock']) {
    const each = file + end;
    const found = fileState(each);
    if (found?.isFile() && accessError(each) === 'EPERM')
      return `${each} has the immutable attribute: chattr -i ${each}`;
    if (found?.isFile() && !isWritable(each))
      return `${each} belongs to user ${found.uid} and has mode ${(found.mode & 0o777).toString(8)}, and this user is ${userName()}: chown ${userName()} ${file}* && chmod u+rw ${file}*`;
  }
  const folder = dirname(file);
  if (accessError(folder) === 'EPERM')
    return `the folder ${folder} has the immutable attribute: chattr -i ${folder}`;
  return isWritable(folder) ? null : `the folder ${folder} is not writable`;
}

/** Whether the file system of `file` has room for no further file. Some, such as btrfs, count none. */
function lacksInodes(file: string): boolean {
  try {
    const { files, ffree } = statfsSync(dirname(file));
    return files > 0 && ffree === 0;
  } catch {
    return false;
  }
}

function isWritable(path: string): boolean {
  return accessError(path) === null;
}

/** Why this user may not read and write: EACCES by rights, EPERM by an attribute of the file; null: it may. */
function accessError(path: string): string | null {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return null;
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}
