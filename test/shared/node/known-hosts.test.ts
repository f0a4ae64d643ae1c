import test from 'ava';
import {
  type KnownHost,
  KnownHosts,
  maxHearsay,
  type ServerList,
} from '../../../shared/node/known-hosts.ts';
import { AddressList } from '../../../shared/protocol/address.ts';
import { createRandom } from '../../fixture/random.ts';

const ttlMs = 3_600_000;
const server = '127.0.0.1:4524';
const [a, b, c, d] = ['10.0.0.1:1', '10.0.0.2:1', '10.0.0.3:1', '10.0.0.4:1'] as const;
const start = 1_000 * ttlMs;

function list(extent: ServerList['extent'], hosts: string[], gone: string[] = []): ServerList {
  return {
    ...{ from: server, extent, vouchedSince: null },
    hosts: AddressList.of(...hosts),
    gone: AddressList.of(...gone),
  };
}

function of(...texts: string[]): AddressList {
  return AddressList.of(...texts);
}

function sources(known: KnownHosts): Record<string, KnownHost['source']> {
  return Object.fromEntries(known.hosts().map(({ address, source }) => [address, source]));
}

test('known hosts › each host has its source, who named it, and when', (t) => {
  const known = new KnownHosts(ttlMs);
  t.deepEqual(known.applyList(list('full', [a]), start), { added: [a], gone: [] });
  t.deepEqual(known.applyHearsay(c, of(b), start + 1), { added: [b], gone: [] });
  known.seen(b, start + 2);
  t.deepEqual(known.hosts(), [
    { address: a, source: 'name-server', from: server, namedAt: start, seenAt: null },
    { address: b, source: 'node', from: c, namedAt: start + 1, seenAt: start + 2 },
  ]);
});

test('known hosts › a node can neither replace nor refresh the word of a name server', (t) => {
  const known = new KnownHosts(ttlMs);
  known.applyList(list('full', [a]), start);
  t.deepEqual(known.applyHearsay(c, of(a), start + 5), { added: [], gone: [] });
  t.deepEqual(known.hosts(), [
    { address: a, source: 'name-server', from: server, namedAt: start, seenAt: null },
  ]);
});

test('known hosts › a name server outranks a node that named the same host', (t) => {
  const known = new KnownHosts(ttlMs);
  known.applyHearsay(c, of(a, b), start);
  t.deepEqual(known.applyList(list('delta', [a]), start), { added: [], gone: [] });
  t.deepEqual(sources(known), { [a]: 'name-server', [b]: 'node' });
});

test('known hosts › a host that a name server called gone does not return because a node names it', (t) => {
  const known = new KnownHosts(ttlMs);
  known.applyList(list('full', [a, b]), start);
  t.deepEqual(known.applyList(list('delta', [], [a]), start).gone, [a]);
  t.deepEqual(known.applyList(list('full', []), start).gone, [b]);
  t.deepEqual(known.applyHearsay(c, of(a, b), start + ttlMs - 1).added, []);
  t.deepEqual(
    known.applyHearsay(c, of(a), start + ttlMs).added,
    [a],
    'that word has its time, too',
  );
  t.deepEqual(known.applyList(list('delta', [b]), start + 1).added, [b]);
});

test('known hosts › a full list replaces hosts that nodes named; a delta and a sample do not', (t) => {
  const known = new KnownHosts(ttlMs);
  known.applyHearsay(c, of(a, b), start);
  known.applyList(list('partial', [d]), start);
  known.applyList(list('delta', []), start);
  t.deepEqual(known.addresses(), [a, b, d]);
  t.deepEqual(known.applyList(list('full', [a]), start), { added: [], gone: [b, d] });
});

test('known hosts › a delta confirms the hosts that the name server named since then', (t) => {
  const known = new KnownHosts(ttlMs);
  known.applyList(list('partial', [a]), start);
  known.applyList(list('partial', [b]), start + 10);
  known.applyHearsay(d, of(c), start + 10);
  known.applyList({ ...list('delta', []), vouchedSince: start + 10 }, start + ttlMs);
  t.deepEqual(known.due(9, start + ttlMs), [a]);
  t.deepEqual(known.due(9, start + ttlMs + 10), [a, c]);
});

test('known hosts › a host is due when it was neither named nor in contact for the TTL', (t) => {
  const known = new KnownHosts(ttlMs);
  known.applyList(list('full', [a, b]), start);
  known.applyHearsay(d, of(c), start);
  known.seen(a, start + 1);
  t.deepEqual(known.due(9, start + ttlMs - 1), []);
  t.deepEqual(known.due(9, start + ttlMs), [b, c]);
  t.deepEqual(known.due(1, start + ttlMs), [b]);
  known.applyHearsay(d, of(c), start + 2);
  t.deepEqual(known.due(9, start + ttlMs), [b]);
});

test('known hosts › a host is removed after three unanswered pings in a row', (t) => {
  const known = new KnownHosts(ttlMs);
  known.applyList(list('full', [a]), start);
  t.deepEqual([known.missed(a), known.missed(a)], [false, false]);
  known.seen(a, start);
  t.deepEqual([known.missed(a), known.missed(a), known.missed(a)], [false, false, true]);
  t.is(known.size, 0);
  t.false(known.missed(a));
});

