// What the zone answers to whom, read by dns-packet.
import test from 'ava';
import { RegistryZone } from '../../../../daemon/core/dns/registry-zone.ts';
import { Zone } from '../../../../daemon/core/dns/zone.ts';
import { kindsSeenFrom } from '../../../../daemon/core/dns/zone-view.ts';
import { packAddress } from '../../../../shared/protocol/address.ts';
import { encodeAnswer, udpLimit } from '../../../../shared/protocol/dns/dns-answer.ts';
import { decodeQuery } from '../../../../shared/protocol/dns/dns-query.ts';
import type { HostDialect } from '../../../../shared/protocol/sync-message.ts';
import { dataOf, decode, queryOf } from '../../../fixture/dns-client.ts';
import { createRandom } from '../../../fixture/random.ts';
import { register, registryOf, rowOf } from '../../../fixture/registry.ts';

const hour = 3_600_000;
const wall = 10 * hour;

interface WorldOptions {
  nodePort?: number | null;
  servers?: readonly string[];
  own?: readonly string[];
  /** ms ago that the oldest host was seen; null: nobody has looked yet */
  oldest?: number | null;
  name?: string;
}

/** A registry, its zone, and what somebody at an address is answered. */
function world({
  nodePort = null,
  servers = ['192.0.2.53:4524'],
  own = [],
  oldest = 7_000,
  name = 'dynamo.',
}: WorldOptions = {}) {
  const registry = registryOf([], 20_000);
  const zone = new Zone(name, servers, own);
  const random = createRandom();
  let now = 0;
  const source = new RegistryZone(
    registry,
    { ttlMs: hour, nodePort },
    () => ({
      wall: wall + now,
      oldestSeen: oldest === null ? null : wall + now - oldest,
      servers: 2,
    }),
    random,
  );
  const ask = (question: string, type: string, from = '127.0.0.1', edns: number | null = 1_232) => {
    const decoded = decodeQuery(queryOf(question, type, { edns }));
    if (decoded?.kind !== 'query') throw new Error(`${question} is no question`);
    const { query } = decoded;
    const kinds = kindsSeenFrom(packAddress(from, 1) as Uint32Array, false);
    const found = zone.find(query);
    const node = found.kind === 'node' ? (source.node(found.label, kinds, now) ?? []) : [];
    const view = source.views(now).of(kinds);
    const answer = zone.answer(query, found, { view, node }, { random, now });
    const bytes = encodeAnswer(query, answer, { limit: udpLimit(query), cookie: null });
    return { ...decode(bytes), bytes: bytes.length };
  };
  const add = (address: string, nodeId = 'node', age = 0, dialect: HostDialect = 'native') =>
    register(registry, address, { nodeId, dialect, now: wall - age });
  const prove = (address: string) => registry.prove(rowOf(registry, address), wall);
  /** A second and more passes: the next answer is of a new snapshot. */
  const later = (ms = 1_000) => {
    now += ms;
  };
  return { registry, ask, add, prove, later };
}

function summary({ rcode, answers, authorities }: ReturnType<ReturnType<typeof world>['ask']>) {
  return [rcode, answers?.length, authorities?.map(({ type }) => type)];
}

