// Restoring a backup. A copy of it is brought up to date and checked beside the database, under a new epoch, before
// anything is changed; then it takes the name of the database, whose files are kept. Whenever this is interrupted,
// the one database or the other is at its name.
//
// The new epoch is what tells the others: to nodes and peers, numbers that were given out after the backup was made
// would otherwise mean other changes (PROTOCOL.md, "Sync").
import {
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  linkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { noLinkCodes, privateMode } from '../../shared/config/write-file.ts';
import { fileState, giveRights } from '../../shared/file-rights.ts';
import { makeFolders } from '../../shared/make-folders.ts';
import { AnsweredMark } from './answered-mark.ts';
import { settleDatabase } from './database.ts';
import { HostStore, readRegistry } from './host-store.ts';
import { finishNewFile, syncFolder } from './new-file.ts';
import { freeName, moveStrayLog } from './open-files.ts';
import { attempt, corrupt, type StoreError } from './store-error.ts';

/** What is in a backup. */
export interface BackupContents {
  /** id of the name server that made it */
  serverId: string;
  live: number;
  gone: number;
  /** the latest time in it, ms since 1970; 0: none */
  latest: number;
}

/** The files beside a database that belong to it. */
const besides = ['-wal', '-journal', '-mark'];

/**
 * Copies the backup `file` to `copy`, which must not exist, and makes it a sound database under a new epoch. A
 * write-ahead log beside the backup, as a killed daemon leaves one, belongs to it.
 * @param maxHosts live hosts at most @param now ms since 1970
 * @throws StoreError
 */
export function prepareBackup(
  file: string,
  copy: string,
  { maxHosts, now }: { maxHosts: number; now: number },
): BackupContents {
  attempt(copy, () => {
    makeFolders(dirname(copy));
    for (const suffix of ['', '-wal']) {
      if (suffix !== '' && !existsSync(file + suffix)) continue;
      copyFileSync(file + suffix, copy + suffix, constants.COPYFILE_EXCL);
      chmodSync(copy + suffix, privateMode);
    }
  });
  // Opening it as a registry would make one of any database, and of an empty file.
  if (settleDatabase(copy) === 0) throw corrupt(copy, 'it has none of its tables');
  const store = new HostStore(copy);
  try {
    store.checkPages();
    const registry = readRegistry(store, maxHosts, now);
    store.beginAnswering(registry, true);
    const [live, gone] = [registry.live.length, registry.gone.length];
    return { serverId: store.identity.serverId, live, gone, latest: registry.clock.latest };
  } finally {
    store.close();
  }
}

/** Deletes what `prepareBackup` made. */
export function removeCopy(copy: string): void {
  for (const suffix of ['', ...besides, '-lock']) rmSync(copy + suffix, { force: true });
}

/**
 * Writes the log of the database at `place` into it.
 * @throws StoreError with code `store-locked` if a process uses it; a damaged one is left as it is
 */
export function closeFormer(place: string): void {
  attempt(place, () => finishNewFile(place));
  if (!existsSync(place)) return;
  try {
    moveStrayLog(place, new AnsweredMark(place).read());
    settleDatabase(place);
  } catch (error) {
    if ((error as StoreError).code === 'store-locked') throw error;
  }
}

/**
 * Gives the prepared database at `copy` the name `place`, which nobody uses, with the rights of the former one.
 * @returns the name under which that is kept, with what belongs to it; null: there was none
 */
export function replaceDatabase(copy: string, place: string): string | null {
  const folder = dirname(place);
  const former = fileState(place);
  const rights = former ?? { ...statSync(folder), mode: privateMode };
  giveRights(copy, rights);
  giveRights(`${copy}-mark`, { ...rights, mode: privateMode });
  const kept = former === null ? null : keep(place);
  renameSync(copy, place);
  renameSync(`${copy}-mark`, `${place}-mark`);
  syncFolder(folder);
  return kept;
}

/** The path of the database itself: SQLite follows symbolic links. */
export function placeOf(database: string): string {
  return existsSync(database) ? realpathSync(database) : database;
}

/** Gives the files of a database other names; its own stays until another file takes it. */
function keep(place: string): string {
  const kept = freeName(`${place}.before-restore`);
  try {
    linkSync(place, kept);
  } catch (error) {
    if (!noLinkCodes.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    renameSync(place, kept);
  }
  for (const suffix of besides)
    if (existsSync(place + suffix)) renameSync(place + suffix, kept + suffix);
  return kept;
}
