// Files damaged on the disk: whichever bytes changed, a daemon either loads sound hosts or ends with a message
// that says what to do.
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import Database from 'better-sqlite3';
import { Registry } from '../../../daemon/core/registry/registry.ts';
import { HostStore, loadRegistry } from '../../../daemon/store/host-store.ts';
import { StoreError } from '../../../daemon/store/store-error.ts';
import { isNodeId } from '../../../shared/protocol/tokens.ts';
import { createRandom, seed } from '../../fixture/random.ts';
import { addressOf, recordsOf, register, rowOf } from '../../fixture/registry.ts';
import { makeFolder } from '../../fixture/temp-folder.ts';

const silent = { info: () => {}, warn: () => {} } as never;
const pageBytes = 4_096;

/** A store of 1,000 hosts and 100 tombstones, closed. */
function makeStore(t: ExecutionContext): string {
  const file = join(makeFolder(t), 'hosts.db');
  const store = new HostStore(file);
  const registry = new Registry({ maxHosts: 2_000 });
  for (let index = 0; index < 1_000; index++)
    register(registry, addressOf(index), { nodeId: `node-${index}` });
  for (let index = 0; index < 200; index++)
    registry.remove(rowOf(registry, addressOf(index)), 2_000 + index);
  registry.collectTombstones(2_100);
  store.commit(registry);
  store.close();
  return file;
}

/** Loads the file and commits to it like a daemon. */
function load(file: string): Registry {
  const store = new HostStore(file);
  try {
    const registry = loadRegistry(store, 2_000, Date.now(), silent);
    register(registry, '192.0.2.1:1');
    store.commit(registry);
    return registry;
  } finally {
    store.close();
  }
}

/** Null if sound hosts were loaded, the error if the file was refused. */
function refusal(file: string): StoreError | null {
  try {
    const registry = load(file);
    const records = [...recordsOf(registry, registry.live), ...recordsOf(registry, registry.gone)];
    for (const record of records) {
      const { nodeId, firstSeen, lastSeen, change, changedAt } = record;
      const isSound =
        isNodeId(nodeId) && [firstSeen, lastSeen, change, changedAt].every(Number.isSafeInteger);
      if (!isSound) throw new Error(`loaded ${JSON.stringify(record)}`);
    }
    const addresses = new Set(records.map((record) => record.address));
    if (addresses.size !== records.length) throw new Error('loaded a host twice');
    if (!Number.isSafeInteger(registry.change)) throw new Error(`change ${registry.change}`);
    return null;
  } catch (error) {
    if (error instanceof StoreError) return error;
    throw error;
  }
}

test('damage › a file truncated anywhere is refused as damaged', (t) => {
  const file = makeStore(t);
  const whole = readFileSync(file);
  // SQLite treats a file of one byte as a new one.
  for (let length = 2; length < whole.length; length += 9_001) {
    writeFileSync(file, whole.subarray(0, length));
    t.is(refusal(file)?.code, 'store-corrupt', `cut to ${length} bytes`);
  }
});

test('damage › a page of zeros or noise is refused as damaged', (t) => {
  const file = makeStore(t);
  const whole = readFileSync(file);
  const random = createRandom();
  for (let at = 0; at < whole.length; at += pageBytes)
    for (const fill of [() => 0, () => Math.floor(random() * 256)]) {
      const damaged = Buffer.from(whole);
      for (let i = at; i < at + pageBytes; i++) damaged[i] = fill();
      writeFileSync(file, damaged);
      t.is(refusal(file)?.code, 'store-corrupt', `page at ${at}`);
    }
});

test('damage › a file with flipped bytes loads sound hosts or is refused', (t) => {
  t.log(`SEED=${seed}`);
  const random = createRandom();
  const below = (limit: number) => Math.floor(random() * limit);
  const file = makeStore(t);
  const whole = readFileSync(file);
  const outcomes = new Map<string, number>();
  for (let round = 0; round < 150; round++) {
    const damaged = Buffer.from(whole);
    for (let flips = 1 + below(20); flips > 0; flips--) damaged[below(whole.length)] = below(256);
    writeFileSync(file, damaged);
    const ended = refusal(file)?.code ?? 'loaded';
    outcomes.set(ended, (outcomes.get(ended) ?? 0) + 1);
  }
  t.log(Object.fromEntries(outcomes));
  t.true((outcomes.get('store-corrupt') ?? 0) > 20);
});

/** Where the pages begin that lead to other pages of a table. */
function interiorPages(file: Buffer): number[] {
  const starts = Array.from({ length: file.length / pageBytes }, (_, page) => page * pageBytes);
  return starts.filter((at) => file[at] === 5);
}