test('zone › names and types that are there, that have no such record, and that are not there', (t) => {
  const { ask, add } = world();
  add('192.0.2.1:4000', 'a');
  const table: [name: string, type: string, rcode: string, answers: number][] = [
    ['dynamo', 'A', 'NOERROR', 1],
    ['dynamo', 'AAAA', 'NOERROR', 0],
    ['dynamo', 'TXT', 'NOERROR', 0],
    ['dynamo', 'NS', 'NOERROR', 1],
    ['dynamo', 'SOA', 'NOERROR', 1],
    ['dynamo', 'SRV', 'NOERROR', 1],
    ['_dynamo._tcp.dynamo', 'SRV', 'NOERROR', 1],
    ['_dynamo._tcp.dynamo', 'A', 'NOERROR', 0],
    ['_tcp.dynamo', 'A', 'NOERROR', 0],
    ['_status.dynamo', 'TXT', 'NOERROR', 1],
    ['_status.dynamo', 'A', 'NOERROR', 0],
    ['ns1.dynamo', 'A', 'NOERROR', 1],
    ['ns1.dynamo', 'AAAA', 'NOERROR', 0],
    ['ns2.dynamo', 'A', 'NXDOMAIN', 0],
    ['a.dynamo', 'A', 'NOERROR', 1],
    ['A.DYNAMO', 'A', 'NOERROR', 1],
    ['a.dynamo', 'AAAA', 'NOERROR', 0],
    ['a.dynamo', 'MX', 'NOERROR', 0],
    ['b.dynamo', 'A', 'NXDOMAIN', 0],
    ['x.a.dynamo', 'A', 'NXDOMAIN', 0],
    // There are names below them (RFC 8020), and no others.
    ['_udp.dynamo', 'A', 'NOERROR', 0],
    ['_dynamo._udp.dynamo', 'SRV', 'NOERROR', 0],
    ['_sctp.dynamo', 'A', 'NXDOMAIN', 0],
    ['_dynamo.dynamo', 'SRV', 'NXDOMAIN', 0],
    ['_dynamo._sctp.dynamo', 'SRV', 'NXDOMAIN', 0],
    ['_other._tcp.dynamo', 'SRV', 'NXDOMAIN', 0],
    ['_other._udp.dynamo', 'SRV', 'NXDOMAIN', 0],
    ['_dynamo._tcp._dynamo._tcp.dynamo', 'SRV', 'NXDOMAIN', 0],
    ['dynamo', 'AXFR', 'REFUSED', 0],
    ['dynamo', 'IXFR', 'REFUSED', 0],
    ['example.org', 'A', 'REFUSED', 0],
    ['notdynamo', 'A', 'REFUSED', 0],
    ['.', 'NS', 'REFUSED', 0],
  ];
  for (const [name, type, rcode, answers] of table) {
    const isNegative = answers === 0 && rcode !== 'REFUSED';
    t.deepEqual(
      summary(ask(name, type)),
      [rcode, answers, isNegative ? ['SOA'] : []],
      `${name} ${type}`,
    );
  }
});

test('zone › a zone of several labels ends where it ends', (t) => {
  const { ask, add } = world({ name: 'nodes.example.org.' });
  add('192.0.2.1:4000', 'a');
  t.is(ask('nodes.example.org', 'A').answers?.length, 1);
  t.is(ask('a.nodes.example.org', 'A').answers?.length, 1);
  for (const name of ['example.org', 'a.nodes.example.net', 'org'])
    t.is(ask(name, 'A').rcode, 'REFUSED', name);
});

test('zone › ANY is answered with one short record', (t) => {
  const { ask, add } = world();
  add('192.0.2.1:4000', 'a');
  for (const name of ['dynamo', 'a.dynamo', '_status.dynamo'])
    t.deepEqual(dataOf(ask(name, 'ANY')), [{ cpu: 'RFC8482', os: '' }]);
  t.is(ask('b.dynamo', 'ANY').rcode, 'NXDOMAIN');
});

test('zone › sixteen of many addresses, in another order and of other hosts each time', (t) => {
  const { ask, add } = world();
  for (let i = 0; i < 200; i++) add(`198.${18 + (i & 1)}.${i}.1:4000`);
  const seen = new Map<string, number>();
  const firsts = new Set<string>();
  for (let i = 0; i < 500; i++) {
    const data = (ask('dynamo', 'A', '192.0.2.9', null).answers ?? []).map((each) =>
      'data' in each ? String(each.data) : '',
    );
    t.is(new Set(data).size, 16);
    firsts.add(data[0] as string);
    for (const each of data) seen.set(each, (seen.get(each) ?? 0) + 1);
  }
  // 500 answers of 16 are 40 for each host; five standard deviations are 30.
  t.is(seen.size, 200);
  t.true(Math.min(...seen.values()) > 10 && Math.max(...seen.values()) < 70);
  t.true(firsts.size > 100);
});

