// Merging another server's records: the properties that make the order of arrival irrelevant, and the cases in
// which a tombstone wins or loses.
import test from 'ava';
import fc from 'fast-check';
import { Registry } from '../../../../daemon/core/registry/registry.ts';
import { tombstoneLifetimeMs } from '../../../../daemon/core/registry/tombstones.ts';
import { mergeAll } from '../../../../daemon/core/sync/repair.ts';
import type { HostChange } from '../../../../shared/protocol/sync-message.ts';
import { addressesOf, packed, register, rowOf } from '../../../fixture/registry.ts';

const address = '10.0.0.1:4000';
const now = 1_000_000;

function change(more: Partial<HostChange> = {}): HostChange {
  return {
    address,
    nodeId: 'node',
    state: 'live',
    dialect: 'native',
    firstSeen: 500,
    lastSeen: 900,
    version: { ms: 900, counter: 0, server: 'b' },
    ...more,
  };
}

function merge(registry: Registry, record: HostChange, at = now) {
  return registry.merge(record, packed(record.address), at);
}

function known(registry: Registry): HostChange[] {
  return Array.from({ length: registry.rowsUsed }, (_, row) => registry.hostChange(row))
    .filter(({ lastSeen }) => lastSeen > 0)
    .toSorted((x, y) => (x.address < y.address ? -1 : 1));
}

/** Records whose content is determined by their version, as servers make them. */
const records = fc
  .record({
    host: fc.integer({ min: 0, max: 3 }),
    ms: fc.integer({ min: 1, max: 4 }),
    server: fc.constantFrom('a', 'b', 'c'),
    isGone: fc.boolean(),
    age: fc.integer({ min: 0, max: 3 }),
  })
  .map(({ host, ms, server, isGone, age }) =>
    change({
      address: `10.0.0.${host}:1`,
      nodeId: `${server}${ms}`,
      state: isGone ? 'gone' : 'live',
      firstSeen: ms,
      lastSeen: Math.max(1, ms - age),
      version: { ms, counter: 0, server },
    }),
  );

/** Merges without publishing contested contacts, which is a change and no merge. */
function mergedAll(list: readonly HostChange[]): Map<string, string> {
  const registry = new Registry({ maxHosts: 10, server: 'here' });
  for (const record of list) merge(registry, record);
  return new Map(known(registry).map((each) => [each.address, JSON.stringify(each)]));
}

test('merge › any order and any repetition ends in the same records', (t) => {
  const withoutTies = fc
    .uniqueArray(records, {
      selector: ({ address, version }) => `${address} ${version.ms} ${version.server}`,
      maxLength: 24,
    })
    .chain((list) =>
      fc.tuple(
        fc.constant(list),
        fc.shuffledSubarray(list, { minLength: list.length, maxLength: list.length }),
        fc.array(fc.constantFrom(...(list.length > 0 ? list : [change()])), { maxLength: 9 }),
      ),
    );
  fc.assert(
    fc.property(withoutTies, ([list, shuffled, again]) => {
      const repeated = list.length > 0 ? [...shuffled, ...again] : [];
      t.deepEqual(mergedAll(repeated), mergedAll(list));
    }),
  );
  t.pass();
});

test('merge › digests agree exactly when the live records do, whatever their history', (t) => {
  fc.assert(
    fc.property(fc.array(records, { maxLength: 30 }), (list) => {
      const walked = new Registry({ maxHosts: 10, server: 'here' });
      for (const record of list) merge(walked, record);
      const fresh = new Registry({ maxHosts: 10, server: 'there' });
      for (const record of known(walked)) merge(fresh, record);
      return (
        walked.digest.buckets() === fresh.digest.buckets() &&
        walked.digest.whole() === fresh.digest.whole() &&
        walked.digest.whole() === exclusiveOr(walked.digest.buckets())
      );
    }),
  );
  const one = new Registry({ maxHosts: 10 });
  const empty = one.digest.buckets();
  merge(one, change());
  t.not(one.digest.buckets(), empty);
  one.remove(rowOf(one, address), now);
  t.is(one.digest.buckets(), empty);
});

/** Of digests of 16 hex digits each. */
function exclusiveOr(digests: string): string {
  const all = (digests.match(/.{16}/g) ?? []).map((each) => BigInt(`0x${each}`));
  return all
    .reduce((sum, each) => sum ^ each, 0n)
    .toString(16)
    .padStart(16, '0');
}

test('merge › a newer version replaces the record, an older one only brings a later contact', (t) => {
  const registry = new Registry({ maxHosts: 10 });
  t.is(merge(registry, change()), 'applied');
  const newer = change({ nodeId: 'next', version: { ms: 901, counter: 0, server: 'a' } });
  t.is(merge(registry, newer), 'applied');
  t.is(merge(registry, change({ lastSeen: 950 })), 'known');
  t.deepEqual(known(registry), [{ ...newer, lastSeen: 950 }]);
  t.is(registry.log.length, 0, 'hearsay is not passed on');
});

