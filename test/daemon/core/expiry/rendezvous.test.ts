import test from 'ava';
import { expiryIntervals } from '../../../../daemon/core/expiry/expiry-intervals.ts';
import { ExpiryScan } from '../../../../daemon/core/expiry/expiry-scan.ts';
import {
  ownerIndex,
  participant,
  participantsOf,
  rank,
} from '../../../../daemon/core/expiry/rendezvous.ts';
import type { Registry } from '../../../../daemon/core/registry/registry.ts';
import type { Unable } from '../../../../shared/protocol/sync-message.ts';
import { addresses, addressOf, packed, registryOf, rowOf } from '../../../fixture/registry.ts';

const hosts = Array.from({ length: 2_000 }, (_, index) => packed(addressOf(index)));

const sets = [
  ['a', 'b', 'c'],
  ['server-1', 'server-2', 'server-3'],
  [
    '01234567-89ab-4cde-8f01-23456789abcd',
    '01234567-89ab-4cde-8f01-23456789abce',
    'fedcba98-7654-4321-8fed-cba987654321',
  ],
];

const ownersAmong = (ids: readonly string[]) => {
  const participants = ids.map(participant);
  return hosts.map((host) => rank(host, 0, participants)[0] as string);
};

const shareOf = (id: string, owners: readonly string[]) =>
  owners.filter((owner) => owner === id).length / owners.length;

for (const ids of sets) {
  test(`rendezvous › two servers have 45 to 55 % each: ${ids[0]}, ${ids[1]}`, (t) => {
    const share = shareOf(ids[0] as string, ownersAmong(ids.slice(0, 2)));
    t.true(share > 0.45 && share < 0.55, `${share}`);
  });

  test(`rendezvous › three servers have a third each: ${ids.join(', ')}`, (t) => {
    const owners = ownersAmong(ids);
    for (const id of ids) {
      const share = shareOf(id, owners);
      t.true(Math.abs(share - 1 / 3) < 0.05, `${id} ${share}`);
    }
  });

  test(`rendezvous › when a server goes, only its hosts move, to the second in order: ${ids[1]}`, (t) => {
    const before = ids.map(participant);
    const after = before.filter(({ id }) => id !== ids[1]);
    for (const host of hosts) {
      const [first, second] = rank(host, 0, before);
      t.is(rank(host, 0, after)[0], first === ids[1] ? second : first);
    }
  });

  test(`rendezvous › the hosts of a server that goes are split evenly over the others: ${ids[1]}`, (t) => {
    const before = ownersAmong(ids);
    const after = ownersAmong(ids.filter((id) => id !== ids[1]));
    const moved = after.filter((_, index) => before[index] === ids[1]);
    const share = shareOf(ids[0] as string, moved);
    t.true(share > 0.44 && share < 0.56, `${share}`);
  });
}

test('rendezvous › the order of the servers does not matter', (t) => {
  const ids = ['a', 'b', 'c', 'd'].map(participant);
  for (const host of hosts)
    t.deepEqual(rank(host, 0, ids), rank(Uint32Array.of(7, ...host), 1, [...ids].reverse()));
});

test('rendezvous › servers whose ids hash alike are ranked by their ids', (t) => {
  const [a, b, c] = ['a', 'b', 'c'].map((id) => ({ id, seed: 1 })) as [
    ReturnType<typeof participant>,
    ReturnType<typeof participant>,
    ReturnType<typeof participant>,
  ];
  const host = hosts[0] as Uint32Array;
  for (const order of [
    [a, b, c],
    [a, c, b],
    [b, a, c],
    [b, c, a],
    [c, a, b],
    [c, b, a],
  ])
    t.deepEqual(rank(host, 0, order), ['a', 'b', 'c']);
});

test('rendezvous › a single server owns everything; without servers there is no owner', (t) => {
  const host = hosts[0] as Uint32Array;
  t.deepEqual(rank(host, 0, [participant('a')]), ['a']);
  t.deepEqual(rank(host, 0, []), []);
});

test('rendezvous › ownerIndex agrees with rank', (t) => {
  const alike = ['a', 'b', 'c'].map((id) => ({ id, seed: 1, cannotJudge: null }));
  const some = participantsOf([
    { id: 'a', cannotJudge: 'all' },
    { id: 'b', cannotJudge: 'ipv4' },
    { id: 'c', cannotJudge: null },
  ]);
  const groups = [[], ['a'], ['a', 'b'], ['d', 'c', 'b', 'a']].map((ids) => ids.map(participant));
  for (const servers of [...groups, alike, alike.toReversed(), some, some.slice(0, 2)])
    for (const host of hosts) {
      const words = Uint32Array.of(7, ...host);
      const [first] = rank(words, 1, servers);
      t.true(servers[ownerIndex(words, 1, servers)]?.id === first);
    }
});

