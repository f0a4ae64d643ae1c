// Hosts from files: whatever a file says, no dead host becomes live again by it.
import test from 'ava';
import {
  type ImportedHost,
  type ImportOutcome,
  importHost,
} from '../../../../daemon/core/registry/importing.ts';
import { Registry } from '../../../../daemon/core/registry/registry.ts';
import { packed, register, rowOf } from '../../../fixture/registry.ts';

const [now, ttlMs] = [1_800_000_000_000, 3_600_000];
const hour = 3_600_000;
const address = '192.0.2.7:4000';

function newRegistry(options = {}): Registry {
  return new Registry({ maxHosts: 100, server: 'aaaaaaaaaaaaaaaa', ...options });
}

function bring(registry: Registry, host: Partial<ImportedHost> = {}): ImportOutcome {
  const whole = {
    ...{ address, nodeId: 'node', dialect: 'native' as const },
    ...{ firstSeen: now - 5 * hour, lastSeen: now - 2 * hour },
    ...host,
  };
  return importHost(registry, packed(whole.address), whole, { now, ttlMs });
}

test('importing › a host is live, unproved and has the times of the file', (t) => {
  const registry = newRegistry();
  t.is(bring(registry), 'stored');
  const row = rowOf(registry, address);
  t.true(registry.isLive(row));
  t.false(registry.isProved(row));
  t.like(registry.record(row), { firstSeen: now - 5 * hour, lastSeen: now - 2 * hour });
  t.true(registry.hasPending, 'it is to be stored');
});

test('importing › it was seen one TTL ago at the latest, so that it is pinged at once', (t) => {
  const registry = newRegistry();
  t.is(bring(registry, { firstSeen: now, lastSeen: now }), 'stored');
  const { firstSeen, lastSeen } = registry.record(rowOf(registry, address));
  t.deepEqual([firstSeen, lastSeen], [now - ttlMs, now - ttlMs]);
});

test('importing › peers are sent it, with the version of that contact', (t) => {
  const registry = newRegistry();
  bring(registry);
  const row = rowOf(registry, address);
  t.is(registry.log.entryOf(row), 1);
  t.deepEqual(registry.hostChange(row).version, {
    ms: now - 2 * hour,
    counter: 0,
    server: 'aaaaaaaaaaaaaaaa',
  });
});

test('importing › a live host is known, whatever the file says of it', (t) => {
  const registry = newRegistry();
  register(registry, address, { now: now - 3 * hour });
  t.is(bring(registry, { lastSeen: now }), 'known');
  t.is(registry.record(rowOf(registry, address)).lastSeen, now - 3 * hour);
  t.is(bring(registry, { nodeId: 'other' }), 'taken');
});

test('importing › a host that left or was deleted later stays deleted', (t) => {
  const registry = newRegistry();
  register(registry, address, { now: now - 4 * hour });
  registry.remove(rowOf(registry, address), now - hour / 2);
  t.is(bring(registry), 'deleted');
  t.is(bring(registry, { lastSeen: now }), 'deleted', 'also if the file claims a contact now');
  t.is(registry.live.length, 0);
});

test('importing › a host that was seen elsewhere after it expired here comes back', (t) => {
  const registry = newRegistry();
  register(registry, address, { now: now - 4 * hour });
  registry.expire(rowOf(registry, address), now - 3 * hour);
  t.is(bring(registry, { lastSeen: now - 4 * hour }), 'deleted', 'the contact that was judged');
  t.is(bring(registry, { lastSeen: now - 2 * hour }), 'stored');
  t.deepEqual([registry.live.length, registry.gone.length], [1, 0]);
});

test('importing › what tombstones no longer know is refused', (t) => {
  t.is(bring(newRegistry(), { firstSeen: 0, lastSeen: now - 24 * hour }), 'too-old');
  t.is(bring(newRegistry(), { firstSeen: 0, lastSeen: now - 23 * hour }), 'stored');
  const doubted = newRegistry();
  doubted.clock.doubtedMs = 100 * hour;
  t.is(bring(doubted, { firstSeen: 0, lastSeen: now - 24 * hour }), 'too-old');
});

test('importing › the limits are those of hosts that register', (t) => {
  const registry = newRegistry({ maxHosts: 3, perSource: 1 });
  t.is(bring(registry), 'stored');
  t.is(bring(registry, { address: '192.0.2.7:4001' }), 'over-share');
  t.is(bring(registry, { address: '192.0.2.8:4000' }), 'stored');
  t.is(bring(registry, { address: '192.0.2.9:4000' }), 'stored');
  t.is(bring(registry, { address: '192.0.2.10:4000' }), 'full');
  for (const none of ['0.0.0.0:1', '224.0.0.1:1', '255.255.255.255:1', '[::]:1', '[ff02::1]:1'])
    t.is(bring(newRegistry(), { address: none }), 'no-address');
});
