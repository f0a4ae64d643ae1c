// What a server says of hosts that are dying: each step, who judges them, and that the counts are those of the rows.
import test from 'ava';
import { participant, rank } from '../../../../daemon/core/expiry/rendezvous.ts';
import { ExpiryWorld } from '../../../fixture/expiry-world.ts';
import { packed, rowOf } from '../../../fixture/registry.ts';

const minute = 60_000;
const hour = 60 * minute;
const dead = '10.0.0.1:4000';
const friend = '10.9.9.9:4000';

function standingAt(world: ExpiryWorld, id: string) {
  const standings = world.servers.get(id)?.standings(world.now.wall);
  const row = rowOf(world.registry, dead);
  return { state: standings?.of(row), ...standings?.judgeOf(row) };
}

/** The states of the host in turn, each once, until it is deleted or the time is over. */
function statesOf(world: ExpiryWorld, ms: number): (string | undefined)[] {
  const states: (string | undefined)[] = [];
  const note = () => {
    if (!world.live.includes(dead)) return;
    const { state } = standingAt(world, 'here');
    if (states.at(-1) !== state) states.push(state);
  };
  world.run(ms, note);
  return states;
}

function worldOf(options: ConstructorParameters<typeof ExpiryWorld>[0] = {}): ExpiryWorld {
  const world = new ExpiryWorld(options);
  world.knew(dead, 0);
  world.manners.set(dead, 'silent');
  world.every(minute / 2, () => {
    for (const id of world.servers.keys()) world.contact(friend, id);
  });
  return world;
}

test('standing › a dead host is live, due, not answering and to be deleted, in that order', (t) => {
  const world = worldOf();
  t.deepEqual(statesOf(world, 1.2 * hour), ['live', 'due', 'suspect', 'condemned']);
  t.false(world.live.includes(dead));
});

test('standing › a host is due until it answers its ping, then live again', (t) => {
  const world = worldOf();
  world.manners.delete(dead);
  t.deepEqual(statesOf(world, 1.2 * hour), ['live', 'due', 'live']);
});

test('standing › while deletions are held back, a host that failed every ping stays to be deleted', (t) => {
  const world = worldOf();
  world.isConnected = false;
  world.run(2 * hour);
  t.true(world.expiry.status().selfPreservation.active);
  t.like(standingAt(world, 'here'), { state: 'condemned', owner: 'here' });
});

test('standing › each host is counted once, in the state that its row shows', (t) => {
  const world = worldOf();
  const hosts = Array.from({ length: 40 }, (_, index) => `10.0.1.${index}:4000`);
  hosts.forEach((address, index) => {
    world.knew(address, (index * hour) / 40);
    if (index % 2 === 0) world.manners.set(address, 'silent');
  });
  const seen = new Set<string>();
  world.run(1.5 * hour, () => {
    const standings = world.expiry.standings(world.now.wall);
    const counts = { due: 0, suspect: 0, condemned: 0, live: 0 };
    for (const address of world.live) counts[standings.of(rowOf(world.registry, address))]++;
    const { suspects, condemned } = world.expiry.status();
    t.deepEqual([suspects, condemned], [counts.suspect, counts.condemned]);
    if (counts.condemned > 0 && counts.suspect > 0) seen.add('both');
  });
  t.true(seen.has('both'));
});

test('standing › a server that is not the owner says who is, and that the host is due', (t) => {
  const servers = ['a', 'b'];
  const world = worldOf({ servers });
  const [owner, other] = rank(packed(dead), 0, servers.map(participant)) as [string, string];
  world.opinions = 'silent';
  world.runUntil(() => standingAt(world, owner).state === 'suspect', 2 * hour);
  t.deepEqual(standingAt(world, owner), { state: 'suspect', owner, failedPings: 1 });
  t.deepEqual(standingAt(world, other), { state: 'due', owner, failedPings: 0 });
});