test('damage › a page that leads to others loses none of their hosts unnoticed, whichever bit is flipped', (t) => {
  const file = makeStore(t);
  const whole = readFileSync(file);
  const hosts = recordsOf(load(file), load(file).live).map(({ address }) => address);
  const outcomes = { same: 0, refused: 0 };
  const pages = interiorPages(whole);
  t.true(pages.length > 0);
  for (const page of pages) {
    // Its header, the pointers to its cells, and these at its end.
    const head = 12 + 2 * whole.readUInt16BE(page + 3);
    const cells = whole.readUInt16BE(page + 5);
    for (let at = 0; at < pageBytes; at++) {
      if (at >= head && at < cells) continue;
      const damaged = Buffer.from(whole);
      damaged[page + at] = (damaged[page + at] as number) ^ (1 << (at % 8));
      writeFileSync(file, damaged);
      try {
        const registry = load(file);
        const found = recordsOf(registry, registry.live).map(({ address }) => address);
        t.deepEqual(found, hosts, `byte ${at} of the page at ${page}`);
        outcomes.same++;
      } catch (error) {
        t.is((error as StoreError).code, 'store-corrupt');
        outcomes.refused++;
      }
    }
  }
  t.log(outcomes);
  t.true(outcomes.refused > 50);
});

test('damage › hosts that are missing in a sound file are missed, and everybody gets a full list', (t) => {
  const file = makeStore(t);
  load(file);
  const database = new Database(file);
  database.exec('DELETE FROM host_rows WHERE row % 100 = 7');
  database.close();
  const store = new HostStore(file);
  t.teardown(() => store.close());
  const { epoch } = store.identity;
  const warned: string[] = [];
  const log = { info: () => {}, warn: (_: unknown, text: string) => warned.push(text) } as never;
  loadRegistry(store, 2_000, Date.now(), log);
  t.regex(
    String(warned),
    /901 hosts and tombstones were stored, and it has 892: another program changed it, or the disk lost what was written\. It begins a new epoch/,
  );
  t.not(store.identity.epoch, epoch);
  store.close();
  const again = new HostStore(file);
  loadRegistry(again, 2_000, Date.now(), log);
  again.close();
  t.is(warned.length, 1);
});

test('damage › a changed address is refused, whether another host has it or not', (t) => {
  const file = makeStore(t);
  const whole = readFileSync(file);
  const inFile = (address: string) => Buffer.from(address);
  const at = whole.indexOf(inFile('10.0.3.201:4000'));
  t.true(at > 0);
  for (const other of [
    '10.0.3.202:4000',
    '10.0.3.199:4000',
    '90.0.3.201:4000',
    '10.0.3.201:4001',
  ]) {
    const damaged = Buffer.from(whole);
    inFile(other).copy(damaged, at);
    writeFileSync(file, damaged);
    t.is(refusal(file)?.code, 'store-corrupt', other);
  }
});

test('damage › a torn write-ahead log loses only what was not committed', (t) => {
  const file = makeStore(t);
  const store = new HostStore(file);
  const registry = loadRegistry(store, 2_000, Date.now(), silent);
  register(registry, '192.0.2.1:1');
  store.commit(registry);
  register(registry, '192.0.2.2:1');
  store.commit(registry);
  const copy = join(makeFolder(t), 'hosts.db');
  copyFileSync(file, copy);
  const log = readFileSync(`${file}-wal`);
  store.close();
  for (const length of [0, 20, 31, 32, log.length - pageBytes, log.length - 1]) {
    copyFileSync(file, copy);
    writeFileSync(`${copy}-wal`, log.subarray(0, length));
    t.is(refusal(copy), null, `${length} of ${log.length} bytes`);
  }
});

test('damage › values that no daemon writes are refused, with their position', (t) => {
  const cases: [sql: string, says: RegExp][] = [
    ["UPDATE host_rows SET address = '10.9.9.9:1' WHERE row = 201", /after row 200/],
    ["UPDATE host_rows SET address = 'no address' WHERE row = 201", /after row 200/],
    ["UPDATE host_rows SET node_id = node_id || ' x' WHERE row = 201", /after row 200/],
    ["UPDATE host_rows SET node_id = '' WHERE row = 201", /after row 200/],
    ["UPDATE host_rows SET state = 'gone' WHERE row = 201", /after row 200/],
    ["UPDATE host_rows SET dialect = 'other' WHERE row = 201", /after row 200/],
    ['UPDATE host_rows SET is_proved = 1 WHERE row = 201', /after row 200/],
    ['UPDATE host_rows SET last_seen = last_seen + 1 WHERE row = 201', /after row 200/],
    ['UPDATE host_rows SET first_seen = -1 WHERE row = 201', /after row 200/],
    ['UPDATE host_rows SET checksum = checksum + 1 WHERE row = 999', /after row 998/],
    ["UPDATE host_rows SET version_server = 'other' WHERE row = 201", /after row 200/],
    ['UPDATE host_rows SET row = 2000 WHERE row = 999', /after row 998/],
    ['UPDATE host_rows SET row = -1 WHERE row = 201', /after row -1/],
    ['UPDATE host_rows SET row = 40000000 WHERE row = 999', /row 40000000/],
    ["UPDATE identity SET value = 'x y' WHERE name = 'id'", /identity/],
    ["UPDATE identity SET value = '' WHERE name = 'epoch'", /identity/],
    ["DELETE FROM identity WHERE name = 'epoch'", /identity/],
    ["UPDATE identity SET value = 'many' WHERE name = 'horizon'", /identity/],
  ];
  for (const [sql, says] of cases) {
    const file = makeStore(t);
    const database = new Database(file);
    t.is(database.prepare(sql).run().changes, 1, sql);
    database.close();
    const error = refusal(file);
    t.is(error?.code, 'store-corrupt', sql);
    t.regex(error?.message ?? '', says);
  }
});
