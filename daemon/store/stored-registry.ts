// One open database of the registry: its statements, and what they read and write. `HostStore` opens another
// one when the file was deleted or replaced.
import { randomBytes } from 'node:crypto';
import type Database from 'better-sqlite3';
import { printable } from '../../shared/output/printable.ts';
import { isNodeId } from '../../shared/protocol/tokens.ts';
import type { Applied } from '../core/registry/change-log.ts';
import type { Pending } from '../core/registry/pending-rows.ts';
import type { Registry } from '../core/registry/registry.ts';
import { Contacts } from './contacts.ts';
import { openDatabase, pageBytes } from './database.ts';
import { hostValues, putHostSql } from './host-rows.ts';
import { attempt, corrupt, explain, type Phase } from './store-error.ts';
import { isCount } from './stored-values.ts';

/** More than the rows of the largest MaxHosts, 16,000,000, with its tombstones. */
const mostRows = 2 ** 25;

/** The identity of a registry, stored beside its hosts. */
export interface Identity {
  /** id of the name server, 16 hex digits, made when the registry is created */
  serverId: string;
  /** names the numbering of changes and of entries, 8 hex digits; cursors begin with it */
  epoch: string;
  /** tombstones up to this change number may have been dropped */
  horizon: number;
  /** the latest entry in the change log */
  entry: number;
}

/** A registry in an open database. */
export class StoredRegistry {
  readonly database: Database.Database;
  identity: Identity;
  /** the file has, or had, a mark beside it (answered-mark.ts) */
  isMarked = true;
  /** how many hosts and tombstones were stored; null: a file from before that was written down */
  private rows: number | null = 0;
  readonly contacts: Contacts;
  rowsWritten = 0;
  private readonly file: string;
  private readonly put: Database.Statement;
  private readonly forget: Database.Statement;
  private readonly setIdentity: Database.Statement;
  private readonly setApplied: Database.Statement;
  private readonly forgetApplied: Database.Statement;
  private readonly writeOnce: (registry: Registry, pending: Pending) => () => void;

  /**
   * Opens or creates the file.
   * @param written by a daemon that runs: the identity of the registry; when left out, it is that of the file, which is
   * made for a new file
   * @throws StoreError
   */
  constructor(
    file: string,
    foldAfter: number,
    written?: { identity: Identity; open: typeof openDatabase },
  ) {
    const phase: Phase = written === undefined ? 'starting' : 'running';
    const open = written?.open ?? openDatabase;
    this.file = file;
    this.database = open(file, phase);
    try {
      this.put = this.database.prepare(putHostSql);
      this.forget = this.database.prepare('DELETE FROM host_rows WHERE row = ?');
      this.setIdentity = this.database.prepare(
        'INSERT INTO identity (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
      );
      this.setApplied = this.database.prepare(
        `INSERT INTO applied (server, epoch, entry) VALUES (?, ?, ?)
         ON CONFLICT (server) DO UPDATE SET epoch = excluded.epoch, entry = excluded.entry`,
      );
      this.forgetApplied = this.database.prepare('DELETE FROM applied WHERE server = ?');
      this.writeOnce = this.database.transaction((registry: Registry, pending: Pending) => {
        for (const row of pending.forgotten) this.forget.run(row);
        const isThere = (row: number) => registry.isUsed(row);
        const rows = pending.rows.filter(isThere);
        for (const row of rows) this.writeHost(registry, row);
        const contacts = pending.contacts.filter(isThere);
        for (const row of rows) if (this.contacts.has(row)) contacts.push(row);
        if (pending.forgotten.length > 0) this.setIdentity.run('horizon', String(pending.horizon));
        if (pending.entry !== registry.committedEntry)
          this.setIdentity.run('entry', String(pending.entry));
        for (const [server, applied] of pending.applied)
          if (applied === null) this.forgetApplied.run(server);
          else this.setApplied.run(server, applied.epoch, applied.entry);
        const count = rowsOf(registry);
        if (count !== this.rows) this.setIdentity.run('rows', String(count));
        const settle = this.contacts.write(registry, contacts, (row) =>
          this.writeHost(registry, row),
        );
        return () => {
          settle();
          this.rows = count;
        };
      });
      this.identity = written?.identity ?? this.loadIdentity();
      this.contacts = new Contacts(this.database, file, this.identity.serverId, foldAfter);
    } catch (error) {
      this.database.close();
      throw explain(error, file, phase);
    }
  }

  /** Writes everything pending in one transaction. @throws errors of SQLite */
  write(registry: Registry): void {
    this.writeOnce(registry, registry.pending())();
  }

  /** Writes these rows as they are in memory, in one transaction. @throws errors of SQLite */
  writeRows(registry: Registry, rows: readonly number[]): void {
    this.database.transaction(() => {
      for (const row of rows)
        if (registry.isUsed(row)) this.writeHost(registry, row);
        else this.forget.run(row);
    })();
  }

