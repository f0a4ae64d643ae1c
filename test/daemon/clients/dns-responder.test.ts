// The responder as a network may treat it: mutated packets, and floods in the name of others.
import test from 'ava';
import { createCounters } from '../../../shared/counters.ts';
import { cookieIn, dataOf, decode, queryOf } from '../../fixture/dns-client.ts';
import { dnsNodeId, dnsWorld } from '../../fixture/dns-world.ts';
import { createBelow, seed } from '../../fixture/random.ts';

/** The cookie that is in the answer to a query. */
function cookieOf(answer: Uint8Array | null): Buffer {
  return cookieIn(decode(answer as Uint8Array));
}

test('dns responder › mutated queries get no answer that is longer than allowed, and none throws', (t) => {
  const { ask, clock } = dnsWorld();
  const below = createBelow();
  const clientCookie = Buffer.from('0102030405060708', 'hex');
  const from = '192.0.2.9';
  const cookie = cookieOf(ask(queryOf('dynamo', 'A', { edns: 4_096, cookie: clientCookie }), from));
  const whole = [
    queryOf('dynamo', 'A'),
    queryOf('_dynamo._tcp.dynamo', 'SRV', { edns: 4_096, cookie }),
    queryOf(`${dnsNodeId}.dynamo`, 'TXT', { edns: 1_232 }),
    queryOf('dynamo', 'NS', { edns: 512, cookie: clientCookie }),
    queryOf('_status.dynamo', 'TXT', { edns: 600, cookie }),
  ];
  const count = 100_000;
  let answered = 0;
  let longest = 0;
  const before = process.cpuUsage();
  for (let i = 0; i < count; i++) {
    clock.now += 1;
    const bytes = Uint8Array.from(whole[i % whole.length] as Buffer);
    for (let n = below(4); n > 0; n--) bytes[below(bytes.length)] = below(256);
    const packet = below(5) === 0 ? bytes.subarray(0, below(bytes.length + 1)) : bytes;
    const answer = ask(packet, from);
    if (answer === null) continue;
    answered++;
    longest = Math.max(longest, answer.length);
    // EDNS has to be in the query for more than 512 bytes.
    const isPlain =
      packet.length < 12 || (packet[10] as number) * 256 + (packet[11] as number) === 0;
    if (answer.length > (isPlain ? 512 : 1_232)) t.fail(`${answer.length} bytes, seed ${seed}`);
    if (((answer[2] as number) & 0x80) === 0) t.fail(`not a response, seed ${seed}`);
  }
  const { user, system } = process.cpuUsage(before);
  const each = (user + system) / count;
  t.log(
    `seed ${seed}: ${answered} answers, the longest of ${longest} bytes; ${each.toFixed(1)} µs of CPU each`,
  );
  t.true(answered > count / 4 && longest > 1_000);
  // It is about ten, the snapshots and the mutation included.
  t.true(each < 100, `${each} µs`);
});

test('dns responder › a flood in the name of others is amplified less than twice, while others are served', (t) => {
  const { ask, clock, counters } = dnsWorld();
  const clientCookie = Buffer.from('0102030405060708', 'hex');
  const honest = '192.0.2.9';
  const cookie = cookieOf(
    ask(queryOf('dynamo', 'A', { edns: 1_232, cookie: clientCookie }), honest),
  );
  const forged = [
    queryOf('dynamo', 'A', { edns: 1_232 }),
    queryOf('_dynamo._tcp.dynamo', 'SRV', { edns: 4_096 }),
    queryOf('dynamo', 'NS', { edns: 1_232, cookie: clientCookie }),
    queryOf('dynamo', 'ANY', { edns: 4_096 }),
  ];
  const below = createBelow();
  let received = 0;
  let sent = 0;
  let served = 0;
  const count = 200_000;
  for (let i = 0; i < count; i++) {
    // Twenty thousand a second, half of them in the name of one victim.
    clock.now = 1_000_000 + i / 20;
    const from = i % 2 === 0 ? '203.0.113.5' : `${11 + below(100)}.${below(256)}.${below(256)}.1`;
    const packet = forged[i % forged.length] as Buffer;
    received += packet.length;
    sent += ask(packet, from)?.length ?? 0;
    if (i % 1_000 !== 0) continue;
    const answer = ask(queryOf('dynamo', 'A', { edns: 1_232, cookie }), honest);
    served += decode(answer as Uint8Array).answers?.length ?? 0;
    const overTcp = ask(queryOf('dynamo', 'A'), '203.0.113.5', 'tcp');
    served += decode(overTcp as Uint8Array).answers?.length ?? 0;
  }
  const amplification = sent / received;
  t.log(
    `${count} queries of ${received} bytes: ${sent} bytes back, ${amplification.toFixed(2)} for 1`,
  );
  t.true(amplification < 2);
  t.is(
    served,
    2 * 16 * (count / 1_000),
    'with a cookie, and over TCP from the address that is flooded',
  );
  t.true(counters.dnsLimited > count / 3);
});

