import test from 'ava';
import fc from 'fast-check';
import { hashSource } from '../../../../daemon/core/registry/address-hash.ts';
import { Registry } from '../../../../daemon/core/registry/registry.ts';
import { SourceCounts } from '../../../../daemon/core/registry/source-shares.ts';
import { sourceOf } from '../../../../shared/protocol/address-kind.ts';
import { createRandom, seed } from '../../../fixture/random.ts';
import {
  addresses,
  addressesOf,
  addressOf,
  packed,
  register,
  rowOf,
} from '../../../fixture/registry.ts';

const greedy = '192.0.2.1';
const subnet = (host: number, port = 4000) => `[2001:db8:1:2::${host.toString(16)}]:${port}`;

/** Registers ports of one address until one is refused. @returns how many were accepted */
function fill(registry: Registry, most: number, at = (port: number) => `${greedy}:${port}`) {
  let taken = 0;
  for (let port = 1; port <= most; port++)
    if (register(registry, at(port), { now: 1_000 + port }) === 'registered') taken++;
  return taken;
}

test('source shares › one source can register its share and no more, while others still can', (t) => {
  const registry = new Registry({ maxHosts: 100_000, perSource: 1_024 });
  t.is(fill(registry, 65_535), 1_024);
  t.is(register(registry, `${greedy}:65535`), 'over-share');
  t.is(register(registry, `${greedy}:1`), 'refreshed', 'who is there stays');
  t.is(register(registry, '[::ffff:192.0.2.1]:65535'), 'over-share', 'the same address');
  t.is(register(registry, '192.0.2.2:4000'), 'registered');
  registry.remove(rowOf(registry, `${greedy}:1`), 100_000);
  t.is(register(registry, `${greedy}:65535`), 'registered', 'one that left makes room');
});

test('source shares › all addresses of an IPv6 /64 are one source', (t) => {
  const registry = new Registry({ maxHosts: 10_000, perSource: 300 });
  t.is(
    fill(registry, 1_000, (host) => subnet(host)),
    300,
  );
  t.is(register(registry, '[2001:db8:1:3::1]:4000'), 'registered');
});

test("source shares › 512 nodes behind a carrier's address fit, each of them twice", (t) => {
  const registry = new Registry({ maxHosts: 1_000_000, perSource: 1_024 });
  t.is(fill(registry, 2 * 512), 2 * 512);
});

test('source shares › one source has at most half of a small registry, even with proved hosts', (t) => {
  const registry = new Registry({ maxHosts: 1_000, perSource: 1_024 });
  t.is(fill(registry, 2_000), 500);
  for (const address of addressesOf(registry, registry.live))
    registry.prove(rowOf(registry, address), 9_000);
  for (let index = 0; index < 500; index++)
    t.is(register(registry, addressOf(index)), 'registered');
  t.is(register(registry, addressOf(500)), 'full', 'proved hosts stay');
});

test('source shares › a full registry drops unproved hosts of the greediest source for newcomers', (t) => {
  const registry = new Registry({ maxHosts: 1_000, perSource: 1_024 });
  const honest = addresses(500);
  for (const address of honest) register(registry, address);
  t.is(fill(registry, 2_000), 500);
  const proved = `${greedy}:7`;
  registry.prove(rowOf(registry, proved), 9_000);
  const newcomers = Array.from({ length: 300 }, (_, index) => addressOf(1_000 + index));
  for (const address of newcomers)
    t.is(register(registry, address, { now: 10_000 }), 'registered', address);
  const live = new Set(addressesOf(registry, registry.live));
  t.is(live.size, 1_000);
  t.deepEqual(
    [...honest, ...newcomers, proved].filter((address) => !live.has(address)),
    [],
  );
  t.is(registry.crowdedOut, 300);
});

test('source shares › no host is dropped for a newcomer whose source already has as many hosts', (t) => {
  const registry = new Registry({ maxHosts: 54, perSource: 1_024 });
  fill(registry, 18);
  fill(registry, 18, (port) => `192.0.2.2:${port}`);
  for (let index = 0; index < 18; index++) register(registry, addressOf(index));
  t.is(register(registry, `${greedy}:99`), 'full', 'its own are as many');
  t.is(register(registry, '192.0.2.3:1'), 'registered');
  t.is(register(registry, '192.0.2.3:2'), 'registered');
  t.is(register(registry, '192.0.2.3:3'), 'registered');
  t.is(register(registry, '192.0.2.3:4'), 'registered');
  t.is(register(registry, '192.0.2.3:5'), 'full', 'those with sixteen are as modest as others');
});

