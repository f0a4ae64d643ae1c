// Which of several name servers pings a host. One shared registry stands for replication that takes no time.
import test from 'ava';
import { Expiry } from '../../../../daemon/core/expiry/expiry.ts';
import { participant, rank } from '../../../../daemon/core/expiry/rendezvous.ts';
import { ExpiryWorld } from '../../../fixture/expiry-world.ts';
import { addresses, addressOf, packed } from '../../../fixture/registry.ts';

const minute = 60_000;
const hour = 60 * minute;
const servers = ['a', 'b', 'c'];

test('shares › "the list is so split evenly over the name servers": each pings its share', (t) => {
  for (const ids of [servers.slice(0, 2), servers]) {
    const world = new ExpiryWorld({ servers: ids });
    const count = 1_000;
    for (let index = 0; index < count; index++) world.knew(addressOf(index), 0);
    world.run(1.1 * hour);
    // Any server may ping a canary; only pings of due hosts count.
    const owners = new Map<string, string>();
    for (const line of world.lines('ping')) {
      const [, id = '', , address = ''] = line.split(' ');
      const [first] = rank(packed(address), 0, ids.map(participant));
      if (first === id) owners.set(address, id);
    }
    t.true(owners.size > 0.9 * count, `${owners.size}`);
    for (const id of ids) {
      const share = [...owners.values()].filter((each) => each === id).length / owners.size;
      t.true(Math.abs(share - 1 / ids.length) < 0.05, `${id} ${share}`);
    }
    t.true(world.lines('ping').length <= 1.1 * count, `${world.lines('ping').length} pings`);
    t.is(world.live.length, count);
  }
});

test('shares › "Taking over a dead peer\'s share makes hosts due for ping, never due for delete"', (t) => {
  // nacos#1873: the new owner judged by stale timestamps of its own and deleted live hosts.
  const world = new ExpiryWorld({ servers });
  for (let index = 0; index < 600; index++) world.knew(addressOf(index), index % 2 ? 20 * hour : 0);
  const participants = servers.map(participant);
  const ofB = addresses(600).filter((host) => rank(packed(host), 0, participants)[0] === 'b');
  // Only b has been deaf and dumb: what it owns is stale for all.
  const b = world.servers.get('b') as Expiry;
  b.tick = () => [];
  world.run(30 * minute);
  const stale = ofB.filter((address) => world.now.wall - world.lastSeen(address) > hour);
  t.true(stale.length > 60, `${stale.length}`);
  world.transcript = [];
  world.servers.delete('b');
  world.run(3 * minute);
  t.deepEqual(world.lines('expired'), []);
  for (const address of stale) t.is(world.lines(`ping ${address}`).length, 1, address);
  t.is(world.live.length, 600);
});

test('shares › a server that is not a participant owns nothing', (t) => {
  const world = new ExpiryWorld();
  world.knew(addressOf(1), 2 * hour);
  const expiry = new Expiry({
    registry: world.registry,
    self: 'outsider',
    settings: { ttlMs: hour, attempts: 3 },
    random: () => 0,
    now: world.now,
  });
  for (let second = 1; second < 300; second++) {
    const now = { mono: second * 1_000, wall: world.now.wall + second * 1_000 };
    t.deepEqual(expiry.tick(now, [participant('a'), participant('b')]), []);
    t.deepEqual(expiry.tick(now, []), []);
  }
});