test('dns responder › answers are counted by type, unknown names and refusals apart', (t) => {
  const { ask, counters } = dnsWorld();
  const types = ['A', 'AAAA', 'AAAA', 'SRV', 'TXT', 'TXT', 'TXT', 'NS', 'SOA', 'ANY', 'MX'];
  for (const type of types)
    ask(queryOf(`${type === 'TXT' ? '_status.' : ''}dynamo`, type), '192.0.2.9');
  ask(queryOf('nobody.dynamo', 'TXT'), '192.0.2.9', 'tcp');
  ask(queryOf('example.org', 'TXT'), '192.0.2.9', 'tcp');
  t.deepEqual(counters, {
    ...createCounters(),
    dnsUdp: types.length,
    dnsTcp: 2,
    dnsA: 1,
    dnsAaaa: 2,
    dnsSrv: 1,
    dnsTxt: 3,
    dnsOther: 4,
    dnsUnknown: 1,
    dnsErrors: 1,
  });
});

test('dns responder › a resolver without cookies has whole answers while nobody floods', (t) => {
  const { ask, clock } = dnsWorld();
  for (let i = 0; i < 300; i++) {
    clock.now += 50;
    const answer = decode(ask(queryOf('dynamo', 'A', { edns: 1_232 }), '192.0.2.9') as Uint8Array);
    t.deepEqual([answer.flag_tc, answer.answers?.length], [false, 16]);
  }
});

test('dns responder › of a thousand queries in a second each has its own question, size, EDNS and hosts', (t) => {
  const { ask, clock, add } = dnsWorld();
  const seen = new Set<string>();
  const cookie = Buffer.from('0102030405060708', 'hex');
  for (let i = 0; i < 1_000; i++) {
    // From networks of their own, which nobody limits yet.
    const from = i % 3 === 0 ? `10.${i >> 8}.${i & 255}.9` : `12.${i >> 8}.${i & 255}.9`;
    const edns = i % 2 === 0 ? null : 1_232;
    const name = i % 5 === 0 ? 'DyNaMo' : 'dynamo';
    const query = queryOf(name, 'A', { id: i, edns, cookie: i % 4 === 1 ? cookie : null });
    const answer = decode(ask(query, from, 'tcp') as Uint8Array);
    t.is(answer.id, i);
    t.is(answer.questions?.[0]?.name, name);
    t.is(answer.additionals?.length, edns === null ? 0 : 1);
    if (i % 4 === 1) t.is(cookieIn(answer).length, 24);
    const hosts = dataOf(answer) as string[];
    t.is(new Set(hosts).size, 16);
    seen.add(hosts.join());
  }
  t.true(seen.size > 100, `${seen.size} different answers`);
  const before = decode(ask(queryOf('new.dynamo', 'A'), '10.0.0.9', 'tcp') as Uint8Array);
  t.is(before.rcode, 'NXDOMAIN');
  // Names of nodes are looked up, and the rest is as old as its snapshot.
  add('10.0.0.1:4000', 'new');
  const now = decode(ask(queryOf('new.dynamo', 'A'), '10.0.0.9', 'tcp') as Uint8Array);
  t.deepEqual(dataOf(now), ['10.0.0.1']);
  const status = () =>
    String(dataOf(decode(ask(queryOf('_status.dynamo', 'TXT'), '10.0.0.9', 'tcp') as Uint8Array)));
  t.is(status(), 'hosts=200 age=1 servers=1');
  clock.now += 1_000;
  t.is(status(), 'hosts=201 age=1 servers=1');
  // A public asker does not share the answer of a private one.
  const other = ask(queryOf('_status.dynamo', 'TXT'), '12.0.0.9', 'tcp') as Uint8Array;
  t.is(String(dataOf(decode(other))), 'hosts=200 age=1 servers=1');
});

