import test from 'ava';
import { expiryIntervals } from '../../../../daemon/core/expiry/expiry-intervals.ts';
import { ExpiryScan } from '../../../../daemon/core/expiry/expiry-scan.ts';
import { participant, rank } from '../../../../daemon/core/expiry/rendezvous.ts';
import type { Registry } from '../../../../daemon/core/registry/registry.ts';
import { addressOf, packed, registryOf, rowOf } from '../../../fixture/registry.ts';

const hour = 3_600_000;
const intervals = expiryIntervals(hour);
const servers = (...ids: string[]) => ids.map(participant);
const addresses = (count: number) => Array.from({ length: count }, (_, index) => addressOf(index));

/** A walk over a registry, a tick a second: every row is looked at in sixty of them. */
function walkOf(registry: Registry, ...ids: string[]) {
  const scan = new ExpiryScan(registry, 20, 0);
  scan.shares.among(servers(...ids));
  let mono = 0;
  const walk = (ticks: number) => {
    for (let tick = 0; tick < ticks; tick++) {
      mono += 1_000;
      scan.advance({ mono, wall: 0 }, intervals, () => {});
    }
  };
  return { shares: scan.shares, walk };
}

/** How many of the hosts are whose, by the ranking that the pings follow. */
function expected(hosts: readonly string[], ...ids: string[]) {
  const owners = hosts.map((host) => rank(packed(host), 0, servers(...ids))[0]);
  return ids.map((id) => ({ id, hosts: owners.filter((owner) => owner === id).length }));
}

test('share count › one walk over all rows counts whose the live hosts are', (t) => {
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

test('share count › each walk counts anew', (t) => {
  const hosts = addresses(600);
  const registry = registryOf(hosts);
  const { shares, walk } = walkOf(registry, 'a', 'b');
  walk(60);
  for (const host of hosts.slice(0, 300)) registry.remove(rowOf(registry, host), 2_000);
  walk(60);
  t.deepEqual(shares.view(), { complete: true, servers: expected(hosts.slice(300), 'a', 'b') });
});

test('share count › other servers begin a count of their own, wherever the walk is', (t) => {
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

test('share count › of no hosts everybody has none, and that is known at once', (t) => {
  const { shares } = walkOf(registryOf([]), 'a', 'b');
  t.deepEqual(shares.view(), {
    complete: true,
    servers: [
      { id: 'a', hosts: 0 },
      { id: 'b', hosts: 0 },
    ],
  });
});
