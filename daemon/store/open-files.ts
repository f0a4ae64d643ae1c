// The names of the registry's files while they are in use. SQLite goes on writing to a file that was
// deleted or moved, or whose name another file has, and nothing of that is there after the next start
// (sqlite.org/howtocorrupt.html, 2.4 and 2.6). So somebody has to look at what stands at the names.
import {
  lstatSync,
  mkdirSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { giveRights } from '../../shared/file-rights.ts';
import {
  type Committed,
  type FileFate,
  type FileState,
  fateOf,
  fateOfOwned,
  isStrayLog,
} from '../core/registry/file-identity.ts';

/** The files that SQLite keeps for one database; the first two are in use all the time. */
const suffixes = ['', '-wal', '-shm', '-journal'];

/** A file that is not the one it was. `damaged`: what is in it is not what was written. */
export interface Displaced {
  file: string;
  fate: FileFate | 'damaged';
}

export class OpenFiles {
  private readonly file: string;
  /** where the files are: SQLite follows a link */
  private readonly place: string;
  /** the database and its log, after our own last write */
  private readonly used: { file: string; state: Stats | null }[];
  private readonly folder: Stats | null;

  /** `file`: the database, which is open. */
  constructor(file: string) {
    this.file = file;
    this.place = realpathSync(file);
    this.used = [file, `${this.place}-wal`].map((each) => ({ file: each, state: stateOf(each) }));
    this.folder = stateOf(dirname(this.place));
  }

  /** What tells the database's file and its log from others. */
  get identity(): Pick<Committed, 'ino' | 'logIno' | 'logMadeAt'> {
    const [database, log] = this.used.map(({ state }) => state);
    return { ino: database?.ino ?? 0, ...logIdentity(log ?? null) };
  }

  /** What the files in use are like now is our own doing: to be called right after our own write. */
  settle(): void {
    for (const each of this.used) {
      const seen = stateOf(each.file);
      if (each.state === null || fateOf(each.state, seen) === null) each.state = seen;
    }
  }

  /** What became of a file in use; null: all stand at their names. Costs two calls of stat. */
  displaced(): Displaced | null {
    return this.find(fateOf);
  }

  /** The same, and whether another program wrote to one since `settle`. */
  displacedOrChanged(): Displaced | null {
    return this.find(fateOfOwned);
  }

  /** Moves whatever stands at the names aside, so that nobody's file is lost. */
  moveAside(): { own: string[]; others: string[] } {
    const moved = { own: [] as string[], others: [] as string[] };
    const names = new Set([this.file, ...suffixes.map((suffix) => this.place + suffix)]);
    for (const name of names) {
      const found = lstatSync(name, { throwIfNoEntry: false });
      const isOurLink = found?.isSymbolicLink() === true && leadsTo(name) === this.place;
      if (found === undefined || isOurLink) continue;
      const aside = freeName(`${name}.replaced`);
      renameSync(name, aside);
      const isOwn = this.used.some(({ state }) => state !== null && fateOf(state, found) === null);
      moved[isOwn ? 'own' : 'others'].push(aside);
    }
    return moved;
  }

  /** Makes the folder anew where it is gone, with its rights, before anything is in it. */
  makeFolder(): void {
    const folder = dirname(this.place);
    if (this.folder === null || stateOf(folder) !== null) return;
    mkdirSync(folder, { recursive: true });
    giveRights(folder, this.folder);
  }

  /** Gives the files that were made in place of these their mode, and their owner as far as this user may. */
  giveRights(): void {
    for (const { file, state } of this.used) if (state !== null) giveRights(file, state);
  }

  /** Deletes what stands at the names: a file that was begun and not finished. */
  remove(): void {
    for (const suffix of suffixes) rmSync(this.place + suffix, { force: true });
  }

  private find(
    fate: (used: FileState, seen: FileState | null) => FileFate | null,
  ): Displaced | null {
    for (const { file, state } of this.used) {
      const found = state === null ? null : fate(state, stateOf(file));
      if (found !== null) return { file, fate: found };
    }
    return null;
  }
}

/**
 * Moves a log aside that belongs to another database than the one that stands there now: to be called
 * before that is opened. @returns its name then; null: there is none
 */
export function moveStrayLog(file: string, answered: Committed | null): string | null {
  const log = `${leadsTo(file) ?? file}-wal`;
  const found = stateOf(log);
  if (answered === null || found === null) return null;
  const ino = stateOf(file)?.ino ?? null;
  if (!isStrayLog(answered, { ino, ...logIdentity(found) })) return null;
  const aside = freeName(`${log}.replaced`);
  renameSync(log, aside);
  return aside;
}

function logIdentity(log: FileState | null): Pick<Committed, 'logIno' | 'logMadeAt'> {
  return { logIno: log?.ino ?? 0, logMadeAt: Math.floor(log?.birthtimeMs ?? 0) };
}

function freeName(wanted: string): string {
  for (let number = 1; ; number++) {
    const name = `${wanted}-${number}`;
    if (lstatSync(name, { throwIfNoEntry: false }) === undefined) return name;
  }
}

/** Null: there is nothing, or it cannot be looked at. */
function stateOf(file: string): Stats | null {
  try {
    return statSync(file, { throwIfNoEntry: false }) ?? null;
  } catch {
    // The folder has become a file, or may not be entered any more.
    return null;
  }
}

function leadsTo(link: string): string | null {
  try {
    return realpathSync(link);
  } catch (error) {
    // Its end is gone: SQLite makes it again.
    return (error as { code?: string; path?: string }).path ?? null;
  }
}