test('merge › a tombstone wins an exact tie', (t) => {
  const registry = new Registry({ maxHosts: 10 });
  merge(registry, change());
  t.is(merge(registry, change({ state: 'gone' })), 'applied');
  t.is(merge(registry, change()), 'known');
  t.deepEqual(addressesOf(registry, registry.gone), [address]);
});

test('merge › a later contact that a tombstone did not know of is published', (t) => {
  const registry = new Registry({ maxHosts: 10, server: 'here' });
  merge(registry, change());
  register(registry, address, { now: 990 });
  t.is(registry.log.length, 0, 'too small a move to be published');
  t.is(merge(registry, change({ state: 'gone' })), 'contested');
  t.deepEqual(known(registry), [
    change({ lastSeen: 990, version: { ms: 990, counter: 0, server: 'here' } }),
  ]);
  t.is(registry.log.length, 1);
});

test('merge › a contact after a leave is published', (t) => {
  const registry = new Registry({ maxHosts: 10, server: 'here' });
  merge(registry, change());
  register(registry, address, { now: 990 });
  const leave = change({ state: 'gone', version: { ms: 980, counter: 0, server: 'c' } });
  t.is(merge(registry, leave), 'contested');
  t.is(known(registry)[0]?.version.ms, 990);
  t.is(merge(registry, { ...leave, version: { ...leave.version, ms: now + 1 } }), 'applied');
});

test('merge › a leave is later than the contacts that it ends, though the clocks that heard them are ahead', (t) => {
  const seen = now + 24_000;
  const registry = new Registry({ maxHosts: 10, server: 'here' });
  merge(registry, change({ lastSeen: seen }));
  registry.remove(rowOf(registry, address), now);
  t.is(known(registry)[0]?.version.ms, seen + 1);
  // The server that heard an earlier contact corrects its clock, and publishes the contact with its time.
  const version = { ms: seen - 1_000, counter: 0, server: 'c' };
  t.is(merge(registry, change({ lastSeen: now, version })), 'known');
  t.deepEqual(addressesOf(registry, registry.live), []);
});

test('merge › a contact that contradicts an expiry loses to a later leave', (t) => {
  const leave = change({ state: 'gone', version: { ms: 1_500, counter: 0, server: 'c' } });
  const expiry = change({ state: 'gone' });
  for (const order of [
    [expiry, leave],
    [leave, expiry],
  ]) {
    const registry = new Registry({ maxHosts: 10, server: 'here' });
    merge(registry, change());
    register(registry, address, { now: 990 });
    for (const each of order) merge(registry, each);
    t.deepEqual(addressesOf(registry, registry.live), []);
    t.deepEqual(known(registry)[0]?.version, leave.version);
  }
});

test('merge › a later contact brings back a host that is gone here, in either order of arrival', (t) => {
  const registry = new Registry({ maxHosts: 10, server: 'here' });
  const leave = change({ state: 'gone', version: { ms: 980, counter: 0, server: 'c' } });
  merge(registry, leave);
  t.is(merge(registry, change({ lastSeen: 980 })), 'known');
  t.is(merge(registry, change({ lastSeen: 990 })), 'contested');
  t.deepEqual(known(registry), [
    change({ lastSeen: 990, version: { ms: 990, counter: 0, server: 'here' } }),
  ]);
});

test('merge › an expiry keeps the version of the host, and loses to a later contact elsewhere', (t) => {
  const here = new Registry({ maxHosts: 10, server: 'here' });
  const there = new Registry({ maxHosts: 10, server: 'there' });
  register(here, address, { now: 1_000 });
  const first = here.hostChange(rowOf(here, address));
  merge(there, first);
  there.publishAfterMs = 100;
  register(there, address, { now: 1_200 });
  here.expire(rowOf(here, address), 5_000);
  const tombstone = here.hostChange(rowOf(here, address));
  t.deepEqual(tombstone, { ...first, state: 'gone' });
  t.deepEqual([here.log.length, here.log.last], [1, 2]);
  t.is(merge(there, tombstone), 'known');
  t.is(merge(here, there.hostChange(rowOf(there, address))), 'applied');
  t.deepEqual(known(here), known(there));
  t.deepEqual(addressesOf(here, here.live), [address]);
});

test('merge › a record from the future is refused and does not move the clock', (t) => {
  const registry = new Registry({ maxHosts: 10, server: 'here' });
  const future = now + 60_001;
  const version = { ms: future, counter: 0, server: 'b' };
  t.is(merge(registry, change({ version })), 'refused');
  t.is(merge(registry, change({ lastSeen: future })), 'refused');
  register(registry, address, { now });
  t.is(registry.hostChange(rowOf(registry, address)).version.ms, now);
});

