// The hosts in SQLite: read once at the start, written in one transaction a turn. The registry in
// memory is what is served; this is what survives.
import { randomBytes } from 'node:crypto';
import type Database from 'better-sqlite3';
import { isNodeId } from '../../shared/protocol/node-id.ts';
import type { Applied, Pending, Registry, StoredHost } from '../core/registry.ts';
import { Contacts, contactsUnfolded } from './contacts.ts';
import { openDatabase } from './database.ts';
import { isCount } from './migrations.ts';
import { packHost } from './packed-host.ts';
import { corrupt, explain, StoreError } from './store-error.ts';
import { readHosts } from './stored-hosts.ts';

/** Who this registry is, kept beside its hosts. */
export interface Identity {
  /** id of the name server, 16 hex digits, made with the registry */
  serverId: string;
  /** names the numbering of changes and of entries, 8 hex digits; cursors begin with it */
  incarnation: string;
  /** change numbers up to here may have lost their tombstones */
  horizon: number;
  /** number of the latest entry in this server's own log */
  entry: number;
}

/** Pages of the log, about, that are written into the file at once: close to SQLite's own 1,000. */
const pagesToCheckpoint = 800;

/** Written at each commit, and rows that share one when several are written in their order. */
const pagesEachCommit = 2;
const rowsEachPage = 2;

/** MaxHosts is at most 16,000,000; with the tombstones beside them there are fewer rows than this. */
const mostRows = 2 ** 25;

export class HostStore {
  readonly file: string;
  identity: Identity;
  /** Up to where the logs of other servers were stored when the file was opened. */
  readonly applied: readonly [server: string, Applied][];
  private readonly database: Database.Database;
  private readonly put: Database.Statement;
  private readonly forget: Database.Statement;
  private readonly setIdentity: Database.Statement;
  private readonly setApplied: Database.Statement;
  private readonly contacts: Contacts;
  /** since the log was last written into the file */
  private commits = 0;
  private rowsWritten = 0;
  private readonly write: (registry: Registry, pending: Pending) => () => void;

  /** `foldAfter`: contacts that are kept beside the hosts' records. @throws StoreError */
  constructor(file: string, foldAfter = contactsUnfolded) {
    this.file = file;
    this.database = openDatabase(file);
    try {
      this.put = this.database.prepare('REPLACE INTO hosts (row, record) VALUES (?, ?)');
      this.forget = this.database.prepare('DELETE FROM hosts WHERE row = ?');
      this.setIdentity = this.database.prepare(
        'INSERT INTO identity (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
      );
      this.setApplied = this.database.prepare(
        `INSERT INTO applied (server, incarnation, entry) VALUES (?, ?, ?)
         ON CONFLICT (server) DO UPDATE SET incarnation = excluded.incarnation, entry = excluded.entry`,
      );
      this.write = this.database.transaction((registry: Registry, pending: Pending) => {
        for (const row of pending.forgotten) this.forget.run(row);
        const isThere = (row: number) => registry.isLive(row) || registry.isGone(row);
        const rows = pending.rows.filter(isThere);
        for (const row of rows) this.writeHost(registry, row);
        const contacts = pending.contacts.filter(isThere);
        for (const row of rows) if (this.contacts.has(row)) contacts.push(row);
        if (pending.forgotten.length > 0) this.setIdentity.run('horizon', String(pending.horizon));
        if (pending.entry !== registry.committedEntry)
          this.setIdentity.run('entry', String(pending.entry));
        for (const [server, { incarnation, entry }] of pending.applied)
          this.setApplied.run(server, incarnation, entry);
        return this.contacts.write(registry, contacts, (row) => this.writeHost(registry, row));
      });
      this.identity = this.loadIdentity();
      this.applied = this.loadApplied();
      this.contacts = new Contacts(this.database, file, this.identity.serverId, foldAfter);
    } catch (error) {
      this.database.close();
      throw error instanceof StoreError ? error : explain(error, file);
    }
  }