test('zone › sixteen addresses of either family fit 512 bytes without EDNS', (t) => {
  const { ask, add } = world();
  for (let i = 0; i < 50; i++) {
    add(`198.18.${i}.1:4000`);
    add(`[2001:db8:${i}::1]:4000`);
  }
  for (const type of ['A', 'AAAA']) {
    const { answers, bytes, flag_tc } = ask('dynamo', type, '192.0.2.9', null);
    t.deepEqual([answers?.length, flag_tc, bytes <= 512], [16, false, true], `${type}: ${bytes}`);
  }
});

test('zone › no asker gets an address that it cannot reach', (t) => {
  const { ask, add } = world({ servers: ['10.0.0.53:4524', '192.0.2.53:4524', '127.0.0.1:4524'] });
  const addresses = ['192.0.2.1', '10.0.0.1', '169.254.0.1', '127.0.0.1'];
  for (const ip of addresses) add(`${ip}:4000`, `at-${ip.replaceAll('.', '-')}`);
  const askers = ['192.0.2.9', '10.0.0.9', '169.254.0.9', '127.0.0.9'];
  for (const [index, from] of askers.entries()) {
    const visible = addresses.slice(0, index + 1);
    t.deepEqual(dataOf(ask('dynamo', 'A', from)), visible.toSorted());
    t.is(ask('dynamo', 'SRV', from).answers?.length, visible.length);
    t.deepEqual(dataOf(ask('_status.dynamo', 'TXT', from)), [
      [Buffer.from(`hosts=${visible.length} age=7 servers=2`)],
    ]);
    for (const ip of addresses)
      t.is(
        ask(`at-${ip.replaceAll('.', '-')}.dynamo`, 'A', from).rcode,
        visible.includes(ip) ? 'NOERROR' : 'NXDOMAIN',
      );
  }
  const glue = ask('dynamo', 'NS', '192.0.2.9').additionals?.filter(({ type }) => type === 'A');
  t.deepEqual(
    glue?.map((each) => 'data' in each && each.data),
    ['192.0.2.53'],
  );
});

test('zone › before anybody has looked through the list its age is that of its oldest host', (t) => {
  const { ask, add, later } = world({ oldest: null });
  const age = () => String(dataOf(ask('_status.dynamo', 'TXT')));
  t.is(age(), 'hosts=0 age=0 servers=2');
  add('192.0.2.1:4000', 'a', 1_800_000);
  add('192.0.2.2:4000', 'b', 5_000);
  later();
  t.is(age(), 'hosts=2 age=1801 servers=2');
});

test('zone › of one public network there are four hosts at most, however many it has', (t) => {
  const { ask, add, later } = world();
  for (let i = 1; i < 250; i++) add(`198.51.100.${i}:4000`);
  for (let i = 1; i < 250; i++) add(`[2001:db8:1:${i.toString(16)}::1]:4000`);
  for (let i = 0; i < 20; i++) add(`198.18.${i}.1:4000`);
  for (let i = 0; i < 20; i++) {
    const data = dataOf(ask('dynamo', 'A', '192.0.2.9')) as string[];
    t.true(data.filter((ip) => ip.startsWith('198.51.100.')).length <= 4);
    t.is(dataOf(ask('dynamo', 'AAAA', '192.0.2.9')).length, 4);
    later();
  }
});

test('zone › in a private network all hosts may be of one network', (t) => {
  const { ask, add } = world();
  for (let i = 1; i < 50; i++) add(`192.168.0.${i}:4000`);
  t.is(ask('dynamo', 'A', '192.168.0.99').answers?.length, 16);
});

test('zone › proved hosts come before unproved ones, which only fill up an answer', (t) => {
  const { ask, add, prove, later } = world();
  for (let i = 0; i < 40; i++) add(`198.18.${i}.1:4000`);
  t.is(ask('dynamo', 'A').answers?.length, 16);
  for (let i = 0; i < 10; i++) prove(`198.18.${i}.1:4000`);
  later();
  const some = dataOf(ask('dynamo', 'A')) as string[];
  t.is(some.length, 16);
  t.is(some.filter((ip) => Number(ip.split('.')[2]) < 10).length, 10);
  for (let i = 10; i < 20; i++) prove(`198.18.${i}.1:4000`);
  later();
  for (const ip of dataOf(ask('dynamo', 'A')) as string[])
    t.true(Number(ip.split('.')[2]) < 20, ip);
});

