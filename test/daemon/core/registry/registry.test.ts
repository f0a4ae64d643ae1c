import test from 'ava';
import { type HostRecord, Registry } from '../../../../daemon/core/registry/registry.ts';
import {
  addressesOf,
  packed,
  recordsOf,
  register,
  registryOf,
  rowOf,
  storedHost,
} from '../../../fixture/registry.ts';

const a = '10.0.0.1:4000';
const b = '[2001:db8::1]:4000';
const c = '10.0.0.3:4000';

const settled: HostRecord = {
  address: a,
  nodeId: 'node',
  firstSeen: 1_000,
  lastSeen: 1_000,
  state: 'live',
  dialect: 'native',
  change: 1,
  changedAt: 1_000,
};

test('registry › a new host is stored with its times and the number of its change', (t) => {
  const registry = registryOf([a, b]);
  t.deepEqual(recordsOf(registry, registry.live), [
    settled,
    { ...settled, address: b, firstSeen: 1_001, lastSeen: 1_001, change: 2, changedAt: 1_001 },
  ]);
  t.is(registry.change, 2);
});

test('registry › a host that is seen again is refreshed without a membership change', (t) => {
  const registry = registryOf([a]);
  t.is(register(registry, a, { nodeId: 'renamed', dialect: 'legacy', now: 5_000 }), 'refreshed');
  t.deepEqual(recordsOf(registry, registry.live), [
    { ...settled, nodeId: 'renamed', dialect: 'legacy', lastSeen: 5_000 },
  ]);
  t.is(registry.change, 1);
});

test('registry › a change of dialect is a change for peers, whose digests go by versions', (t) => {
  const [here, there] = ['here', 'there'].map((server) => new Registry({ maxHosts: 9, server }));
  const tell = () => there.merge(here.hostChange(rowOf(here, a)), packed(a), 1_000);
  register(here, a, { dialect: 'legacy' });
  tell();
  register(here, a, { dialect: 'native' });
  t.is(tell(), 'applied');
  t.is(there.record(rowOf(there, a)).dialect, 'native');
});

test("registry › a host's dialect is the one that it spoke last", (t) => {
  const registry = new Registry({ maxHosts: 1 });
  register(registry, a, { dialect: 'legacy' });
  t.is(registry.record(rowOf(registry, a)).dialect, 'legacy');
  register(registry, a, { dialect: 'native' });
  t.is(registry.record(rowOf(registry, a)).dialect, 'native');
});

test('registry › every contact moves last seen forward, never back, even if the clock is set back', (t) => {
  const registry = registryOf([a]);
  register(registry, a, { now: 400 });
  registry.seen(rowOf(registry, a), 500);
  t.is(registry.record(rowOf(registry, a)).lastSeen, 1_002);
});

test('registry › a deleted host leaves a tombstone', (t) => {
  const registry = registryOf([a]);
  registry.remove(rowOf(registry, a), 2_000);
  t.deepEqual(recordsOf(registry, registry.live), []);
  t.deepEqual(recordsOf(registry, registry.gone), [
    { ...settled, state: 'gone', change: 2, changedAt: 2_000 },
  ]);
});

test('registry › a node that returns keeps its first contact, and another node at its address gets a new one', (t) => {
  const registry = registryOf([a, c]);
  for (const address of [a, c]) registry.remove(rowOf(registry, address), 2_000);
  t.is(register(registry, a, { now: 3_000 }), 'returned');
  t.is(register(registry, c, { nodeId: 'other', now: 3_001 }), 'returned');
  t.deepEqual(recordsOf(registry, registry.live), [
    { ...settled, lastSeen: 3_000, change: 5, changedAt: 3_000 },
    {
      ...settled,
      address: c,
      nodeId: 'other',
      firstSeen: 3_001,
      lastSeen: 3_001,
      change: 6,
      changedAt: 3_001,
    },
  ]);
  t.is(registry.gone.length, 0);
});

test('registry › it holds maxHosts hosts, and refreshes them even when it is full', (t) => {
  const registry = registryOf([a, b], 2);
  const { revision } = registry;
  t.is(register(registry, c), 'full');
  t.is(registry.find(packed(c), 0), -1);
  t.is(registry.revision, revision);
  t.is(register(registry, a), 'refreshed');
  registry.remove(rowOf(registry, a), 2_000);
  t.is(register(registry, c), 'registered');
  t.is(register(registry, a), 'full');
  t.deepEqual(addressesOf(registry, registry.live), [b, c]);
  t.deepEqual(addressesOf(registry, registry.gone), [a]);
});

