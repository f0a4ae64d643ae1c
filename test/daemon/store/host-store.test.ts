import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import Database from 'better-sqlite3';
import { type HostRecord, Registry } from '../../../daemon/core/registry/registry.ts';
import { HostStore, loadRegistry } from '../../../daemon/store/host-store.ts';
import { migrate } from '../../../daemon/store/schema.ts';
import { StoreError } from '../../../daemon/store/store-error.ts';
import type { HostChange } from '../../../shared/protocol/sync-message.ts';
import { addressOf, packed, recordsOf, register, rowOf } from '../../fixture/registry.ts';
import { makeFolder } from '../../fixture/temp-folder.ts';

const silent = { info: () => {}, warn: () => {} } as never;

function openStore(t: Parameters<typeof makeFolder>[0]): { file: string; store: HostStore } {
  const file = join(makeFolder(t), 'hosts.db');
  const store = new HostStore(file);
  t.teardown(() => store.close());
  return { file, store };
}

/** The registry as a restarted daemon loads it. */
function reload(store: HostStore, maxHosts = 100): { registry: Registry; store: HostStore } {
  store.close();
  const again = new HostStore(store.file);
  return { registry: loadRegistry(again, maxHosts, Date.now(), silent), store: again };
}

function allRecords(registry: Registry): HostRecord[] {
  return [...recordsOf(registry, registry.live), ...recordsOf(registry, registry.gone)];
}

test('host store › the identity is made once and kept', (t) => {
  const { store } = openStore(t);
  const { identity } = store;
  t.regex(identity.serverId, /^[0-9a-f]{16}$/);
  t.regex(identity.epoch, /^[0-9a-f]{8}$/);
  t.is(identity.horizon, 0);
  store.close();
  const again = new HostStore(store.file);
  t.deepEqual(again.identity, identity);
  again.close();
});

test('host store › a committed registry is loaded unchanged', (t) => {
  const { store } = openStore(t);
  const registry = new Registry({ maxHosts: 100 });
  register(registry, '10.0.0.1:1', { nodeId: '01234567-89ab-4cde-8f01-23456789abcd' });
  register(registry, '[2001:db8::1]:65535', { nodeId: 'x'.repeat(64), dialect: 'legacy' });
  register(registry, '10.0.0.3:3', { now: 1_763_820_000_123 });
  registry.remove(rowOf(registry, '10.0.0.1:1'), 2_000);
  store.commit(registry);
  t.false(registry.hasPending);
  const loaded = reload(store);
  t.deepEqual(allRecords(loaded.registry), allRecords(registry));
  t.is(loaded.registry.change, registry.change);
  t.false(loaded.registry.hasPending);
  loaded.store.close();
});

test('host store › a dropped tombstone is deleted and the horizon is kept', (t) => {
  const { store } = openStore(t);
  const registry = new Registry({ maxHosts: 100 });
  for (const index of [1, 2]) register(registry, addressOf(index));
  store.commit(registry);
  registry.remove(rowOf(registry, addressOf(1)), 2_000);
  store.commit(registry);
  registry.collectTombstones(3_000);
  store.commit(registry);
  const loaded = reload(store);
  t.deepEqual(allRecords(loaded.registry), allRecords(registry));
  t.deepEqual([loaded.registry.horizon, loaded.store.identity.horizon], [3, 3]);
  loaded.store.close();
});

test('host store › a host that came and went between two commits leaves nothing behind', (t) => {
  const { store } = openStore(t);
  const registry = new Registry({ maxHosts: 100 });
  register(registry, addressOf(1));
  registry.remove(rowOf(registry, addressOf(1)), 2_000);
  registry.collectTombstones(3_000);
  register(registry, addressOf(2));
  store.commit(registry);
  const loaded = reload(store);
  t.deepEqual(allRecords(loaded.registry), allRecords(registry));
  t.is(loaded.registry.live.length, 1);
  loaded.store.close();
});