test('zone › with a NodePort, addresses are those of hosts on it, and services those of all', (t) => {
  const { ask, add } = world({ nodePort: 4000 });
  for (let i = 0; i < 100; i++) add(`198.18.${i}.1:${i === 7 ? 4000 : 5000}`, `n${i}`);
  t.deepEqual(dataOf(ask('dynamo', 'A')), ['198.18.7.1']);
  t.true((ask('dynamo', 'SRV').answers?.length ?? 0) > 10);
  t.deepEqual(dataOf(ask('n8.dynamo', 'A')), ['198.18.8.1']);
});

/** The ports of its services. */
function portsOf({ answers }: ReturnType<ReturnType<typeof world>['ask']>): number[] {
  return (answers ?? [])
    .map((each) => (each.type === 'SRV' ? each.data.port : 0))
    .toSorted((a, b) => a - b);
}

test('zone › hosts that registered by UDP are services of _udp, others of _tcp, and the zone has both', (t) => {
  const { ask, add, later } = world();
  add('192.0.2.1:4001', 'a');
  add('192.0.3.1:4002', 'b', 0, 'udp');
  add('192.0.4.1:4003', 'c', 0, 'legacy');
  t.deepEqual(portsOf(ask('_dynamo._tcp.dynamo', 'SRV')), [4001, 4003]);
  t.deepEqual(portsOf(ask('_dynamo._udp.dynamo', 'SRV')), [4002]);
  t.deepEqual(portsOf(ask('dynamo', 'SRV')), [4001, 4002, 4003]);
  t.deepEqual(portsOf(ask('b.dynamo', 'SRV')), [4002]);
  // Another node at the address, over TCP.
  add('192.0.3.1:4002', 'd');
  later();
  t.deepEqual(portsOf(ask('_dynamo._udp.dynamo', 'SRV')), []);
});

test('zone › few hosts of one transport among many are found, and are no more of the zone than they are of all', (t) => {
  const { ask, add, later } = world();
  for (let i = 0; i < 4_000; i++) {
    const isUdp = i % 100 === 0;
    add(`198.${i >> 8}.${i & 255}.1:${isUdp ? 4001 : 4000}`, `n${i}`, 0, isUdp ? 'udp' : 'native');
  }
  let ofUdp = 0;
  let all = 0;
  for (let second = 0; second < 40; second++) {
    t.is(portsOf(ask('_dynamo._udp.dynamo', 'SRV')).filter((port) => port !== 4001).length, 0);
    t.true(portsOf(ask('_dynamo._udp.dynamo', 'SRV')).length > 10);
    for (let i = 0; i < 10; i++) {
      const ports = portsOf(ask('dynamo', 'SRV'));
      ofUdp += ports.filter((port) => port === 4001).length;
      all += ports.length;
    }
    later();
  }
  // One in a hundred: of 5,600 services about 56.
  t.true(ofUdp / all < 0.03, `${ofUdp} of ${all}`);
});

test('zone › hosts behind one address are one record', (t) => {
  const { ask, add } = world();
  for (let i = 0; i < 9; i++) add(`198.18.0.1:${4_000 + i}`, 'same');
  t.deepEqual(dataOf(ask('dynamo', 'A')), ['198.18.0.1']);
  t.deepEqual(dataOf(ask('same.dynamo', 'A')), ['198.18.0.1']);
  t.is(ask('same.dynamo', 'SRV').answers?.length, 9);
});