test('registry › when rows run out the oldest tombstone is dropped and the horizon rises', (t) => {
  const registry = new Registry({ maxHosts: 4 });
  const addresses = Array.from({ length: 8 }, (_, i) => `10.0.0.${i}:4000`);
  // Four hosts, and a quarter of that plus one as tombstones.
  for (const address of addresses) {
    register(registry, address);
    registry.remove(rowOf(registry, address), 1_000);
  }
  t.deepEqual(addressesOf(registry, registry.gone), addresses.slice(2));
  t.is(registry.horizon, 4);
  t.is(registry.pending().forgotten.length, 2);
});

test('registry › old tombstones are dropped and the horizon rises', (t) => {
  const registry = registryOf([a, b, c]);
  registry.remove(rowOf(registry, a), 2_000);
  registry.remove(rowOf(registry, b), 3_000);
  t.is(registry.collectTombstones(2_000), 0);
  t.is(registry.collectTombstones(2_001), 1);
  t.deepEqual(addressesOf(registry, registry.gone), [b]);
  t.deepEqual([registry.horizon, registry.change], [4, 5]);
  t.is(register(registry, a, { now: 4_000 }), 'registered');
  t.is(registry.record(rowOf(registry, a)).firstSeen, 4_000);
});

test('registry › every changed row is pending once', (t) => {
  const registry = registryOf([a, b]);
  register(registry, a);
  t.deepEqual(
    registry.pending().rows.map((row) => registry.record(row).address),
    [a, b],
  );
  t.true(registry.hasPending);
  registry.settle();
  t.false(registry.hasPending);
  t.deepEqual(registry.pending(), {
    rows: [],
    contacts: [],
    forgotten: [],
    horizon: 0,
    entry: 2,
    applied: [],
  });
  registry.remove(rowOf(registry, b), 2_000);
  t.deepEqual(registry.pending().rows, [rowOf(registry, b)]);
});

test('registry › for a host that was only seen again, a contact is pending instead of the whole row', (t) => {
  const registry = registryOf([a, b]);
  registry.publishAfterMs = 1_000;
  registry.settle();
  const pending = () => {
    const { rows, contacts } = registry.pending();
    return { rows: [...rows], contacts: [...contacts] };
  };
  const [first, second] = [rowOf(registry, a), rowOf(registry, b)];
  registry.seen(first, 1_500);
  register(registry, b, { now: 9_000 });
  t.deepEqual(pending(), { rows: [], contacts: [first, second] });
  t.deepEqual(registry.log.entryOf(second), 3);
  registry.remove(first, 9_000);
  t.deepEqual(pending(), { rows: [first], contacts: [second] });
  register(registry, b, { dialect: 'legacy', now: 9_001 });
  t.deepEqual(pending(), { rows: [first, second], contacts: [] });
  registry.settle();
  register(registry, b, { nodeId: 'other', dialect: 'legacy', now: 9_002 });
  t.deepEqual(pending(), { rows: [second], contacts: [] });
});

test('registry › a change stays pending until it is settled', (t) => {
  const registry = registryOf([a]);
  registry.pending();
  registry.remove(rowOf(registry, a), 2_000);
  register(registry, a, { now: 3_000 });
  t.deepEqual(registry.pending().rows, [rowOf(registry, a)]);
});

test('registry › the revision rises with everything that a console could show', (t) => {
  const registry = registryOf([a]);
  const steps = [
    () => register(registry, b),
    () => register(registry, a, { now: 2_000 }),
    () => registry.seen(rowOf(registry, a), 3_000),
    () => registry.remove(rowOf(registry, a), 4_000),
    () => registry.collectTombstones(5_000),
  ];
  let last = registry.revision;
  for (const step of steps) {
    step();
    t.true(registry.revision > last, String(step));
    last = registry.revision;
  }
});

test('registry › it is restored from its records in any order', (t) => {
  const registry = registryOf([a, b, c]);
  register(registry, b, { nodeId: 'b', dialect: 'legacy', now: 2_000 });
  registry.remove(rowOf(registry, a), 3_000);
  const records = [...recordsOf(registry, registry.live), ...recordsOf(registry, registry.gone)];
  for (const order of [records, [...records].reverse()]) {
    const restored = Registry.restore(order.map(storedHost), {
      ...{ maxHosts: 1_000, horizon: 0, rows: 3 },
    });
    t.deepEqual(recordsOf(restored, restored.live), recordsOf(registry, registry.live));
    t.deepEqual(recordsOf(restored, restored.gone), recordsOf(registry, registry.gone));
    t.deepEqual([restored.change, restored.hasPending], [4, false]);
  }
});

