// The hosts in SQLite: read once at the start, written in one transaction a turn. The registry in
// memory is what is served; this is what survives.
//
// Invariant: what `commit` has returned for is in a file that has its name. A file that lost its name
// under the running daemon is written anew, in full, from the registry in memory.
import { randomBytes, randomInt } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { rmSync } from 'node:fs';
import type { Applied } from '../core/registry/change-log.ts';
import { type Committed, rollbackOf } from '../core/registry/file-identity.ts';
import { Registry, type StoredHost } from '../core/registry/registry.ts';
import { AnsweredMark } from './answered-mark.ts';
import { contactsUnfolded } from './contacts.ts';
import { type Displaced, moveStrayLog, OpenFiles } from './open-files.ts';
import { readHosts } from './packed-host.ts';
import { corrupt, explain, type Phase, StoreError } from './store-error.ts';
import { type Identity, StoredRegistry } from './stored-registry.ts';

export type { Identity } from './stored-registry.ts';

import { printable } from '../../shared/output/printable.ts';
import type { Logger } from '../log.ts';

/** Pages of the log, about, that are written into the file at once: close to SQLite's own 1,000. */
const pagesToCheckpoint = 800;

/** Written at each commit, and rows that share one when several are written in their order. */
const pagesEachCommit = 2;
const rowsEachPage = 2;

/** MaxHosts is at most 16,000,000; with the tombstones beside them there are fewer rows than this. */
const mostRows = 2 ** 25;

/**
 * A file that another program keeps touching is not written anew more often: it costs a second for
 * some hundred thousand hosts, and there are file systems whose times change by themselves.
 */
const rewriteAfterMs = 60_000;

export interface HostStoreEvents {
  /** Entries and changes are numbered anew, under this epoch: cursors made before are unknown. */
  renumbered: [epoch: string];
}

export class HostStore extends EventEmitter<HostStoreEvents> {
  readonly file: string;
  /** Up to where the logs of other servers were stored when the file was opened. */
  readonly applied: readonly [server: string, Applied][];
  private readonly foldAfter: number;
  private stored: StoredRegistry;
  private files: OpenFiles;
  private readonly mark: AnsweredMark;
  /** the log of another database that stood beside this one, where it is kept */
  private readonly strayLog: string | null;
  /** a file that lost its name, until it is written anew */
  private lost: Displaced | null = null;
  /** our own files, moved aside until there are others */
  private ownAside: string[] = [];
  private othersAside: string[] = [];
  private changedAt = Number.NEGATIVE_INFINITY;
  private isClosed = false;
  /** since the log was last written into the file */
  private commits = 0;

  /** `foldAfter`: contacts that are kept beside the hosts' records. @throws StoreError */
  constructor(file: string, foldAfter = contactsUnfolded) {
    super();
    this.file = file;
    this.foldAfter = foldAfter;
    this.mark = new AnsweredMark(file);
    this.strayLog = this.attempt(() => moveStrayLog(file, this.mark.read()));
    this.stored = new StoredRegistry(file, foldAfter);
    try {
      this.applied = this.attempt(() => this.stored.applied());
      this.files = new OpenFiles(file);
    } catch (error) {
      this.stored.database.close();
      throw error;
    }
  }

  get identity(): Identity {
    return this.stored.identity;
  }

  /** How many rows there must be for those that are stored. @throws StoreError */
  rowsUsed(): number {
    const last = this.attempt(
      () =>
        this.stored.database.prepare('SELECT max(row) FROM hosts').pluck().get() as number | null,
    );
    if (last !== null && !(last < mostRows))
      throw corrupt(this.file, `a host in row ${last}, there are ${mostRows}`);
    return last === null ? 0 : last + 1;
  }

  /** Every stored host, each good until the next one. Reading errors are StoreErrors. */
  records(): Generator<StoredHost, void> {
    const { database, identity, contacts } = this.stored;
    return contacts.applied(readHosts(database, this.file, identity.serverId), this.rowsUsed());
  }

  /**
   * Puts all that is pending in the registry on the disk, in one transaction, and settles it.
   * @returns what was mended to do so, for people; null: nothing
   * @throws StoreError; then nothing of it is written and all of it stays pending
   */
  commit(registry: Registry): string | null {
    this.lost ??= this.found();
    if (this.lost === null) {
      this.lost = this.write(registry) ?? this.files.displaced();
      this.commits++;
    }
    if (this.lost !== null) return this.writeAnew(registry, this.lost);
    registry.settle();
    this.mark.write(this.committed(registry));
    return null;
  }

  /**
   * Looks whether the file in use still is the one at its name, and mends it: to be called every
   * second or so. Returns and throws as `commit` does.
   */
  look(registry: Registry): string | null {
    this.mark.look();
    this.lost ??= this.found();
    return this.lost === null ? null : this.writeAnew(registry, this.lost);
  }

  /** Whether there is enough in the log for `checkpoint`. */
  get isCheckpointDue(): boolean {
    const { commits } = this;
    const { rowsWritten } = this.stored;
    return commits * pagesEachCommit + rowsWritten / rowsEachPage >= pagesToCheckpoint;
  }