test('source shares › a source that comes and goes with all its ports does not use up the tombstones', (t) => {
  const registry = new Registry({ maxHosts: 1_000, perSource: 1_024 });
  for (let index = 0; index < 20; index++) register(registry, addressOf(index));
  const cursor = registry.change;
  registry.remove(rowOf(registry, addressOf(3)), 2_000);
  for (let port = 1; port <= 2_000; port++)
    if (register(registry, `${greedy}:${port}`, { now: 3_000 }) === 'registered')
      registry.remove(rowOf(registry, `${greedy}:${port}`), 3_000);
  t.true(registry.horizon <= cursor, `the cursor ${cursor} is before ${registry.horizon}`);
  t.is(register(registry, addressOf(21)), 'registered');
});

test('source shares › a tombstone that is dropped, or whose host returns, is no longer counted', (t) => {
  const registry = new Registry({ maxHosts: 100, perSource: 1_024 });
  const comeAndGo = (port: number) => {
    const outcome = register(registry, `${greedy}:${port}`, { now: 3_000 });
    if (outcome !== 'over-share') registry.remove(rowOf(registry, `${greedy}:${port}`), 3_000);
    return outcome;
  };
  // A quarter of the room for 26 tombstones.
  const outcomes = Array.from({ length: 10 }, (_, index) => comeAndGo(index + 1));
  t.deepEqual(
    outcomes.map((outcome) => outcome === 'registered'),
    [true, true, true, true, true, true, true, false, false, false],
  );
  registry.collectTombstones(4_000);
  t.is(comeAndGo(8), 'registered');
});

test('source shares › restored hosts are counted', (t) => {
  const before = new Registry({ maxHosts: 1_000, perSource: 16 });
  fill(before, 16);
  const rows = Array.from({ length: 16 }, (_, row) => before.stored(row));
  const options = { maxHosts: 1_000, perSource: 16, horizon: 0, rows: 16 };
  t.is(register(Registry.restore(rows, options), `${greedy}:99`), 'over-share');
});

test('source shares › hosts from peers are counted, but not refused', (t) => {
  const registry = new Registry({ maxHosts: 1_000, perSource: 16 });
  for (let port = 1; port <= 30; port++) {
    const version = { ms: 5_000 + port, counter: 0, server: 'other' };
    const host = { nodeId: 'x', state: 'live', dialect: 'native' } as const;
    const times = { firstSeen: 5_000, lastSeen: 5_000 };
    const address = `${greedy}:${port}`;
    t.is(
      registry.merge({ address, ...host, ...times, version }, packed(address), 5_100),
      'applied',
    );
  }
  t.is(register(registry, `${greedy}:99`), 'over-share');
});

test('source counts › a source is never counted too low, and among many sources hardly too high', (t) => {
  t.log(`SEED=${seed}`);
  const random = createRandom();
  const counts = new SourceCounts(100_000, Math.floor(random() * 2 ** 32));
  for (let index = 0; index < 100_000; index++) counts.add(packed(addressOf(index)), 0, 1);
  let worst = 0;
  for (let index = 0; index < 100_000; index += 7) {
    const count = counts.of(packed(addressOf(index)), 0);
    if (count < 1) t.fail(`${addressOf(index)} is counted ${count} times`);
    worst = Math.max(worst, count);
  }
  t.true(worst <= 16, `counted up to ${worst} times`);
});

test('source counts › hashes of sources are equal exactly when their texts are', (t) => {
  const anyAddress = fc.constantFrom(
    '192.0.2.1:1',
    '192.0.2.1:2',
    '192.0.2.2:1',
    '[::ffff:192.0.2.1]:3',
    subnet(1),
    subnet(2, 5),
    '[2001:db8:1:3::1]:1',
    '[2001:db8:2:2::1]:1',
    '[::1]:1',
  );
  fc.assert(
    fc.property(anyAddress, anyAddress, (a, b) => {
      const [one, other] = [packed(a), packed(b)];
      return (
        (hashSource(one, 0, 7) === hashSource(other, 0, 7)) === (sourceOf(one) === sourceOf(other))
      );
    }),
  );
  t.pass();
});