for (const [left, ttl] of [
  [2 * hour, 3_600],
  [hour, 3_600],
  [1_800_000, 1_800],
  [61_000, 61],
  [59_000, 60],
  [-hour, 60],
] as const)
  test(`zone › a host with ${left / 1_000} s left has a TTL of ${ttl} s`, (t) => {
    const { ask, add } = world();
    add('192.0.2.1:4000', 'a', hour - left);
    for (const [name, type] of [
      ['dynamo', 'A'],
      ['dynamo', 'SRV'],
      ['a.dynamo', 'TXT'],
    ] as const)
      for (const answer of ask(name, type).answers ?? []) t.is('ttl' in answer && answer.ttl, ttl);
  });

test('zone › all records of an answer have the TTL of the host with least time left', (t) => {
  const { ask, add, later } = world();
  add('192.0.2.1:4000', 'a');
  add('192.0.3.1:4000', 'b', hour - 300_000);
  later(500);
  const ttls = ask('dynamo', 'A').answers?.map((each) => 'ttl' in each && each.ttl);
  t.deepEqual(ttls, [299, 299]);
});

test('zone › every server numbers the name servers alike', (t) => {
  const servers = ['192.0.2.2:4524', '192.0.2.1:4524', '[2001:db8::1]:4524'];
  const names = (order: readonly string[]) => {
    const { ask } = world({ servers: order });
    const { answers, additionals } = ask('dynamo', 'NS');
    t.is(answers?.length, 3);
    return additionals?.map((each) => [each.name, 'data' in each && each.data]);
  };
  t.deepEqual(names(servers), names(servers.toReversed()));
});

test('zone › a server at all addresses of its machine has those that the asker may see', (t) => {
  const own = ['192.0.2.53:4524', '127.0.0.1:4524', '[2001:db8::53]:4524', '[::1]:4524'];
  for (const wildcard of ['0.0.0.0:4524', '[::]:4524']) {
    const { ask } = world({ servers: [wildcard], own });
    t.deepEqual(dataOf(ask('ns1.dynamo', 'A', '198.51.100.9')), ['192.0.2.53']);
    t.deepEqual(dataOf(ask('ns1.dynamo', 'AAAA', '198.51.100.9')), ['2001:db8::53']);
    t.deepEqual(dataOf(ask('ns1.dynamo', 'A')), ['127.0.0.1', '192.0.2.53']);
    const { answers, additionals } = ask('dynamo', 'NS', '198.51.100.9');
    t.is(answers?.length, 1);
    t.is(additionals?.filter(({ type }) => type === 'A' || type === 'AAAA').length, 2);
  }
  // The others number the servers without it, and so does it.
  const { ask } = world({ servers: ['0.0.0.0:4524', '192.0.2.1:4524'], own });
  t.deepEqual(dataOf(ask('dynamo', 'NS')), ['ns1.dynamo']);
  t.deepEqual(dataOf(ask('ns1.dynamo', 'A')), ['192.0.2.1']);
});

test('zone › the serial of the SOA counts the changes of the list', (t) => {
  const { ask, add, later, registry } = world();
  const serial = () => (dataOf(ask('dynamo', 'SOA')) as { serial: number }[])[0]?.serial;
  const before = serial() ?? 0;
  add('192.0.2.1:4000');
  later();
  t.is(serial(), before + 1);
  registry.change = 2 ** 32 + 5;
  later();
  t.is(serial(), 5);
});

test('zone › no host is an answer without hosts, not an unknown name', (t) => {
  const { ask } = world();
  t.deepEqual(summary(ask('dynamo', 'A')), ['NOERROR', 0, ['SOA']]);
  t.deepEqual(summary(ask('_dynamo._tcp.dynamo', 'SRV')), ['NOERROR', 0, ['SOA']]);
});

test('zone › a rare port among many hosts is found again, once it was found', (t) => {
  const { ask, add, later } = world({ nodePort: 4_000 });
  for (let i = 0; i < 15_000; i++)
    add(
      `${100 + (i >> 12)}.${(i >> 4) & 255}.${(i & 15) * 16}.1:${i % 5_000 === 0 ? 4_000 : 5_000}`,
    );
  for (let second = 0; second < 60; second++) {
    ask('dynamo', 'A');
    later();
  }
  t.is(ask('dynamo', 'A').answers?.length, 3);
});