  /**
   * Writes the log into the file, when that is due: to be called when nobody waits for a reply. What is
   * on the disk stays there, whatever comes of it; a disk that takes nothing more fails the next commit.
   */
  checkpoint(): void {
    const { database } = this.stored;
    if (!database.open || !this.isCheckpointDue) return;
    this.commits = 0;
    try {
      this.stored.checkpoint();
    } catch {
      // The log is as it was.
    }
    this.files.settle();
  }

  close(): void {
    this.isClosed = true;
    this.stored.database.close();
    this.mark.close();
  }

  /**
   * To be called with the loaded registry, before anything is answered from it: a file that is older
   * than what was answered takes a new epoch. @returns why, for people; null: it is as it was left
   * @throws StoreError
   */
  beginAnswering(registry: Registry): string | null {
    const reason = rollbackOf(this.committed(registry), this.mark.read(), this.stored.isMarked);
    if (reason !== null) this.renumber();
    if (!this.stored.isMarked) this.attempt(() => this.stored.setMarked());
    this.files.settle();
    this.mark.write(this.committed(registry));
    return reason !== null && this.strayLog !== null
      ? `${reason}, and the write-ahead log of the former one, which a killed ddnsd had left, is kept as ${this.strayLog}`
      : reason;
  }

  private committed(registry: Registry): Committed {
    const { serverId, epoch } = this.identity;
    const { log, change } = registry;
    return { serverId, epoch, entry: log.last, change, ...this.files.identity };
  }

  /**
   * Numbers entries and changes anew, under another name: the file was restored from a backup, so
   * the old numbers mean other changes to those who have seen them. @throws StoreError
   */
  renumber(): Identity {
    const epoch = randomBytes(4).toString('hex');
    this.attempt(() => this.stored.setEpoch(epoch), 'running');
    this.files.settle();
    this.emit('renumbered', epoch);
    return this.identity;
  }

  /** @returns the file, when it turned out to be damaged: all that was in it is in memory */
  private write(registry: Registry): Displaced | null {
    try {
      this.attempt(() => this.stored.write(registry), 'running');
      return null;
    } catch (error) {
      if ((error as StoreError).code !== 'store-corrupt') throw error;
      return { file: this.file, fate: 'damaged' };
    } finally {
      this.files.settle();
    }
  }

  private found(): Displaced | null {
    if (this.isClosed) return null;
    const found = this.files.displacedOrChanged();
    if (found?.fate !== 'changed') return found;
    this.files.settle();
    const now = performance.now();
    const isAgain = now - this.changedAt < rewriteAfterMs;
    this.changedAt = now;
    return isAgain ? null : found;
  }

  /** What stood at the names is moved aside: it is somebody's, or needed until the new file is whole. */
  private writeAnew(registry: Registry, lost: Displaced): string {
    const what = `${lost.file} was ${lost.fate} while ddnsd was running`;
    let isBegun = false;
    try {
      const { own, others } = this.files.moveAside();
      this.ownAside.push(...own);
      this.othersAside.push(...others);
      // SQLite ends with the file that it has, and deletes a log by its name: there is none now.
      this.stored.database.close();
      isBegun = true;
      this.files.makeFolder();
      this.stored = new StoredRegistry(this.file, this.foldAfter, this.identity, 'running');
      this.stored.writeAll(registry);
      this.files.giveRights();
      this.files = new OpenFiles(this.file);
    } catch (error) {
      this.stored.database.close();
      if (isBegun) this.files.remove();
      const { code, message } =
        error instanceof StoreError ? error : explain(error, this.file, 'running');
      throw new StoreError(code, `${what}, and cannot be written anew: ${message}`, error);
    }
    for (const file of this.ownAside) rmSync(file, { force: true });
    const kept = this.othersAside.length === 0 ? '' : `, ${this.othersAside.join(' and ')} is kept`;
    this.ownAside = [];
    this.othersAside = [];
    this.lost = null;
    registry.settle();
    this.mark.look();
    this.mark.write(this.committed(registry));
    const hosts = registry.live.length;
    return `${what}; it was written anew with all ${hosts} hosts, nothing that was answered is lost${kept}. To restore a backup, stop ddnsd first`;
  }

  private attempt<T>(action: () => T, phase: Phase = 'starting'): T {
    try {
      return action();
    } catch (error) {
      throw error instanceof StoreError ? error : explain(error, this.file, phase);
    }
  }
}

// The registry as it was when the daemon last ran, from its database.

/**
 * The registry as it was when the daemon last ran.
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
  const registry = restore(store, maxHosts, now);
  const [live, gone] = [registry.live.length, registry.gone.length];
  if (live > maxHosts)
    throw new StoreError(
      'store-failed',
      `${store.file} holds ${live} hosts, MaxHosts is ${maxHosts}. Set MaxHosts in ddns.conf to at least ${live}`,
    );
  const rollback = store.beginAnswering(registry);
  if (rollback !== null)
    log.warn(
      { file: store.file, epoch: store.identity.epoch },
      `${store.file} is not as it was when ddnsd last answered: ${rollback}. Its changes are numbered anew, so every node and name server gets a full list once`,
    );
  if (live + gone > 0)
    log.info(
      { live, gone, file: store.file, tookMs: Math.round(performance.now() - startedAt) },
      'registry loaded',
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