  /** How many rows there must be for those that are stored. @throws StoreError */
  rowsUsed(): number {
    const last = this.attempt(
      () => this.database.prepare('SELECT max(row) FROM hosts').pluck().get() as number | null,
    );
    if (last !== null && !(last < mostRows))
      throw corrupt(this.file, `a host in row ${last}, there are ${mostRows}`);
    return last === null ? 0 : last + 1;
  }

  /** Every stored host, each good until the next one. Reading errors are StoreErrors. */
  records(): Generator<StoredHost, void> {
    const hosts = readHosts(this.database, this.file, this.identity.serverId);
    return this.contacts.applied(hosts, this.rowsUsed());
  }

  /**
   * Puts all that is pending in the registry on the disk, in one transaction, and settles it.
   * @throws StoreError; then nothing of it is written and all of it stays pending
   */
  commit(registry: Registry): void {
    this.attempt(() => this.write(registry, registry.pending()))();
    registry.settle();
    this.commits++;
  }

  /** Whether there is enough in the log for `checkpoint`. */
  get isCheckpointDue(): boolean {
    return this.commits * pagesEachCommit + this.rowsWritten / rowsEachPage >= pagesToCheckpoint;
  }

  /**
   * Writes the log into the file, when that is due: to be called when nobody waits for a reply. What is
   * on the disk stays there, whatever comes of it; a disk that takes nothing more fails the next commit.
   */
  checkpoint(): void {
    if (!this.database.open || !this.isCheckpointDue) return;
    this.commits = 0;
    this.rowsWritten = 0;
    try {
      this.database.pragma('wal_checkpoint(PASSIVE)');
    } catch {
      // The log is as it was.
    }
  }

  close(): void {
    this.database.close();
  }

  /**
   * Numbers entries and changes anew, under another name: the file was restored from a backup, so
   * the old numbers mean other changes to those who have seen them. @throws StoreError
   */
  renumber(): Identity {
    const incarnation = randomBytes(4).toString('hex');
    this.attempt(() => this.setIdentity.run('incarnation', incarnation));
    this.identity = { ...this.identity, incarnation };
    return this.identity;
  }

  private writeHost(registry: Registry, row: number): void {
    this.rowsWritten++;
    this.put.run(row, packHost(registry.stored(row), this.identity.serverId));
  }

  private loadIdentity(): Identity {
    const stored = new Map(
      this.database.prepare('SELECT name, value FROM identity').raw().all() as [string, string][],
    );
    const made = { id: randomBytes(8), incarnation: randomBytes(4) };
    if (!stored.has('id'))
      this.database.transaction(() => {
        for (const [name, value] of Object.entries(made)) {
          this.setIdentity.run(name, value.toString('hex'));
          stored.set(name, value.toString('hex'));
        }
      })();
    const identity = {
      serverId: stored.get('id') ?? '',
      incarnation: stored.get('incarnation') ?? '',
      horizon: Number(stored.get('horizon') ?? 0),
      entry: Number(stored.get('entry') ?? 0),
    };
    const isWhole =
      /^[0-9a-f]{16}$/.test(identity.serverId) &&
      /^[0-9a-f]{8}$/.test(identity.incarnation) &&
      isCount(identity.horizon) &&
      isCount(identity.entry);
    if (!isWhole) throw corrupt(this.file, 'its identity is not as written');
    return identity;
  }

  private loadApplied(): [string, Applied][] {
    const rows = this.database
      .prepare('SELECT server, incarnation, entry FROM applied')
      .raw()
      .all() as [string, string, number][];
    return rows.map(([server, incarnation, entry]) => {
      if (!isNodeId(server) || !/^[0-9a-f]{8}$/.test(incarnation) || !isCount(entry))
        throw corrupt(this.file, 'what it applied of other servers is not as written');
      return [server, { incarnation, entry }];
    });
  }

  private attempt<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw explain(error, this.file);
    }
  }
}
