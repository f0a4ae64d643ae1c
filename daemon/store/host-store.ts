// The registry in SQLite: read once at the start, and written in one transaction for each group commit. The
// daemon serves the registry in memory; the store is what survives it.
//
// Invariant: once `commit` has returned, its changes are in the file at the configured path. A file that was
// deleted, replaced or damaged while the daemon runs is written again in full, from the registry in memory.
import { randomBytes, randomInt } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { printable } from '../../shared/output/printable.ts';
import type { Applied } from '../core/registry/change-log.ts';
import { type Committed, rollbackOf } from '../core/registry/file-identity.ts';
import { Registry, type StoredHost } from '../core/registry/registry.ts';
import type { Logger } from '../log.ts';
import { AnsweredMark } from './answered-mark.ts';
import { contactsUnfolded } from './contacts.ts';
import { openDatabase } from './database.ts';
import { DatabaseLock } from './database-lock.ts';
import { readHosts } from './host-rows.ts';
import { LogGrowth, type LogLimits } from './log-growth.ts';
import { finishNewFile } from './new-file.ts';
import { type Displaced, leadsTo, moveStrayLog, OpenFiles } from './open-files.ts';
import { Rewriting, type RewrittenStore } from './rewriting.ts';
import { type Snapshot, SnapshotError, Snapshots } from './snapshot.ts';
import { attempt, corrupt, explain, StoreError } from './store-error.ts';
import { type Identity, StoredRegistry } from './stored-registry.ts';

export type { Identity } from './stored-registry.ts';

/** Pages in the write-ahead log, about, at which a checkpoint is due; SQLite's own default is 1,000. */
const pagesToCheckpoint = 800;

/** Estimates: pages written by a commit, and rows that share a page when they are written in order. */
const pagesEachCommit = 2;
const rowsEachPage = 2;

/**
 * A file that another program keeps changing, or whose log a reader keeps from being shortened, is written again at most
 * this often: it takes a second for some hundred thousand hosts, and on some file systems times change by themselves.
 */
const usualRewriteAfterMs = 60_000;

/** Events of a store. */
export interface HostStoreEvents {
  /** The log cannot be shortened, and why; for operators. */
  held: [text: string];
  /** A file was written again, and why; for operators. */
  mended: [text: string];
  /** The numbering of entries and changes has this new epoch: earlier cursors are invalid. */
  renumbered: [epoch: string];
}

/** The store of one registry. */
export class HostStore extends EventEmitter<HostStoreEvents> {
  readonly file: string;
  /** The version vector that was stored when the file was opened. */
  readonly applied: readonly [server: string, Applied][];
  private readonly foldAfter: number;
  private readonly rewriteAfterMs: number;
  private stored: StoredRegistry;
  private files: OpenFiles;
  private snapshots: Snapshots;
  private readonly lock: DatabaseLock;
  private readonly growth: LogGrowth;
  private readonly mark: AnsweredMark;
  /** where a write-ahead log of another database, found beside this one, was moved */
  private readonly strayLog: string | null;
  private readonly rewriting: Rewriting;
  /** why the log has to be shortened by writing a new file */
  private tooLong: string | null = null;
  /** what another program changed and is not written again yet, and when something was */
  private changed: Displaced | null = null;
  private changedAt = Number.NEGATIVE_INFINITY;
  private isClosed = false;
  /** the latest checkpoint failed, and operators were told */
  private isLogStuck = false;
  /** since the last checkpoint */
  private commits = 0;

  /** Opens or creates the file. @param foldAfter see contacts.ts @param limits see log-growth.ts @throws StoreError */
  constructor(
    file: string,
    foldAfter = contactsUnfolded,
    limits?: LogLimits,
    rewriteAfterMs = usualRewriteAfterMs,
  ) {
    super();
    this.rewriteAfterMs = rewriteAfterMs;
    this.file = file;
    this.rewriting = new Rewriting(this.rewritten());
    this.foldAfter = foldAfter;
    this.mark = new AnsweredMark(file);
    this.lock = new DatabaseLock(file);
    try {
      attempt(file, () => finishNewFile(leadsTo(file) ?? file));
      this.strayLog = attempt(file, () => moveStrayLog(file, this.mark.read()));
      this.stored = new StoredRegistry(file, foldAfter);
    } catch (error) {
      this.lock.release();
      throw error;
    }
    try {
      this.applied = attempt(file, () => this.stored.applied());
      this.files = new OpenFiles(file);
      this.snapshots = new Snapshots(file, this.stored.database);
      this.growth = new LogGrowth(leadsTo(file) ?? file, limits);
    } catch (error) {
      this.stored.database.close();
      this.lock.release();
      throw error;
    }
  }

  /** The identity of the stored registry. */
  get identity(): Identity {
    return this.stored.identity;
  }