test('rendezvous › a server owns no host that it cannot judge while another can, and is asked last', (t) => {
  const ids = ['a', 'b', 'c'];
  const orderOf = (host: Uint32Array, unable: readonly string[], cannotJudge: Unable) => {
    const servers = ids.map((id) => ({
      id,
      cannotJudge: unable.includes(id) ? cannotJudge : null,
    }));
    return rank(host, 0, participantsOf(servers));
  };
  for (const host of hosts.slice(0, 200)) {
    const order = rank(host, 0, ids.map(participant));
    const without = (...last: string[]) => [
      ...order.filter((id) => !last.includes(id)),
      ...order.filter((id) => last.includes(id)),
    ];
    t.deepEqual(orderOf(host, ['b'], 'all'), without('b'));
    t.deepEqual(orderOf(host, ['b', 'c'], 'ipv4'), without('b', 'c'));
    t.deepEqual(orderOf(host, ['b'], 'ipv6'), order, 'these are IPv4');
    t.deepEqual(orderOf(host, ids, 'all'), order, 'somebody must');
  }
  const ipv6 = packed('[2001:db8::7]:4000');
  t.is(orderOf(ipv6, ['a', 'b'], 'ipv6')[0], 'c');
  t.deepEqual(orderOf(ipv6, ['a', 'b'], 'ipv4'), rank(ipv6, 0, ids.map(participant)));
});

const hour = 3_600_000;
const intervals = expiryIntervals(hour);
const servers = (...ids: string[]) => ids.map(participant);

/** A scan of a registry, one tick per second, every row in sixty ticks. */
function walkOf(registry: Registry, ...ids: string[]) {
  const scan = new ExpiryScan(registry, 20, 0);
  scan.shares.among(servers(...ids));
  let mono = 0;
  const walk = (ticks: number) => {
    for (let tick = 0; tick < ticks; tick++) {
      mono += 1_000;
      scan.advance({ mono, wall: 0 }, intervals, () => true);
    }
  };
  return { shares: scan.shares, walk };
}

/** How many hosts each server owns, by the ranking of the pings. */
function expected(hosts: readonly string[], ...ids: string[]) {
  const owners = hosts.map((host) => rank(packed(host), 0, servers(...ids))[0]);
  return ids.map((id) => ({ id, hosts: owners.filter((owner) => owner === id).length }));
}

test('share count › one scan counts the live hosts of each server', (t) => {
  const hosts = addresses(900);
  const registry = registryOf(hosts);
  for (const host of hosts.slice(0, 300)) registry.remove(rowOf(registry, host), 2_000);
  const { shares, walk } = walkOf(registry, 'a', 'b', 'c');
  walk(59);
  t.false(shares.view().complete);
  walk(1);
  const servers = expected(hosts.slice(300), 'a', 'b', 'c');
  t.deepEqual(shares.view(), { complete: true, servers });
  t.is(
    servers.reduce((sum, each) => sum + each.hosts, 0),
    600,
  );
  walk(30);
  t.deepEqual(shares.view(), { complete: true, servers }, 'until the next is complete');
});

test('share count › each scan counts anew', (t) => {
  const hosts = addresses(600);
  const registry = registryOf(hosts);
  const { shares, walk } = walkOf(registry, 'a', 'b');
  walk(60);
  for (const host of hosts.slice(0, 300)) registry.remove(rowOf(registry, host), 2_000);
  walk(60);
  t.deepEqual(shares.view(), { complete: true, servers: expected(hosts.slice(300), 'a', 'b') });
});

test('share count › changed servers start a new count, wherever the scan is', (t) => {
  const hosts = addresses(600);
  const { shares, walk } = walkOf(registryOf(hosts), 'a', 'b');
  walk(75);
  t.true(shares.view().complete);
  shares.among(servers('a', 'b'));
  t.true(shares.view().complete, 'the same ones do not');
  shares.among(servers('a'));
  t.deepEqual(shares.view(), { complete: false, servers: [{ id: 'a', hosts: 0 }] });
  walk(59);
  t.deepEqual(shares.view(), { complete: false, servers: [{ id: 'a', hosts: 590 }] });
  walk(1);
  t.deepEqual(shares.view(), { complete: true, servers: [{ id: 'a', hosts: 600 }] });
});

test('share count › an empty registry has a complete count at once', (t) => {
  const { shares } = walkOf(registryOf([]), 'a', 'b');
  t.deepEqual(shares.view(), {
    complete: true,
    servers: [
      { id: 'a', hosts: 0 },
      { id: 'b', hosts: 0 },
    ],
  });
});