test('host store › more hosts than are read at a time are all loaded', (t) => {
  const { store } = openStore(t);
  const registry = new Registry({ maxHosts: 9_000 });
  for (let index = 0; index < 9_000; index++) register(registry, addressOf(index));
  store.commit(registry);
  t.is(store.rowsUsed(), 9_000);
  const loaded = reload(store, 9_000);
  t.deepEqual(allRecords(loaded.registry), allRecords(registry));
  loaded.store.close();
});

test('host store › more hosts than MaxHosts allows are refused, not dropped', (t) => {
  const { store } = openStore(t);
  const registry = new Registry({ maxHosts: 100 });
  for (const index of [1, 2, 3]) register(registry, addressOf(index));
  store.commit(registry);
  t.throws(() => loadRegistry(store, 2, Date.now(), silent), {
    instanceOf: StoreError,
    message: `${store.file} holds 3 hosts, MaxHosts is 2. Set MaxHosts in ddns.conf to at least 3`,
  });
});

test('host store › a commit that fails settles nothing', (t) => {
  const { store } = openStore(t);
  const registry = new Registry({ maxHosts: 100 });
  register(registry, addressOf(1));
  store.close();
  t.throws(() => store.commit(registry), { instanceOf: StoreError });
  t.is(registry.pending().rows.length, 1);
});

test('host store › the log is written into the file by a checkpoint, not within a commit', (t) => {
  const { file, store } = openStore(t);
  const registry = new Registry({ maxHosts: 100 });
  // After a checkpoint SQLite begins the log again at its front.
  const saltOfLog = () => readFileSync(`${file}-wal`).subarray(16, 20).toString('hex');
  const commit = (now: number) => {
    register(registry, '10.0.0.1:1', { now });
    store.commit(registry);
  };
  let commits = 0;
  for (; !store.isCheckpointDue; commits++) commit(1_000 + commits);
  t.true(commits > 100, `${commits}`);
  const first = saltOfLog();
  commit(5_000);
  t.is(saltOfLog(), first);
  store.checkpoint();
  t.false(store.isCheckpointDue);
  commit(6_000);
  t.not(saltOfLog(), first);
  const loaded = reload(store);
  t.deepEqual(allRecords(loaded.registry), allRecords(registry));
  loaded.store.close();
  store.checkpoint();
});

test('host store › versions, entries and the version vector are stored together', (t) => {
  const { store } = openStore(t);
  const registry = loadRegistry(store, 100, Date.now(), silent);
  register(registry, addressOf(1));
  register(registry, addressOf(2));
  const theirs: HostChange = {
    address: addressOf(2),
    nodeId: 'theirs',
    state: 'live',
    dialect: 'native',
    firstSeen: 1,
    lastSeen: 2,
    version: { ms: 5_000, counter: 3, server: 'other' },
  };
  registry.merge(theirs, packed(theirs.address), 5_000);
  registry.applied.note('other', '0123abcd', 17);
  store.commit(registry);
  t.false(registry.hasPending);
  const loaded = reload(store);
  const view = ({ log, versions, digest, applied }: Registry) => ({
    rows: [1, 2].map((index) => {
      const row = rowOf(loaded.registry, addressOf(index));
      return [log.entryOf(row), versions.get(row)];
    }),
    last: log.last,
    digest: digest.buckets(),
    applied: [applied.entryOf('other', '0123abcd'), applied.entryOf('other', '4567abcd')],
  });
  t.deepEqual(view(loaded.registry), view(registry));
  const server = loaded.store.identity.serverId;
  t.deepEqual(view(registry).rows, [
    [1, { ms: 1_000, counter: 0, server }],
    [0, theirs.version],
  ]);
  t.deepEqual([view(registry).last, view(registry).applied], [2, [17, 0]]);
  loaded.store.close();
});

