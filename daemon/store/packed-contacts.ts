// Contacts as schemas 4 and 5 stored them: one packed record for each commit, read once, when such a file is brought up
// to date (schema.ts).
//
// A record: checksum, number of contacts, then for each contact: row, counter, last seen, ms, entry. An `ms` of
// -1 means that the version is another server's and has not changed.
import type Database from 'better-sqlite3';
import type { StoredHost } from '../core/registry/host-record.ts';
import { checkOf } from './packed-host.ts';
import { corrupt } from './store-error.ts';

const headBytes = 8;
const contactBytes = 32;

/** The hosts of `packed_hosts`, each updated with its last contact. Versions made here have server ''. @throws StoreError */
export function* contactsApplied(
  database: Database.Database,
  file: string,
  hosts: Iterable<StoredHost>,
): Generator<StoredHost, void> {
  const latest = new Map<number, [view: DataView, at: number]>();
  const read = database.prepare('SELECT record FROM packed_contacts ORDER BY number').pluck();
  for (const record of read.iterate() as Iterable<Buffer>) {
    const view = new DataView(record.buffer, record.byteOffset, record.length);
    const count = record.length < headBytes ? 0 : view.getUint32(4, true);
    const isWhole = count > 0 && record.length === headBytes + count * contactBytes;
    if (!isWhole || view.getUint32(0, true) !== checkOf(view, 4, record.length))
      throw corrupt(file, `the record after ${latest.size} contacts is damaged`);
    for (let at = headBytes; at < record.length; at += contactBytes)
      latest.set(view.getUint32(at, true), [view, at]);
  }
  for (const host of hosts) {
    const contact = latest.get(host.row);
    if (contact !== undefined) apply(host, ...contact);
    yield host;
  }
}

function apply(host: StoredHost, view: DataView, at: number): void {
  const ms = view.getFloat64(at + 16, true);
  host.lastSeen = view.getFloat64(at + 8, true);
  if (ms < 0) return;
  host.version = { ms, counter: view.getUint32(at + 4, true), server: '' };
  host.entry = view.getFloat64(at + 24, true);
}