test('registry › a restored registry continues its change numbers after the horizon', (t) => {
  const registry = Registry.restore([storedHost(settled, 0)], {
    maxHosts: 10,
    horizon: 7,
    rows: 1,
  });
  t.deepEqual([registry.change, registry.horizon], [7, 7]);
  register(registry, b);
  t.is(registry.record(rowOf(registry, b)).change, 8);
});

test('registry › the version of a later change exceeds a restored one from the future once peers accept that', (t) => {
  const version = { ms: 100_000, counter: 7, server: 'here' };
  const load = () =>
    Registry.restore([{ ...storedHost(settled, 0), version }], {
      ...{ maxHosts: 10, horizon: 0, rows: 1, server: 'here', now: 1_000 },
    });
  const removed = (now: number) => {
    const registry = load();
    registry.remove(rowOf(registry, a), now);
    return registry.versions.get(rowOf(registry, a));
  };
  t.deepEqual(removed(39_999), { ms: 39_999, counter: 0, server: 'here' });
  t.deepEqual(removed(40_000), { ms: 100_000, counter: 8, server: 'here' });
});

test('registry › more tombstones than there is room for are restored, and make room for hosts', (t) => {
  const gone = Array.from(
    { length: 50 },
    (_, index): HostRecord => ({
      ...settled,
      address: `10.0.0.${index}:1`,
      state: 'gone',
      change: index + 1,
    }),
  );
  const registry = Registry.restore(gone.map(storedHost), { maxHosts: 4, horizon: 0, rows: 50 });
  t.deepEqual([registry.gone.length, registry.horizon], [50, 0]);
  for (const address of [a, b, c]) t.is(register(registry, address), 'registered');
  t.deepEqual([registry.gone.length, registry.horizon], [47, 3]);
});

test('registry › free rows between restored ones are used first', (t) => {
  const hosts = [storedHost(settled, 1), storedHost({ ...settled, address: b, change: 2 }, 3)];
  const registry = Registry.restore(hosts, { maxHosts: 10, horizon: 0, rows: 4 });
  const d = '10.0.0.4:4000';
  for (const address of [c, d, '10.0.0.5:4000']) register(registry, address);
  t.deepEqual([rowOf(registry, c), rowOf(registry, d)].sort(), [0, 2]);
  t.is(rowOf(registry, '10.0.0.5:4000'), 4);
  t.deepEqual(addressesOf(registry, registry.live), [a, b, c, d, '10.0.0.5:4000']);
});

test('registry › restoring two hosts with one address is refused', (t) => {
  t.throws(
    () =>
      Registry.restore([storedHost(settled, 0), storedHost(settled, 1)], {
        ...{ maxHosts: 1, horizon: 0, rows: 2 },
      }),
    { instanceOf: RangeError, message: '10.0.0.1:4000 is in two rows' },
  );
});

test('registry › a host is proved only by answering a ping', (t) => {
  const registry = registryOf([a, b]);
  const [proved, other] = [rowOf(registry, a), rowOf(registry, b)];
  registry.seen(other, 2_000);
  register(registry, b, { now: 2_001 });
  registry.prove(proved, 2_002);
  t.deepEqual([registry.isProved(proved), registry.isProved(other)], [true, false]);
  t.deepEqual([registry.unprovedRows.has(proved), registry.unprovedRows.has(other)], [false, true]);
  t.is(registry.record(proved).lastSeen, 2_002);
  registry.remove(proved, 3_000);
  register(registry, a, { now: 3_001 });
  t.true(registry.isProved(proved), 'the same node comes back to its address');
});

test('registry › another node at the address, or another dialect, is not proved by the earlier answer', (t) => {
  const takeOvers: ((registry: Registry) => void)[] = [
    (registry) => register(registry, a, { nodeId: 'another' }),
    (registry) => register(registry, a, { dialect: 'legacy' }),
    (registry) => {
      registry.remove(rowOf(registry, a), 2_000);
      register(registry, a, { nodeId: 'another', now: 2_001 });
    },
    (registry) => {
      const version = { ms: 3_000, counter: 0, server: 'other' };
      registry.merge({ ...settled, nodeId: 'another', version }, packed(a), 3_000);
    },
  ];
  for (const takeOver of takeOvers) {
    const registry = registryOf([a]);
    registry.prove(rowOf(registry, a), 1_000);
    takeOver(registry);
    const row = rowOf(registry, a);
    t.deepEqual([registry.isProved(row), registry.unprovedRows.has(row)], [false, true]);
  }
});