test('host store › a file of the first schema gets versions and entries from its changes', (t) => {
  const file = join(makeFolder(t), 'hosts.db');
  const first = new Database(file);
  migrate(first, file, 1);
  first.exec(`INSERT INTO hosts VALUES
    ('10.0.0.1:1', 'x', 10, 90, 'live', 'native', 7, 50), ('10.0.0.2:1', 'y', 10, 90, 'gone', 'legacy', 4, 40)`);
  first.close();
  const store = new HostStore(file);
  const registry = loadRegistry(store, 100, Date.now(), silent);
  const { serverId: server } = store.identity;
  const [live, gone] = [rowOf(registry, '10.0.0.1:1'), rowOf(registry, '10.0.0.2:1')];
  t.deepEqual(recordsOf(registry, registry.gone), [
    {
      ...{ address: '10.0.0.2:1', nodeId: 'y', firstSeen: 10, lastSeen: 90 },
      ...{ state: 'gone', dialect: 'legacy', change: 4, changedAt: 40 },
    },
  ]);
  t.deepEqual(registry.versions.get(live), { ms: 50, counter: 0, server });
  t.deepEqual([registry.log.entryOf(live), registry.log.entryOf(gone)], [7, 4]);
  t.deepEqual([registry.log.last, store.identity.entry], [7, 7]);
  store.close();
});

test('host store › a file of an earlier schema with an invalid host is refused with its address', (t) => {
  const cases: [values: string, says: RegExp][] = [
    ["'localhost:1', 'x', 10, 90, 'live', 'native', 7, 50", /localhost:1/],
    ["'[::ffff:10.0.0.1]:1', 'x', 10, 90, 'live', 'native', 7, 50", /::ffff/],
    ["'00.0.0.1:1', 'x', 10, 90, 'live', 'native', 7, 50", /00\.0\.0\.1:1/],
    ["'10.0.0.1:1', char(27) || '[2J', 10, 90, 'live', 'native', 7, 50", /10\.0\.0\.1:1/],
    ["'10.0.0.1:1', '', 10, 90, 'live', 'native', 7, 50", /10\.0\.0\.1:1/],
    ["'10.0.0.1:1', 'x', 10, 90, 'live', 'native', -1, 50", /10\.0\.0\.1:1/],
    ["'10.0.0.1:1', 'x', 10, 9007199254740993, 'live', 'native', 7, 50", /10\.0\.0\.1:1/],
  ];
  for (const [values, says] of cases) {
    const file = join(makeFolder(t), 'hosts.db');
    const first = new Database(file);
    migrate(first, file, 1);
    first.exec(`INSERT INTO hosts VALUES (${values})`);
    first.close();
    const error = t.throws(() => new HostStore(file), { instanceOf: StoreError });
    t.is(error?.code, 'store-corrupt', values);
    t.regex(error?.message ?? '', says);
  }
});

test('host store › a proved host is proved after a restart', (t) => {
  const { store } = openStore(t);
  const registry = loadRegistry(store, 100, Date.now(), silent);
  for (const index of [1, 2]) register(registry, addressOf(index));
  store.commit(registry);
  registry.prove(rowOf(registry, addressOf(1)), 2_000);
  store.commit(registry);
  const loaded = reload(store);
  const isProved = (index: number) =>
    loaded.registry.isProved(rowOf(loaded.registry, addressOf(index)));
  t.deepEqual([isProved(1), isProved(2)], [true, false]);
  loaded.store.close();
});

test('host store › after a restart, a host that left is still told apart from one that was deleted', (t) => {
  const { store } = openStore(t);
  const registry = loadRegistry(store, 100, Date.now(), silent);
  for (const index of [1, 2]) register(registry, addressOf(index));
  registry.remove(rowOf(registry, addressOf(1)), 2_000);
  registry.expire(rowOf(registry, addressOf(2)), 2_000);
  store.commit(registry);
  const loaded = reload(store);
  const hasLeft = (index: number) =>
    loaded.registry.left.has(rowOf(loaded.registry, addressOf(index)));
  t.deepEqual([hasLeft(1), hasLeft(2)], [true, false]);
  loaded.store.close();
});
