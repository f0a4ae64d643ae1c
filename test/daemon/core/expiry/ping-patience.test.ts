// How long an attempt waits, by what hosts needed before.
import test from 'ava';
import { expiryIntervals } from '../../../../daemon/core/expiry/expiry-intervals.ts';
import { PingPatience } from '../../../../daemon/core/expiry/ping-patience.ts';
import { ExpiryWorld } from '../../../fixture/expiry-world.ts';

const limits = { leastPingMs: 250, pingMs: 5_000 };
const attempts = 4;

test('ping patience › follows the round trips of hosts, and doubles with each attempt', (t) => {
  const patience = new PingPatience();
  t.is(patience.limitMs(0, attempts, limits), 1_000, 'nothing was measured yet');
  for (let i = 0; i < 50; i++) patience.note(20);
  t.deepEqual(
    [0, 1, 2, 3].map((attempt) => patience.limitMs(attempt, attempts, limits)),
    [250, 500, 1_000, 5_000],
  );
  for (let i = 0; i < 50; i++) patience.note(600);
  const limit = patience.limitMs(0, attempts, limits);
  t.true(limit > 600 && limit < 1_200, `${limit}`);
  for (let i = 0; i < 50; i++) patience.note(4_900);
  t.is(patience.limitMs(1, attempts, limits), 5_000);
});

test('ping patience › at a TTL of a minute or three, hosts 300 ms away have time for their two round trips', (t) => {
  for (const ttlMs of [30_000, 60_000, 180_000]) t.true(expiryIntervals(ttlMs).pingMs >= 600);
  t.is(expiryIntervals(3_600_000).pingMs, 5_000);
  t.is(expiryIntervals(2_000).pingMs, 250, 'no attempt overlaps the next one');
});

test('ping patience › hosts that take 600 ms to answer are not deleted at a TTL of a minute, even one that is the only slow one', (t) => {
  for (const slowShare of [1, 0.05]) {
    const world = new ExpiryWorld({ ttlMs: 60_000, ticksPerTtl: 600 });
    const hosts = Array.from({ length: 40 }, (_, index) => `10.0.0.${index + 1}:4000`);
    for (const address of hosts) world.contact(address);
    for (const address of hosts.slice(0, slowShare * hosts.length))
      world.slowness.set(address, 600);
    world.run(5 * world.ttlMs);
    t.is(world.live.length, hosts.length, `${slowShare}`);
    t.is(world.frozenBy, null);
  }
});
