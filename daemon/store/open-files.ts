// Watches the names of the registry's files while they are open. SQLite goes on writing to a file that was
// deleted, moved or replaced, and the next start finds nothing of it (sqlite.org/howtocorrupt.html, 2.4 and
// 2.6).
import {
  lstatSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  truncateSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileState, giveRights } from '../../shared/file-rights.ts';
import { makeFolders } from '../../shared/make-folders.ts';
import {
  type Committed,
  type FileFate,
  type FileState,
  fateOf,
  fateOfOwned,
  isStrayLog,
} from '../core/registry/file-identity.ts';
import { besideDatabase } from './new-file.ts';

/** A file that was deleted, replaced or changed by another program; `damaged`: its contents are. */
export interface Displaced {
  file: string;
  fate: FileFate | 'damaged';
  /** what to say of it instead of that */
  text?: string;
}

/** The files of one open database. */
export class OpenFiles {
  private readonly file: string;
  /** the real path of the database: SQLite follows symbolic links */
  private readonly place: string;
  /**
   * The database and its write-ahead log, with their states after the daemon's last write; then the index of the log,
   * which everybody who reads writes to.
   */
  private readonly used: { file: string; state: Stats | null; isShared?: true }[];
  private readonly folder: Stats | null;

  /** @param file the path of the open database */
  constructor(file: string) {
    this.file = file;
    this.place = realpathSync(file);
    const files = [{ file }, { file: `${this.place}-wal` }];
    const index = { file: `${this.place}-shm`, isShared: true } as const;
    this.used = [...files, index].map((each) => ({ ...each, state: fileState(each.file) }));
    this.folder = fileState(dirname(this.place));
  }

  /** The identity of the database and of its write-ahead log. */
  get identity(): Pick<Committed, 'ino' | 'logIno' | 'logMadeAt'> {
    const [database, log] = this.used.map(({ state }) => state);
    return { ino: database?.ino ?? 0, ...logIdentity(log ?? null) };
  }

  /** Bytes of the write-ahead log after the daemon's last write. */
  get logBytes(): number {
    return this.used[1]?.state?.size ?? 0;
  }

  /**
   * Call after each write of the daemon: the present states of the files are its own doing.
   * @returns a file that is no longer at its name, as `displaced` does
   */
  settle(): Displaced | null {
    let displaced: Displaced | null = null;
    for (const each of this.used) {
      const seen = fileState(each.file);
      const fate = each.state === null ? null : fateOf(each.state, seen);
      if (fate === null) each.state = seen;
      else displaced ??= { file: each.file, fate };
    }
    return displaced;
  }

  /** A file that is no longer at its name; null: all are. Costs three calls of stat. */
  displaced(): Displaced | null {
    return this.find(fateOf);
  }

  /** Like `displaced`; also a file that another program wrote to since `settle`. */
  displacedOrChanged(): Displaced | null {
    return this.find(fateOfOwned);
  }

  /** Renames files of others at the names of these, so that nothing is lost. @returns the new names */
  moveOthersAside(): string[] {
    const moved: string[] = [];
    for (const name of this.names) {
      const found = lstatSync(name, { throwIfNoEntry: false });
      const isOurLink = found?.isSymbolicLink() === true && leadsTo(name) === this.place;
      if (found === undefined || isOurLink) continue;
      if (this.used.some(({ state }) => state !== null && fateOf(state, found) === null)) continue;
      const aside = freeName(`${name}.replaced`);
      renameSync(name, aside);
      moved.push(aside);
    }
    return moved;
  }

  /** Deletes what belongs to the database, and that as well unless `place` is its path: a new one takes it. */
  removeFormer(place: string): void {
    for (const end of besideDatabase) rmSync(this.place + end, { force: true });
    if (place !== this.place) rmSync(this.place, { force: true });
  }

  /** Creates the folder again if it is gone, with its former rights. */
  makeFolder(): void {
    const folder = dirname(this.place);
    if (this.folder === null || fileState(folder) !== null) return;
    makeFolders(folder);
    giveRights(folder, this.folder);
  }

  /** The rights of the database; its other files get them from SQLite. */
  get rights(): Stats | null {
    return this.used[0]?.state ?? null;
  }

  private get names(): Set<string> {
    return new Set([this.file, this.place, ...besideDatabase.map((end) => this.place + end)]);
  }

  private find(
    fate: (used: FileState, seen: FileState | null) => FileFate | null,
  ): Displaced | null {
    for (const { file, state, isShared } of this.used) {
      if (state === null) continue;
      const seen = fileState(file);
      const found = isShared ? fateOf(state, seen) : fate(state, seen);
      if (found !== null) return { file, fate: found };
      if (!isShared || seen === null || seen.size >= state.size) continue;
      // SQLite has it in its memory, and what is beyond its end would end the process (SIGBUS).
      truncateSync(file, state.size);
      return { file, fate: 'changed' };
    }
    return null;
  }
}

/**
 * Renames a write-ahead log that belongs to another database than the one beside it (`isStrayLog`). Call it
 * before the database is opened.
 * @returns its new name; null: there is no such log
 */
export function moveStrayLog(file: string, answered: Committed | null): string | null {
  const log = `${leadsTo(file) ?? file}-wal`;
  const found = fileState(log);
  if (answered === null || found === null) return null;
  const ino = fileState(file)?.ino ?? null;
  if (!isStrayLog(answered, { ino, ...logIdentity(found) })) return null;
  const aside = freeName(`${log}.replaced`);
  renameSync(log, aside);
  return aside;
}

function logIdentity(log: FileState | null): Pick<Committed, 'logIno' | 'logMadeAt'> {
  return { logIno: log?.ino ?? 0, logMadeAt: Math.floor(log?.birthtimeMs ?? 0) };
}

/** `wanted-1`, or the first of the numbers whose name is free. */
export function freeName(wanted: string): string {
  for (let number = 1; ; number++) {
    const name = `${wanted}-${number}`;
    if (lstatSync(name, { throwIfNoEntry: false }) === undefined) return name;
  }
}

/** The real path of a file, also of one that does not exist yet; null if that is not known. */
export function leadsTo(link: string): string | null {
  try {
    return realpathSync(link);
  } catch {
    return targetOf(link);
  }
}

/** Where a link leads whose target is gone: SQLite creates it there. */
function targetOf(link: string): string | null {
  try {
    return resolve(dirname(link), readlinkSync(link));
  } catch {
    return null;
  }
}