  /** Writes all that a new file has besides rows, in one transaction. @throws errors of SQLite */
  writeIdentity(registry: Registry, { serverId, epoch }: Identity): void {
    this.database.transaction(() => {
      this.setIdentity.run('id', serverId);
      this.setIdentity.run('epoch', epoch);
      this.setMarked();
      this.setIdentity.run('horizon', String(registry.horizon));
      this.setIdentity.run('entry', String(registry.log.last));
      this.setRows(registry);
      for (const [server, { epoch, entry }] of registry.applied.all())
        this.setApplied.run(server, epoch, entry);
    })();
  }

  /**
   * Writes the write-ahead log into the database.
   * @returns the bytes of the log, and whether a reader keeps it from beginning anew
   * @throws errors of SQLite
   */
  checkpoint(): { bytes: number; isHeld: boolean } {
    this.rowsWritten = 0;
    const [done] = this.database.pragma('wal_checkpoint(PASSIVE)') as {
      log: number;
      checkpointed: number;
    }[];
    const { log = 0, checkpointed = 0 } = done ?? {};
    return { bytes: log * pageBytes, isHeld: checkpointed < log };
  }

  /** Stores a new epoch. @throws errors of SQLite */
  setEpoch(epoch: string): void {
    this.setIdentity.run('epoch', epoch);
    this.identity = { ...this.identity, epoch };
    this.checkpoint();
  }

  private setMarked(): void {
    this.setIdentity.run('marked', '1');
    this.isMarked = true;
  }

  /** The number of rows that the stored hosts need: the highest row + 1. @throws StoreError */
  rowsUsed(): number {
    const sql = 'SELECT max(row) FROM host_rows';
    const read = () => this.database.prepare(sql).pluck().get();
    const last = attempt(this.file, read) as number | null;
    if (last !== null && !(last < mostRows))
      throw corrupt(this.file, `a host is in row ${last}, the limit is ${mostRows}`);
    return last === null ? 0 : last + 1;
  }

  /** Reads every page of the file. @throws StoreError if one is damaged */
  checkPages(): void {
    const check = () => this.database.pragma('integrity_check(1)', { simple: true });
    const found = attempt(this.file, check);
    if (found !== 'ok') throw corrupt(this.file, printable(String(found)));
  }

  /**
   * Compares the loaded registry with what was stored. Each row has a checksum, but a damaged page may lead past others.
   * @returns how they differ, for operators; null: they do not
   * @throws StoreError if a page is damaged
   */
  otherRows(registry: Registry): string | null {
    const found = rowsOf(registry);
    if (this.rows === null || found === this.rows) return null;
    this.checkPages();
    return `${this.rows} hosts and tombstones were stored, and it has ${found}: another program changed it, or the disk lost what was written`;
  }

  /** Stores how many rows were found, and that there is a mark beside the file. @throws errors of SQLite */
  setFound(registry: Registry): void {
    if (!this.isMarked) this.setMarked();
    if (this.rows !== rowsOf(registry)) this.setRows(registry);
  }

  private setRows(registry: Registry): void {
    this.rows = rowsOf(registry);
    this.setIdentity.run('rows', String(this.rows));
  }

  /** The stored version vector. @throws StoreError */
  applied(): [string, Applied][] {
    const rows = this.database.prepare('SELECT server, epoch, entry FROM applied').raw().all() as [
      string,
      string,
      number,
    ][];
    return rows.map(([server, epoch, entry]) => {
      if (!isNodeId(server) || !/^[0-9a-f]{8}$/.test(epoch) || !isCount(entry))
        throw corrupt(this.file, 'its version vector is damaged');
      return [server, { epoch, entry }];
    });
  }

  private writeHost(registry: Registry, row: number): void {
    this.rowsWritten++;
    this.put.run(...hostValues(registry.stored(row), this.identity.serverId));
  }

  private loadIdentity(): Identity {
    const stored = new Map(
      this.database.prepare('SELECT name, value FROM identity').raw().all() as [string, string][],
    );
    const made = { id: randomBytes(8), epoch: randomBytes(4) };
    if (!stored.has('id'))
      this.database.transaction(() => {
        for (const [name, value] of Object.entries(made)) {
          this.setIdentity.run(name, value.toString('hex'));
          stored.set(name, value.toString('hex'));
        }
      })();
    // So that the identity is not lost with the write-ahead log.
    if (!stored.has('marked')) this.checkpoint();
    this.isMarked = stored.has('marked');
    const rows = stored.get('rows');
    this.rows = rows === undefined ? null : Number(rows);
    const identity = {
      serverId: stored.get('id') ?? '',
      epoch: stored.get('epoch') ?? '',
      horizon: Number(stored.get('horizon') ?? 0),
      entry: Number(stored.get('entry') ?? 0),
    };
    const isWhole =
      /^[0-9a-f]{16}$/.test(identity.serverId) &&
      /^[0-9a-f]{8}$/.test(identity.epoch) &&
      isCount(identity.horizon) &&
      isCount(identity.entry) &&
      (this.rows === null || isCount(this.rows));
    if (!isWhole) throw corrupt(this.file, 'its identity is damaged');
    return identity;
  }
}

/** What is stored once everything is committed. */
function rowsOf({ live, gone }: Registry): number {
  return live.length + gone.length;
}