// What broke elsewhere.

test('dns responder › errors are responses (sipa/bitcoin-seeder#83: 12 bytes without QR)', (t) => {
  const { ask } = dnsWorld();
  const broken = queryOf('dynamo', 'A').subarray(0, 15);
  const status = queryOf('dynamo', 'A');
  status[2] = 0x10;
  for (const packet of [broken, status]) {
    const answer = ask(packet, '192.0.2.9') as Uint8Array;
    t.is(answer.length, 12);
    t.true(decode(answer).flag_qr);
  }
});

test('dns responder › mixed case is answered in mixed case (sipa/bitcoin-seeder#14: not at all)', (t) => {
  const { ask } = dnsWorld();
  for (const name of [
    'DYNAMO',
    'dYnAmO',
    '_DynaMO._TcP.dynamO',
    `${dnsNodeId.toUpperCase()}.DynamO`,
  ]) {
    const type = name.startsWith('_') ? 'SRV' : 'A';
    const answer = decode(ask(queryOf(name, type), '192.0.2.9') as Uint8Array);
    t.is(answer.questions?.[0]?.name, name);
    t.true((answer.answers?.length ?? 0) > 0);
    t.is(answer.answers?.[0]?.name, name);
  }
});

test('dns responder › an answer of services is never empty because it is too long (hashicorp/consul#1931, #3850)', (t) => {
  const { ask } = dnsWorld();
  for (const [transport, edns] of [
    ['udp', null],
    ['udp', 512],
    ['udp', 1_232],
    ['udp', 65_535],
    ['tcp', null],
  ] as const) {
    const answer = decode(
      ask(queryOf('_dynamo._tcp.dynamo', 'SRV', { edns }), '192.0.2.9', transport) as Uint8Array,
    );
    t.true((answer.answers?.length ?? 0) >= 5, `${transport} ${edns}`);
    t.false(answer.flag_tc);
  }
});

test('dns responder › a cookie counts for the size of the answer (coredns/coredns#2581)', (t) => {
  const { ask } = dnsWorld();
  const cookie = Buffer.from('0102030405060708', 'hex');
  for (let edns = 512; edns <= 1_232; edns += 5) {
    const query = queryOf('_dynamo._tcp.dynamo', 'SRV', { edns, cookie });
    const answer = ask(query, `192.0.${edns & 255}.9`, 'udp') as Uint8Array;
    t.true(answer.length <= edns, `${answer.length} of ${edns}`);
    t.is(cookieOf(answer).length, 24);
  }
});

test('dns responder › EDNS is in truncated answers, and in none that was not asked for (PowerDNS/pdns#4857, coredns/coredns#5366)', (t) => {
  const { ask } = dnsWorld();
  for (const [edns, count] of [
    [null, 0],
    [1_232, 1],
  ] as const) {
    let truncated = 0;
    for (let i = 0; i < 300; i++) {
      const answer = ask(queryOf('dynamo', 'A', { edns }), '192.0.2.9');
      if (answer === null) continue;
      const { additionals, flag_tc } = decode(answer);
      t.is(additionals?.length, count);
      if (flag_tc) truncated++;
    }
    t.true(truncated > 50);
  }
});

test('dns responder › options that it does not know are not sent back (PowerDNS/pdns#10006, NLnetLabs/domain#355)', (t) => {
  const { ask } = dnsWorld();
  const query = queryOf('dynamo', 'A', { edns: 4_096 });
  // NSID, a keepalive (which UDP must ignore), padding, and one of the private range.
  const options = Buffer.from('00030000' + '000b0000' + '000c000400000000' + 'fde90002abcd', 'hex');
  const packet = Buffer.concat([query, options]);
  packet.writeUInt16BE(options.length, query.length - 2);
  const answer = decode(ask(packet, '192.0.2.9') as Uint8Array);
  const opt = answer.additionals?.[0];
  t.deepEqual(opt?.type === 'OPT' && [opt.udpPayloadSize, opt.options.length], [1_232, 0]);
  t.is(answer.answers?.length, 16);
});
