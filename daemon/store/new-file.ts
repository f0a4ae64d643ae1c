// The registry, written from memory into a new file beside the present one, in slices between which other work runs: a
// million hosts take some seconds. The new file takes the name when it is complete and on the disk. Whenever the process
// is killed, the present file or the new one has every commit.
//
// It is called `hosts.db-new` until it is complete, and worth nothing; then `hosts.db-next`, and a start that finds it
// gives it its name (`finishNewFile`). That name tells apart what no order of renaming and deleting could: SQLite would
// write the log of the former file into the new one.
import { closeSync, existsSync, fsyncSync, linkSync, openSync, renameSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setImmediate as nextRound } from 'node:timers/promises';
import { giveRights } from '../../shared/file-rights.ts';
import { flush } from '../../shared/flush.ts';
import type { Pending } from '../core/registry/pending-rows.ts';
import type { Registry } from '../core/registry/registry.ts';
import { RowSet } from '../core/registry/row-set.ts';
import { openNewDatabase } from './database.ts';
import { StoreError } from './store-error.ts';
import { type Identity, StoredRegistry } from './stored-registry.ts';

/** Rows of a slice: some milliseconds. */
const rowsPerSlice = 512;

/** The files that SQLite keeps beside a database. */
export const besideDatabase = ['-wal', '-shm', '-journal'];

/** A registry's file in the making. */
export class NewFile {
  /** the real path that it takes in the end */
  readonly place: string;
  private readonly stored: StoredRegistry;
  /** the first row that is not written yet */
  private next = 0;
  /** rows before it that changed since */
  private readonly changed = new RowSet();

  /**
   * Creates it.
   * @param rights those that it gets; null: the usual ones
   * @throws StoreError
   */
  constructor(place: string, identity: Identity, rights: Parameters<typeof giveRights>[1] | null) {
    this.place = place;
    rmSync(this.making, { force: true });
    this.refuseMount();
    this.stored = new StoredRegistry(this.making, 0, { identity, open: openNewDatabase });
    if (rights !== null) giveRights(this.making, rights);
  }

  /** Rows that are written. */
  get rows(): number {
    return this.next;
  }

  /** Call with what is committed to the present file meanwhile. */
  note({ rows, contacts, forgotten }: Pick<Pending, 'rows' | 'contacts' | 'forgotten'>): void {
    for (const list of [rows, contacts, forgotten])
      for (const row of list) if (row < this.next) this.changed.add(row);
  }

  /** Writes all rows, and has them on the disk but for the last ones. Rejects with errors of SQLite and the file system. */
  async fill(registry: Registry): Promise<void> {
    while (this.writeSlice(registry)) await nextRound();
    // The disk's time is nobody's: `complete` then has little to wait for.
    const handle = await open(this.making, 'r+');
    try {
      await flush(handle);
    } finally {
      await handle.close();
    }
    while (this.writeSlice(registry)) await nextRound();
  }

  /** Writes what is missing, has it all on the disk, and closes the file. @throws errors of SQLite and the file system */
  complete(registry: Registry, identity: Identity): void {
    this.note(registry.pending());
    while (this.writeSlice(registry));
    this.stored.database.pragma('synchronous = FULL');
    this.stored.writeIdentity(registry, identity);
    this.stored.database.close();
    renameSync(this.making, this.place + ending.complete);
    syncFolder(dirname(this.place));
  }

  /** Takes the name of the former file, of which nothing else is left. @throws errors of the file system */
  takeName(): void {
    takeName(this.place);
  }

  /** Deletes it, complete or not. */
  remove(): void {
    this.stored.database.close();
    for (const end of Object.values(ending)) rmSync(this.place + end, { force: true });
  }

  /** No file can take the name of a mount, which shows in that it can have no second one. */
  private refuseMount(): void {
    try {
      linkSync(this.place, this.making);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EXDEV') return;
      const finding = `${this.place} is mounted as a single file, which no new file can replace`;
      throw new StoreError('store-failed', `${finding}: mount its folder instead`);
    }
    rmSync(this.making, { force: true });
  }

  private get making(): string {
    return this.place + ending.making;
  }

  /** @returns whether there may be more */
  private writeSlice(registry: Registry): boolean {
    const rows: number[] = [];
    for (; rows.length < rowsPerSlice && this.next < registry.rowsUsed; this.next++)
      rows.push(this.next);
    const { changed } = this;
    for (let row = changed.from(0); row !== -1 && rows.length < rowsPerSlice; ) {
      changed.delete(row);
      rows.push(row);
      row = changed.from(row + 1);
    }
    this.stored.writeRows(registry, rows);
    return rows.length === rowsPerSlice;
  }
}

const ending = { making: '-new', complete: '-next' } as const;

/** Call before the database at the real path `place` is opened. @throws errors of the file system */
export function finishNewFile(place: string): void {
  rmSync(place + ending.making, { force: true });
  if (!existsSync(place + ending.complete)) return;
  for (const end of besideDatabase) rmSync(place + end, { force: true });
  takeName(place);
}

/** Before anything is committed to it: its log would otherwise be taken for that of the former file. */
function takeName(place: string): void {
  renameSync(place + ending.complete, place);
  syncFolder(dirname(place));
}

/** Makes names in the folder durable. Windows cannot open a folder and does not need it. */
export function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
