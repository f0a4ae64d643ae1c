// What is on the disk after each commit, read from a copy as after a kill.
import { copyFileSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import type { Registry } from '../../../daemon/core/registry/registry.ts';
import { HostStore, loadRegistry } from '../../../daemon/store/host-store.ts';
import { StoreError } from '../../../daemon/store/store-error.ts';
import { addressOf, packed, register, rowOf } from '../../fixture/registry.ts';
import { makeFolder } from '../../fixture/temp-folder.ts';

const silent = { info: () => {}, warn: () => {} } as never;
const maxHosts = 40;

/** All stored values of all hosts, by row. */
function contents(registry: Registry) {
  const rows = Array.from({ length: registry.rowsUsed }, (_, row) => row);
  return rows
    .filter((row) => registry.isUsed(row))
    .map((row) => {
      const version = registry.versions.get(row);
      return { row, ...registry.record(row), version, entry: registry.log.entryOf(row) };
    });
}

class Watched {
  readonly file: string;
  readonly store: HostStore;
  registry: Registry;
  private readonly copy: string;

  constructor(t: ExecutionContext, foldAfter: number) {
    const folder = makeFolder(t);
    this.file = join(folder, 'hosts.db');
    this.copy = join(folder, 'copy.db');
    this.store = new HostStore(this.file, foldAfter);
    this.registry = loadRegistry(this.store, maxHosts, Date.now(), silent);
    this.registry.publishAfterMs = 100;
    t.teardown(() => this.store.close());
  }

  commit(): void {
    this.store.commit(this.registry);
  }

  /** What a daemon would load after a kill at this moment. */
  afterKill() {
    for (const end of ['', '-wal'])
      if (existsSync(this.file + end)) copyFileSync(this.file + end, this.copy + end);
    const store = new HostStore(this.copy);
    const found = contents(loadRegistry(store, maxHosts, Date.now(), silent));
    store.close();
    for (const end of ['', '-wal']) rmSync(this.copy + end, { force: true });
    return found;
  }

  /** The number of records of contacts. */
  records(): number {
    copyFileSync(this.file, this.copy);
    copyFileSync(`${this.file}-wal`, `${this.copy}-wal`);
    const database = new Database(this.copy);
    const count = database.prepare('SELECT count(*) FROM contacts').pluck().get() as number;
    database.close();
    for (const end of ['', '-wal', '-shm']) rmSync(this.copy + end, { force: true });
    return count;
  }
}

interface Step {
  do: 'register' | 'remove' | 'told' | 'commit' | 'collect';
  /** index of the host */
  index: number;
}

const doing = (step: Step['do'], weight: number) => ({
  weight,
  arbitrary: fc.record({ do: fc.constant(step), index: fc.nat(30) }),
});
const anyStep = fc.oneof(
  doing('register', 8),
  doing('remove', 1),
  doing('told', 1),
  doing('commit', 6),
  doing('collect', 1),
);

test('contacts › after any commit the file has the present state, folding or not', (t) => {
  fc.assert(
    fc.property(fc.array(anyStep, { minLength: 30, maxLength: 150 }), (steps) => {
      const watched = new Watched(t, 10);
      const { registry } = watched;
      let now = 1_000;
      for (const step of steps) {
        now += 20;
        if (step.do === 'commit') watched.commit();
        else if (step.do === 'collect') registry.collectTombstones(now - 200);
        else if (step.do === 'register') register(registry, addressOf(step.index), { now });
        else if (step.do === 'told') {
          const told = { address: addressOf(step.index), nodeId: 'told', firstSeen: 1 };
          const version = { ms: now, counter: 0, server: 'other' };
          registry.merge(
            { ...told, state: 'live', dialect: 'native', lastSeen: now - 10, version },
            packed(told.address),
            now,
          );
        } else {
          const row = registry.find(packed(addressOf(step.index)), 0);
          if (row !== -1 && registry.isLive(row)) registry.remove(row, now);
        }
      }
      watched.commit();
      t.deepEqual(watched.afterKill(), contents(registry));
      watched.store.close();
    }),
    { numRuns: 60 },
  );
});

test("contacts › many contacts are folded into their hosts' records, a few at a commit", (t) => {
  const watched = new Watched(t, 200);
  const { registry } = watched;
  for (let index = 0; index < 40; index++) register(registry, addressOf(index), { now: 1_000 });
  watched.commit();
  t.is(watched.records(), 0);
  let most = 0;
  for (let turn = 0; turn < 600; turn++) {
    for (let index = 0; index < 4; index++)
      register(registry, addressOf((4 * turn + index) % 40), { now: 2_000 + turn });
    watched.commit();
    if (turn % 7 !== 0) continue;
    most = Math.max(most, watched.records());
    t.deepEqual(watched.afterKill(), contents(registry), `turn ${turn}`);
  }
  t.true(most >= 50 && most < 60, `${most} records`);
});

test('contacts › a reused row keeps nothing of its former host', (t) => {
  const watched = new Watched(t, 1_000);
  const { registry } = watched;
  register(registry, addressOf(1), { now: 1_000 });
  watched.commit();
  register(registry, addressOf(1), { now: 5_000 });
  watched.commit();
  const row = rowOf(registry, addressOf(1));
  registry.remove(row, 6_000);
  registry.collectTombstones(7_000);
  watched.commit();
  t.deepEqual(watched.afterKill(), []);
  register(registry, addressOf(2), { now: 2_000 });
  t.is(rowOf(registry, addressOf(2)), row);
  watched.commit();
  t.deepEqual(watched.afterKill(), contents(registry));
  t.is(watched.afterKill()[0]?.lastSeen, 2_000);
});

test('contacts › a failed commit leaves the contacts unchanged', (t) => {
  const watched = new Watched(t, 10);
  const { registry } = watched;
  const turn = (now: number) => {
    for (let index = 0; index < 8; index++) register(registry, addressOf(index), { now });
  };
  turn(1_000);
  watched.commit();
  turn(1_010);
  watched.commit();
  turn(1_020);
  const { database } = (watched.store as unknown as { stored: { database: Database.Database } })
    .stored;
  database.pragma('query_only = ON');
  t.throws(() => watched.commit(), { instanceOf: StoreError });
  t.is(registry.pending().contacts.length, 8);
  database.pragma('query_only = OFF');
  for (let now = 1_020; now < 1_200; now += 10) {
    watched.commit();
    t.deepEqual(watched.afterKill(), contents(registry), String(now));
    turn(now);
  }
});

test('contacts › a damaged record is refused', (t) => {
  for (const sql of [
    "UPDATE contacts SET seen = ''",
    "UPDATE contacts SET seen = '[]'",
    "UPDATE contacts SET seen = 'no json'",
    "UPDATE contacts SET seen = '1],5,[2'",
    "UPDATE contacts SET seen = 'null'",
    "UPDATE contacts SET seen = replace(seen, '1001', '1002')",
    "UPDATE contacts SET seen = replace(seen, '1001', '\"1001\"')",
    "UPDATE contacts SET seen = replace(seen, '[[0,', '[[1,')",
    'UPDATE contacts SET checksum = checksum + 1',
  ]) {
    const watched = new Watched(t, 1_000);
    register(watched.registry, addressOf(1), { now: 1_000 });
    watched.commit();
    register(watched.registry, addressOf(1), { now: 1_001 });
    watched.commit();
    watched.store.close();
    const database = new Database(watched.file);
    t.is(database.prepare(sql).run().changes, 1);
    database.close();
    const store = new HostStore(watched.file);
    const error = t.throws(() => loadRegistry(store, maxHosts, Date.now(), silent), {
      instanceOf: StoreError,
    });
    t.is(error?.code, 'store-corrupt');
    t.regex(error?.message ?? '', /a record after \d+ contacts is damaged/);
    store.close();
  }
});
