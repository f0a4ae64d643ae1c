// Writes the registry's file again, from memory (new-file.ts): when it is lost, because it was deleted, replaced or
// damaged; and when it is sound but a reader keeps its log from being shortened. A lost file is no place for commits, so
// registrations are refused until the new one is there. A sound one takes them meanwhile.
import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileState } from '../../shared/file-rights.ts';
import type { Pending } from '../core/registry/pending-rows.ts';
import type { Registry } from '../core/registry/registry.ts';
import { NewFile } from './new-file.ts';
import { type Displaced, leadsTo, type OpenFiles } from './open-files.ts';
import { explain, StoreError } from './store-error.ts';
import type { Identity } from './stored-registry.ts';

/** A lost file of so many rows, which take a tenth of a second, is written at once, and nothing is refused. */
const rowsAtOnce = 16_384;

/** Free bytes for each byte of the file before a sound one is written again: for the new one, and for commits meanwhile. */
const roomFactor = 2;

const megabyte = 1_048_576;

/** The store whose file is written again. */
export interface RewrittenStore {
  readonly file: string;
  /** how long to wait after a sound file was written again, or could not be, ms */
  readonly pauseMs: number;
  /** of the present file */
  identity(): Identity;
  files(): OpenFiles;
  /** Whether a reader keeps the log from being shortened. @throws errors of SQLite */
  isHeld(): boolean;
  /** Closes the former file, of which nothing is left. */
  leave(): void;
  /** The new file has the name, and all is in it. `text` is for operators. @throws StoreError */
  enter(registry: Registry, text: string): void;
  /** A sound file could not be written again. `text` is for operators. */
  gaveUp(text: string): void;
}

/** Writes the file of one store again, whenever that is necessary. */
export class Rewriting {
  /** what happened to the file, until it is written again: nothing is stored meanwhile */
  lost: Displaced | null = null;
  private readonly store: RewrittenStore;
  private newFile: NewFile | null = null;
  /** why the lost file could not be written the last time */
  private failure: StoreError | null = null;
  /** when a sound file may be written again, monotonic ms */
  private dueAt = Number.NEGATIVE_INFINITY;
  /** files of others at the names, renamed */
  private kept: string[] = [];

  constructor(store: RewrittenStore) {
    this.store = store;
  }

  /** Call with what is committed to the present file. */
  note(pending: () => Pending): void {
    this.newFile?.note(pending());
  }

  /**
   * Writes the lost file again: all at once, or in slices if there are many hosts.
   * @param isLast there will be no further call: it is written now
   * @throws StoreError until it is written
   */
  mend(registry: Registry, lost: Displaced, isLast = false): void {
    this.lost = lost;
    try {
      if (isLast || registry.rowsUsed <= rowsAtOnce) {
        this.newFile ??= this.begin();
        this.swap(registry, this.newFile, lost);
        return;
      }
      if (this.newFile === null) void this.fill(registry, this.begin(), lost);
    } catch (error) {
      throw this.failed(error, lost);
    }
    const percent = Math.floor((100 * (this.newFile?.rows ?? 0)) / registry.rowsUsed);
    const text = `${whatOf(lost)}; ddnsd is writing it again, ${percent} % so far`;
    throw this.failure ?? new StoreError('store-failed', text);
  }

  /** Writes a sound file again, in slices, unless that was tried lately. `why`: a reader keeps its log. */
  shorten(registry: Registry, why: string): void {
    if (this.newFile !== null || performance.now() < this.dueAt) return;
    this.dueAt = performance.now() + this.store.pauseMs;
    try {
      checkRoom(this.store.file);
      void this.fill(registry, this.begin(), { file: this.store.file, fate: 'changed', text: why });
    } catch (error) {
      this.gaveUp(why, error);
    }
  }

  /** Gives up what is not complete: the daemon stops, or commits need its room. */
  close(): void {
    this.newFile?.remove();
    this.newFile = null;
  }

  private begin(): NewFile {
    const { file } = this.store;
    const files = this.store.files();
    files.makeFolder();
    return new NewFile(leadsTo(file) ?? file, this.store.identity(), files.rights);
  }

  /** Writes the file in slices and puts it in its place, unless that is done or given up elsewhere meanwhile. */
  private async fill(registry: Registry, newFile: NewFile, why: Displaced): Promise<void> {
    this.newFile = newFile;
    try {
      await newFile.fill(registry);
      if (this.newFile !== newFile) return;
      // The log can be shortened if the reader has ended.
      if (this.lost === null && !this.store.isHeld()) this.close();
      else this.swap(registry, newFile, this.lost ?? why);
    } catch (error) {
      if (this.newFile !== newFile) return;
      if (this.lost === null) this.gaveUp(whatOf(why), error);
      else this.failure = this.failed(error, this.lost);
    }
  }

  /** Puts the new file in the place of the former one, whose names others may have by now. */
  private swap(registry: Registry, newFile: NewFile, why: Displaced): void {
    const { store } = this;
    this.kept.push(...store.files().moveOthersAside());
    newFile.complete(registry, store.identity());
    // The former file is no more: if the rest fails, nothing is answered until it has been repeated.
    this.lost = why;
    this.newFile = null;
    store.files().removeFormer(newFile.place);
    // Closing deletes the log by its name, too.
    store.leave();
    newFile.takeName();
    registry.settle();
    const kept = this.kept.length === 0 ? '' : `, ${this.kept.join(' and ')} is kept`;
    this.kept = [];
    this.lost = null;
    this.failure = null;
    store.enter(
      registry,
      `${whatOf(why)}; ddnsd wrote it again with all ${registry.live.length} hosts, nothing is lost${kept}. To restore a backup, stop ddnsd first`,
    );
  }

  private gaveUp(why: string, error: unknown): void {
    this.close();
    const minutes = Math.ceil(this.store.pauseMs / 60_000);
    const text = `${why}, and no new file can be written: ${(error as Error).message}. End its transaction; ddnsd tries again in ${minutes} min`;
    this.store.gaveUp(text);
  }

  private failed(error: unknown, lost: Displaced): StoreError {
    this.close();
    const { code, message } = explain(error, this.store.file, 'running');
    return new StoreError(code, `${whatOf(lost)}, and cannot be written again: ${message}`, error);
  }
}

function whatOf({ file, fate, text }: Displaced): string {
  return text ?? `${file} was ${fate} while ddnsd was running`;
}

/** Registrations need the room that a new file would take. @throws Error if there is too little */
function checkRoom(file: string): void {
  const { size = 0 } = fileState(file) ?? {};
  const { bavail, bsize } = statfsSync(dirname(leadsTo(file) ?? file));
  const [free, needed] = [bavail * bsize, roomFactor * size];
  if (free >= needed) return;
  const [freeMb, neededMb] = [Math.floor(free / megabyte), Math.ceil(needed / megabyte)];
  throw new Error(`the disk has ${freeMb} MB free, and ${neededMb} MB are needed`);
}