test("merge › an unknown live host that was not seen for a tombstone's lifetime is refused as stale", (t) => {
  const registry = new Registry({ maxHosts: 10, server: 'here' });
  const day = 86_400_000;
  const later = 10 * day;
  const oldest = later - day + 60_000;
  const seen = (lastSeen: number, more = {}) => change({ lastSeen, firstSeen: 0, ...more });
  t.is(registry.merge(seen(oldest - 1), packed(address), later), 'stale');
  t.deepEqual(known(registry), []);
  t.is(
    registry.merge(seen(0, { state: 'gone' }), packed(address), later),
    'applied',
    'a tombstone is',
  );
  t.is(registry.merge(seen(oldest), packed('10.0.0.2:1'), later), 'applied');
  registry.tombstoneMs = tombstoneLifetimeMs(30 * day);
  t.is(registry.tombstoneMs, 60 * day);
  t.is(tombstoneLifetimeMs(3_600_000), day);
  t.is(registry.merge(seen(0), packed('10.0.0.3:1'), later), 'applied', 'with a TTL of a month');
});

test('merge › a full registry refuses new hosts, while its own can still change', (t) => {
  const registry = new Registry({ maxHosts: 1 });
  merge(registry, change());
  t.is(merge(registry, change({ address: '10.0.0.2:1' })), 'full');
  const version = { ms: 950, counter: 0, server: 'b' };
  t.is(merge(registry, change({ state: 'gone', version })), 'applied');
  t.is(merge(registry, change({ address: '10.0.0.2:1' })), 'applied');
  t.is(merge(registry, change({ version: { ...version, counter: 1 } })), 'full');
});

test('change log › a row is in it once, at its latest change made here', (t) => {
  const registry = new Registry({ maxHosts: 10, server: 'here' });
  const b = '10.0.0.2:4000';
  register(registry, address);
  register(registry, b);
  register(registry, address, { nodeId: 'other', now: 2_000 });
  const { log } = registry;
  t.deepEqual([log.length, log.last], [2, 3]);
  t.deepEqual([log.entryOf(rowOf(registry, address)), log.entryOf(rowOf(registry, b))], [3, 2]);
  t.is(log.firstAfter(0), rowOf(registry, b));
  t.is(log.firstAfter(2), rowOf(registry, address));
  t.is(log.firstAfter(2, rowOf(registry, b)), rowOf(registry, address));
  merge(registry, change({ version: { ms: 9_000, counter: 0, server: 'b' } }));
  t.deepEqual([log.length, log.last], [1, 3], 'another server has changed it since');
});

function fleet(): [Registry, Registry, Registry] {
  const make = (server: string) => new Registry({ maxHosts: 100, server });
  return [make('a'), make('b'), make('c')];
}

/** What `from` says of the host arrives at `to`. */
function tell(from: Registry, to: Registry, now: number): string {
  const { outcomes } = mergeAll(to, [from.hostChange(rowOf(from, address))], now);
  return Object.entries(outcomes).find(([, count]) => count > 0)?.[0] ?? '';
}

function isLive(registry: Registry): boolean {
  return addressesOf(registry, registry.live).includes(address);
}

for (const order of ['before', 'after'] as const)
  test(`leaving › a leave at a server that does not know the host removes it everywhere, received ${order} the registration`, (t) => {
    const [a, b, c] = fleet();
    register(a, address, { now: 1_000 });
    b.leaveUnknown(packed(address), 'node', 1_500);
    const told = [() => tell(a, c, 2_000), () => tell(b, c, 2_000)];
    for (const each of order === 'before' ? told.toReversed() : told) each();
    tell(b, a, 2_000);
    tell(a, b, 2_000);
    t.deepEqual([a, b, c].map(isLive), [false, false, false]);
  });

test('leaving › a second leave at a server wins over a registration elsewhere in between', (t) => {
  const [a, b] = fleet();
  register(b, address, { now: 1_000 });
  b.remove(rowOf(b, address), 1_100);
  tell(b, a, 1_200);
  register(a, address, { now: 1_300 });
  b.leaveUnknown(packed(address), 'node', 1_400);
  t.is(b.gone.length, 1);
  t.is(tell(b, a, 1_500), 'applied');
  t.false(isLive(a));
});

test('leaving › a host that comes back after it is live everywhere', (t) => {
  const [a, b, c] = fleet();
  b.leaveUnknown(packed(address), 'node', 1_000);
  register(a, address, { now: 1_500 });
  tell(b, a, 2_000);
  tell(a, b, 2_000);
  tell(b, c, 2_000);
  tell(a, c, 2_000);
  t.deepEqual([a, b, c].map(isLive), [true, true, true]);
});

test('leaving › another node at the same address is not removed through a server that does not know it', (t) => {
  const [a, b, c] = fleet();
  register(a, address, { nodeId: 'victim', now: 1_000 });
  tell(a, c, 1_100);
  b.leaveUnknown(packed(address), 'evil', 1_500);
  for (let round = 0; round < 2; round++)
    for (const from of [b, a, c])
      for (const to of [a, b, c]) if (to !== from) tell(from, to, 2_000);
  t.deepEqual([a, b, c].map(isLive), [true, true, true]);
  const versions = [a, b, c].map((registry) => registry.versions.get(rowOf(registry, address)));
  t.deepEqual(versions[0], versions[1]);
  t.deepEqual(versions[0], versions[2]);
  t.is(a.digest.buckets(), b.digest.buckets());
});
