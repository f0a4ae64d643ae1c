// Many hosts at once that do not answer: an operator must know, whoever is right.
import test from 'ava';
import { MassDeletion, massDeletionText } from '../../../../daemon/core/expiry/mass-deletion.ts';
import { ExpiryWorld } from '../../../fixture/expiry-world.ts';

const minute = 60_000;
const ttlMs = 60 * minute;

test('mass deletion › a third of the hosts within one TTL is too many, and a few are not', (t) => {
  const mass = new MassDeletion(ttlMs);
  mass.tick(0, 19, 5);
  t.is(mass.current, null, 'as in a small network');
  mass.tick(minute, 1, 60);
  t.is(mass.current, null, 'a quarter');
  mass.tick(2 * minute, 30, 50);
  t.deepEqual(mass.current, { deleted: 50, of: 100 });
  mass.tick(70 * minute, 0, 50);
  t.is(mass.current, null, 'a TTL later');
});

test('mass deletion › the log says how many, why, and what to do if they are alive', (t) => {
  const settings = { ttlMs, attempts: 3 };
  t.is(
    massDeletionText({ deleted: 50, of: 150 }, { ...settings, servers: 1 }),
    '50 of 150 hosts were deleted within 3600 s and more may follow: 3 pings each got no answer, and no other name server is there to give a second opinion; if they are alive, look at the network and the firewalls between this server and them',
  );
  t.regex(
    massDeletionText({ deleted: 50, of: 150 }, { ...settings, servers: 2 }),
    / no answer, and another name server got no answer either; /,
  );
});

test('mass deletion › a lone server that loses its way to 127 of 150 live hosts says so before most are deleted', (t) => {
  const world = new ExpiryWorld();
  const hosts = Array.from({ length: 150 }, (_, index) => `10.0.${index >> 7}.${index & 127}:4000`);
  for (const address of hosts) world.contact(address);
  const near = hosts.slice(127);
  world.silence(hosts.slice(0, 127));
  for (const address of near) world.every(minute, () => world.contact(address));
  world.runUntil(() => world.expiry.massDeletion.current !== null, 3 * ttlMs);
  t.true(world.live.length > 75, `${world.live.length} were left`);
  world.runUntil(() => world.live.length === near.length, ttlMs);
  t.deepEqual(world.expiry.status().massDeletion, { deleted: 127, of: 150 });
  world.run(1.1 * ttlMs);
  t.is(world.expiry.status().massDeletion, null);
});