  /** Reads every page of the file. @throws StoreError if one is damaged */
  checkPages(): void {
    this.stored.checkPages();
  }

  /** The number of rows that the stored hosts need: the highest row + 1. @throws StoreError */
  rowsUsed(): number {
    return this.stored.rowsUsed();
  }

  /** All stored hosts, each valid until the next one. @throws StoreError while reading */
  records(): Generator<StoredHost, void> {
    const { database, identity, contacts } = this.stored;
    return contacts.applied(readHosts(database, this.file, identity.serverId));
  }

  /**
   * Writes everything pending in the registry to the disk in one transaction, and settles it.
   * @throws StoreError if nothing was written: everything stays pending
   */
  commit(registry: Registry): void {
    const { rewriting } = this;
    this.reopen();
    let lost = rewriting.lost ?? this.found();
    if (lost === null) {
      lost = this.write(registry);
      this.commits++;
    }
    if (lost !== null) {
      rewriting.mend(registry, lost);
      return;
    }
    rewriting.note(() => registry.pending());
    registry.settle();
    this.mark.write(this.committed(registry));
    if (this.tooLong !== null) rewriting.shorten(registry, this.tooLong);
  }

  /**
   * Call once a second: writes the file again if it was deleted or replaced. Throws like `commit`.
   * @param isLast it is the last call, and whatever is to be written is written now
   */
  look(registry: Registry, isLast = false): void {
    this.mark.look();
    this.lock.look();
    this.reopen();
    const lost = this.rewriting.lost ?? this.found();
    if (lost !== null) this.rewriting.mend(registry, lost, isLast);
  }

  /** Bytes of the file of the write-ahead log after the latest commit. */
  get logBytes(): number {
    return this.files.logBytes;
  }

  /** Whether the write-ahead log is long enough for `checkpoint`. */
  get isCheckpointDue(): boolean {
    const pages = this.commits * pagesEachCommit + this.stored.rowsWritten / rowsEachPage;
    return pages >= pagesToCheckpoint && !this.snapshots.holdCheckpoint(this.files.logBytes);
  }

  /**
   * Writes the write-ahead log into the database if that is due. Call it when nobody waits for a reply. A
   * failure loses nothing; a disk that accepts no more writes fails the next commit.
   */
  checkpoint(): void {
    if (!this.stored.database.open || !this.isCheckpointDue) return;
    try {
      const { bytes, isHeld } = this.writeLog();
      const held = this.growth.judge(isHeld ? bytes : 0);
      this.tooLong = held?.isTooLong ? held.text : null;
      if (held?.isTooLong === false) this.emit('held', held.text);
      this.isLogStuck = false;
    } catch (error) {
      // The log stays as it was, and grows.
      const text = `the write-ahead log of ${this.file} cannot be written into it, and grows: ${(error as Error).message}`;
      if (!this.isLogStuck)
        this.emit('held', `${text}. Look at the system's log (dmesg), at quotas and at ulimit -f`);
      this.isLogStuck = true;
    }
  }

  private writeLog(): ReturnType<StoredRegistry['checkpoint']> {
    this.commits = 0;
    try {
      return this.stored.checkpoint();
    } finally {
      this.files.settle();
    }
  }

  /**
   * Begins a copy of what is committed, for a backup; checkpoints wait until it was read.
   * @throws SnapshotError when there can be none now, StoreError
   */
  snapshot(isUnwanted: () => boolean): Snapshot {
    if (this.rewriting.lost !== null || this.files.displaced() !== null)
      throw new SnapshotError(`${this.file} was replaced and is being written again; try again`);
    try {
      const snapshot = this.snapshots.begin(isUnwanted);
      this.commits = 0;
      this.stored.rowsWritten = 0;
      return snapshot;
    } catch (error) {
      throw error instanceof SnapshotError ? error : explain(error, this.file, 'running');
    } finally {
      this.files.settle();
    }
  }

  /** Closes the database and syncs the mark. */
  close(): void {
    this.isClosed = true;
    this.rewriting.close();
    this.stored.database.close();
    this.snapshots.close();
    this.mark.close();
    this.lock.release();
  }

  /**
   * Call with the loaded registry before anything is answered from it: a database that is older than what was
   * answered, or lacks hosts, gets a new epoch.
   * @param isRestored it is known to be older
   * @returns why, for operators; null: nothing is missing
   * @throws StoreError
   */
  beginAnswering(registry: Registry, isRestored = false): string | null {
    const reason = isRestored
      ? 'it is restored from a backup'
      : (this.stored.otherRows(registry) ??
        rollbackOf(this.committed(registry), this.mark.read(), this.stored.isMarked));
    if (reason !== null) this.renumber();
    attempt(this.file, () => this.stored.setFound(registry));
    this.files.settle();
    this.mark.write(this.committed(registry));
    return reason !== null && this.strayLog !== null
      ? `${reason}, and the write-ahead log of the former database, left by a killed ddnsd, is kept as ${this.strayLog}`
      : reason;
  }

