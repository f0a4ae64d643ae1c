// Snapshots of a database that goes on being written.
import { execFileSync } from 'node:child_process';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import Database from 'better-sqlite3';
import { type HostRecord, Registry } from '../../../daemon/core/registry/registry.ts';
import { HostStore, loadRegistry } from '../../../daemon/store/host-store.ts';
import {
  mostHeldBytes,
  pieceBytes,
  type Snapshot,
  SnapshotError,
  Snapshots,
} from '../../../daemon/store/snapshot.ts';
import { addresses, addressOf, recordsOf, register } from '../../fixture/registry.ts';
import { makeFolder } from '../../fixture/temp-folder.ts';

const silent = { info: () => {}, warn: () => {} } as never;
const attached = () => false;

interface Open {
  file: string;
  store: HostStore;
  registry: Registry;
  /** Commits the next hosts, one after the other, with the checkpoints of a daemon. */
  commit(count: number): void;
}

function openStore(t: ExecutionContext): Open {
  const file = join(makeFolder(t), 'hosts.db');
  const store = new HostStore(file);
  t.teardown(() => store.close());
  const registry = new Registry({ maxHosts: 20_000, server: store.identity.serverId });
  let hosts = 0;
  const commit = (count: number) => {
    for (let left = count; left > 0; left--) {
      register(registry, addressOf(hosts++));
      store.commit(registry);
      store.checkpoint();
    }
  };
  return { file, store, registry, commit };
}

async function readAll(snapshot: Snapshot, between: () => void = () => {}): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for (let at = 0; at < snapshot.bytes; ) {
    const piece = await snapshot.read(at);
    pieces.push(piece);
    at += piece.length;
    between();
  }
  return Buffer.concat(pieces);
}

function hostsIn(t: ExecutionContext, bytes: Buffer): HostRecord[] {
  const file = join(makeFolder(t), 'copy.db');
  writeFileSync(file, bytes);
  const store = new HostStore(file);
  const registry = loadRegistry(store, 20_000, Date.now(), silent);
  store.close();
  return recordsOf(registry, registry.live);
}

test('snapshot › it is the registry of the moment when it began, whatever is committed meanwhile', async (t) => {
  const { file, store, registry } = openStore(t);
  for (const address of addresses(9_000)) register(registry, address);
  store.commit(registry);
  const before = recordsOf(registry, registry.live);
  const snapshot = store.snapshot(attached);
  t.true(snapshot.bytes > 2 * pieceBytes, 'more than two pieces');
  let round = 0;
  const bytes = await readAll(snapshot, () => {
    // The hosts in the last pages, often enough for a checkpoint.
    for (let commit = 0; commit < 6; commit++) {
      const nodeId = `node-${round++}`;
      for (const address of addresses(300, 8_700)) register(registry, address, { nodeId });
      register(registry, addressOf(9_000 + round));
      store.commit(registry);
      store.checkpoint();
    }
  });
  t.deepEqual(hostsIn(t, bytes), before);
  store.close();
  const again = new HostStore(file);
  const stored = loadRegistry(again, 20_000, Date.now(), silent);
  again.close();
  t.deepEqual(recordsOf(stored, stored.live), recordsOf(registry, registry.live), 'all is stored');
});

test('snapshot › a checkpoint waits until it was read, and no longer', async (t) => {
  const { file, store, commit } = openStore(t);
  commit(10);
  const snapshot = store.snapshot(attached);
  const { size, mtimeMs } = statSync(file);
  commit(450);
  t.deepEqual([statSync(file).size, statSync(file).mtimeMs], [size, mtimeMs], 'unchanged');
  await readAll(snapshot);
  commit(1);
  t.true(statSync(file).size > size, 'written by the checkpoint');
});

test('snapshot › another one is refused while its console is there', async (t) => {
  const { store, commit } = openStore(t);
  commit(10);
  let isGone = false;
  const first = store.snapshot(() => isGone);
  t.throws(() => store.snapshot(attached), {
    instanceOf: SnapshotError,
    message: 'another backup is in progress; try again when it has ended',
  });
  isGone = true;
  const second = store.snapshot(attached);
  await t.throwsAsync(first.read(0), { message: 'the backup ended: another backup began' });
  t.is((await readAll(second)).length, second.bytes);
  t.notThrows(() => store.snapshot(attached), 'the second one has ended');
});

test('snapshot › a new epoch ends it, because the file changes', async (t) => {
  const { store, commit } = openStore(t);
  commit(10);
  const snapshot = store.snapshot(attached);
  store.renumber();
  await t.throwsAsync(snapshot.read(0), { message: /^the backup ended: .*began a new epoch/ });
});

test('snapshot › a write-ahead log that grows beyond its limit ends it', async (t) => {
  const file = join(makeFolder(t), 'any.db');
  const database = new Database(file);
  database.exec('CREATE TABLE any (value)');
  const snapshots = new Snapshots(file, database);
  t.teardown(() => {
    database.close();
    snapshots.close();
  });
  const snapshot = snapshots.begin(attached);
  t.true(snapshots.holdCheckpoint(mostHeldBytes), 'at the limit');
  t.false(snapshots.holdCheckpoint(mostHeldBytes + 4_096), 'beyond it');
  await t.throwsAsync(snapshot.read(0), { message: /64 MB of changes waited, 64 MB at most/ });
});

test('snapshot › it lets go of no lock: another program that reads and ends leaves the log alone', async (t) => {
  const { file, store, registry, commit } = openStore(t);
  commit(10);
  await readAll(store.snapshot(attached));
  commit(10);
  const read = `new (require('better-sqlite3'))(${JSON.stringify(file)}).prepare('SELECT * FROM hosts').all()`;
  execFileSync(process.execPath, ['-e', read], { stdio: 'pipe' });
  t.true(existsSync(`${file}-wal`));
  const mended: string[] = [];
  store.on('mended', (text) => mended.push(text));
  store.look(registry);
  t.deepEqual(mended, []);
});

test('snapshot › a checkpoint by another program ends it, because the file changes', async (t) => {
  const { file, store, commit } = openStore(t);
  commit(10);
  const snapshot = store.snapshot(attached);
  // Later than the file by the clock of the file system.
  do commit(1);
  while (statSync(`${file}-wal`).mtimeMs <= statSync(file).mtimeMs);
  const other = new Database(file);
  other.pragma('wal_checkpoint(PASSIVE)');
  other.close();
  await t.throwsAsync(snapshot.read(0), {
    message: 'the backup ended: another program wrote into the database; try again',
  });
});