test('known hosts › an asker is remembered, and pinged before it is passed on', (t) => {
  const known = new KnownHosts(ttlMs);
  const random = createRandom();
  t.true(known.asked('::ffff:10.0.0.1', 1, start));
  t.false(known.asked('10.0.0.1', 1, start), 'the same address');
  t.deepEqual(known.due(9, start), [a]);
  t.deepEqual(
    known.toPassOn(9, () => true, start, random),
    [],
  );
  known.seen(a, start);
  t.deepEqual(
    known.toPassOn(9, () => true, start, random),
    [a],
  );
  known.asked('10.0.0.2', 1, start);
  t.true(known.missed(b), 'one ping is enough for who has only its own word');
});

test('known hosts › from one address only a few askers are remembered', (t) => {
  const known = new KnownHosts(ttlMs);
  for (let port = 1; port <= 100; port++) known.asked('10.0.0.9', port, start);
  t.is(known.size, 16);
  t.true(known.asked('10.0.0.8', 1, start));
  known.missed('10.0.0.9:1');
  known.applyList(list('delta', ['10.0.0.9:2']), start);
  t.true(known.asked('10.0.0.9', 50, start));
  t.true(known.asked('10.0.0.9', 51, start));
  t.false(known.asked('10.0.0.9', 52, start));
});

test('known hosts › hearsay is not passed on', (t) => {
  const known = new KnownHosts(ttlMs);
  const random = createRandom();
  known.applyList(list('full', [a]), start);
  known.applyHearsay(d, of(b, c), start);
  known.seen(c, start + 10);
  const passed = (now: number) => known.toPassOn(9, () => true, now, random).toSorted();
  t.deepEqual(passed(start + ttlMs - 1), [a, c]);
  t.deepEqual(passed(start + ttlMs), [c]);
  t.deepEqual(passed(start + ttlMs + 10), []);
});

test('known hosts › nodes can fill only their part of the list', (t) => {
  const known = new KnownHosts(ttlMs);
  const many = of(
    ...Array.from({ length: maxHearsay + 1 }, (_, i) => `10.1.${i >> 8}.${i & 255}:1`),
  );
  t.is(known.applyHearsay(d, many, start).added.length, maxHearsay);
  t.deepEqual(known.applyList(list('delta', [a]), start).added, [a]);
});

test('known hosts › a time in the future counts as now', (t) => {
  const known = new KnownHosts(ttlMs);
  known.restore({ address: a, source: 'name-server', namedAt: start + 99 * ttlMs }, start);
  known.restore({ address: b, source: 'node', namedAt: 0 }, start);
  t.deepEqual(known.due(9, start), [b]);
  t.deepEqual(known.due(9, start + ttlMs), [b, a]);
});

test('known hosts › picks at random, each host about as often', (t) => {
  for (const size of [20, 2_000]) {
    const known = new KnownHosts(ttlMs);
    const hosts = Array.from({ length: size }, (_, i) => `10.1.${i >> 8}.${i & 255}:1`);
    known.applyList(list('full', hosts), start);
    const random = createRandom();
    const counts = new Map<string, number>();
    for (let round = 0; round < 10 * size; round++)
      for (const host of known.pickSome(3, (address) => address !== hosts[0], random))
        counts.set(host, (counts.get(host) ?? 0) + 1);
    t.is(counts.size, size - 1);
    t.true(Math.max(...counts.values()) < 75, `${Math.max(...counts.values())} of about 30`);
  }
});

test('known hosts › agrees with a plain map through random changes', (t) => {
  const random = createRandom();
  const known = new KnownHosts(ttlMs);
  const model = new Map<string, string>();
  const some = () => Array.from({ length: 4 }, () => `10.0.0.${Math.floor(random() * 40)}:1`);
  for (let step = 0, now = start; step < 3_000; step++, now += ttlMs) {
    const hosts = [...new Set(some())];
    if (random() < 0.5) {
      for (const host of hosts) if (!model.has(host)) model.set(host, 'node');
      known.applyHearsay('10.0.9.9:1', of(...hosts), now);
    } else {
      const gone = some();
      for (const host of gone) model.delete(host);
      for (const host of hosts) model.set(host, 'name-server');
      known.applyList(list('delta', hosts, gone), now);
    }
    t.deepEqual(sources(known), Object.fromEntries(model));
  }
});

test('known hosts › only a few hosts that named themselves are kept per IPv6 subnet', (t) => {
  const known = new KnownHosts(ttlMs);
  for (let host = 1; host <= 1_000; host++)
    known.asked(`2001:db8:1:2::${host.toString(16)}`, 4_000, start);
  t.is(known.size, 16);
  t.true(known.asked('2001:db8:1:3::1', 4_000, start));
  for (const address of known.addresses()) known.missed(address);
  t.is(known.size, 0);
  t.true(known.asked('2001:db8:1:2::1', 4_000, start), 'those that do not answer make room');
});