  private committed(registry: Registry): Committed {
    const { serverId, epoch } = this.identity;
    const { log, change } = registry;
    return { serverId, epoch, entry: log.last, change, ...this.files.identity };
  }

  /**
   * Begins a new epoch, because the database was restored from a backup: to nodes and peers the old numbers
   * mean other changes.
   * @throws StoreError
   */
  renumber(): Identity {
    const epoch = randomBytes(4).toString('hex');
    this.snapshots.end('the registry began a new epoch meanwhile; make another one');
    attempt(this.file, () => this.stored.setEpoch(epoch), 'running');
    this.files.settle();
    this.emit('renumbered', epoch);
    return this.identity;
  }

  /** @returns the file if it was damaged, or displaced meanwhile; its hosts are all in memory */
  private write(registry: Registry): Displaced | null {
    try {
      this.stored.write(registry);
    } catch (error) {
      this.files.settle();
      const explained = explain(error, this.file, 'running');
      if (explained.code === 'store-full') this.rewriting.close();
      if (explained.code !== 'store-corrupt') throw explained;
      return { file: this.file, fate: 'damaged' };
    }
    return this.files.settle();
  }

  private found(): Displaced | null {
    if (this.isClosed) return null;
    const found = this.files.displacedOrChanged();
    if (found !== null && found.fate !== 'changed') return found;
    if (found !== null) {
      this.files.settle();
      this.changed = found;
    }
    const now = performance.now();
    if (this.changed === null || now - this.changedAt < this.rewriteAfterMs) return null;
    this.changedAt = now;
    return this.changed;
  }

  private rewritten(): RewrittenStore {
    return {
      file: this.file,
      pauseMs: this.rewriteAfterMs,
      identity: () => this.identity,
      files: () => this.files,
      isHeld: () => this.writeLog().isHeld,
      leave: () => {
        this.snapshots.end('the registry was written into a new file; make another one');
        this.stored.database.close();
        this.snapshots.close();
      },
      enter: (registry, text) => {
        this.tooLong = null;
        this.changed = null;
        this.emit('mended', text);
        this.reopen();
        this.mark.look();
        this.mark.write(this.committed(registry));
      },
      gaveUp: (text) => this.emit('held', text),
    };
  }

  /** Opens the file that took the name, unless that is done. @throws StoreError */
  private reopen(): void {
    if (this.stored.database.open || this.isClosed || this.rewriting.lost !== null) return;
    const written = { identity: this.identity, open: openDatabase };
    this.stored = new StoredRegistry(this.file, this.foldAfter, written);
    this.files = new OpenFiles(this.file);
    this.snapshots = new Snapshots(this.file, this.stored.database);
  }
}

/**
 * Loads the registry as it was when the daemon last ran.
 * @param now ms since 1970: stored versions from long after it do not move the clock
 * @throws StoreError when the file cannot be read, or holds more than `maxHosts` live hosts
 */
export function loadRegistry(
  store: HostStore,
  maxHosts: number,
  now: number,
  log: Logger,
): Registry {
  const startedAt = performance.now();
  const registry = readRegistry(store, maxHosts, now);
  const [live, gone] = [registry.live.length, registry.gone.length];
  const rollback = store.beginAnswering(registry);
  if (rollback !== null)
    log.warn(
      { file: store.file, epoch: store.identity.epoch },
      `${store.file} is not as it was when ddnsd last answered: ${rollback}. It begins a new epoch: every node and name server gets a full list once`,
    );
  if (live + gone > 0)
    log.info(
      { live, gone, file: store.file, tookMs: Math.round(performance.now() - startedAt) },
      'registry loaded',
    );
  return registry;
}

/** The stored registry, of which nothing is answered yet. Parameters and errors are those of `loadRegistry`. */
export function readRegistry(store: HostStore, maxHosts: number, now: number): Registry {
  const registry = restore(store, maxHosts, now);
  const live = registry.live.length;
  if (live > maxHosts)
    throw new StoreError(
      'store-failed',
      `${store.file} holds ${live} hosts, MaxHosts is ${maxHosts}. Set MaxHosts in ddns.conf to at least ${live}`,
    );
  return registry;
}

function restore(store: HostStore, maxHosts: number, now: number): Registry {
  try {
    return Registry.restore(store.records(), {
      maxHosts,
      horizon: store.identity.horizon,
      rows: store.rowsUsed(),
      server: store.identity.serverId,
      entry: store.identity.entry,
      applied: store.applied,
      now,
      salt: randomInt(2 ** 32),
    });
  } catch (error) {
    throw error instanceof RangeError
      ? corrupt(store.file, printable(error.message), error)
      : error;
  }
}
