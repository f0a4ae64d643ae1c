// What broke name servers of other projects, sent to ours: each as the report has it.
import test from 'ava';
import { cookieIn, type Decoded, dataOf, decode, queryOf } from '../../fixture/dns-client.ts';
import { dnsWorld } from '../../fixture/dns-world.ts';

const clientCookie = Buffer.from('0102030405060708', 'hex');
const from = '192.0.2.9';

/** The query with so many records behind the question, as they are. */
function withRecords(query: Buffer, count: number, ...records: string[]): Buffer {
  const packet = Buffer.concat([query, ...records.map((record) => Buffer.from(record, 'hex'))]);
  packet.writeUInt16BE(count, 10);
  return packet;
}

/** EDNS in hexadecimal: `flags` is the version and the flags, of 3 bytes. */
function opt({ flags = '000000', options = '' } = {}): string {
  const length = (options.length / 2).toString(16).padStart(4, '0');
  return `00002904d000${flags}${length}${options}`;
}

function ednsOf({ additionals }: Decoded) {
  const [edns, ...more] = additionals ?? [];
  return edns?.type === 'OPT' && more.length === 0 ? edns : null;
}

test('dns hostile › no answer of ours is answered when it comes back (barrucadu/resolved#246, AdguardTeam/AdGuardHome#1710)', (t) => {
  const { ask } = dnsWorld();
  const notify = queryOf('dynamo', 'SOA');
  notify[2] = 0x20;
  const queries = [
    queryOf('dynamo', 'A', { edns: 1_232, cookie: clientCookie }),
    queryOf('nobody.dynamo', 'A'),
    queryOf('example.org', 'A', { edns: 1_232 }),
    queryOf('dynamo', 'A').subarray(0, 15),
    withRecords(queryOf('dynamo', 'A'), 1, opt({ flags: '010000' })),
    notify,
  ];
  for (const query of queries)
    for (const transport of ['udp', 'tcp'] as const) {
      const answer = ask(query, from, transport);
      t.true((answer?.length ?? 0) >= 12);
      t.is(ask(answer as Uint8Array, from, transport), null);
    }
});

const plain = queryOf('dynamo', 'SOA');

const edns: [what: string, query: Buffer, rcode: string, extended: number][] = [
  ['version 100', withRecords(plain, 1, opt({ flags: '640000' })), 'NOERROR', 1],
  [
    'version 100 and an unknown option',
    withRecords(plain, 1, opt({ flags: '640000', options: '00640000' })),
    'NOERROR',
    1,
  ],
  ['an unknown option', withRecords(plain, 1, opt({ options: '006400030a0b0c' })), 'NOERROR', 0],
  ['unknown flags', withRecords(plain, 1, opt({ flags: '004080' })), 'NOERROR', 0],
  ['DO', withRecords(plain, 1, opt({ flags: '008000' })), 'NOERROR', 0],
];

for (const [what, query, rcode, extended] of edns)
  test(`dns hostile › EDNS with ${what} is answered with EDNS 0 (coredns/coredns#5785: not at all)`, (t) => {
    const { ask } = dnsWorld();
    const answer = decode(ask(query, from) as Uint8Array);
    t.is(answer.rcode, rcode);
    t.is(answer.answers?.length, extended === 0 ? 1 : 0);
    const { ednsVersion, extendedRcode, flags, options } = ednsOf(answer) ?? {};
    t.is(ednsVersion, 0);
    t.is(extendedRcode, extended);
    t.is(flags, what === 'DO' ? 0x8000 : 0);
    t.deepEqual(options, []);
  });

const malformed: [what: string, query: Buffer][] = [
  ['two OPT records', withRecords(plain, 2, opt(), opt())],
  ['an OPT record that is cut', withRecords(plain, 1, opt().slice(0, -2))],
  ['an OPT record that promises more options', withRecords(plain, 1, `${opt().slice(0, -4)}0004`)],
  ['an option that promises more data', withRecords(plain, 1, opt({ options: '000a0009ff' }))],
  ['a record that is promised and missing', withRecords(plain, 1)],
  ['a record that is not counted', withRecords(plain, 0, opt())],
  ['a pointer as its name', Buffer.from('000100000001000000000000c00c00010001', 'hex')],
  ['no question', Buffer.from('000100000000000000000000', 'hex')],
  [
    'no question and EDNS without a cookie',
    withRecords(Buffer.from('000100000000000000000000', 'hex'), 1, opt()),
  ],
];

for (const [what, query] of malformed)
  test(`dns hostile › a query with ${what} gets FORMERR, and no more than its header`, (t) => {
    const { ask } = dnsWorld();
    const answer = ask(query, from) as Uint8Array;
    t.is(answer.length, 12);
    t.is(decode(answer).rcode, 'FORMERR');
  });

test('dns hostile › a query without a question gets the cookie that it asks for (RFC 7873 §5.4)', (t) => {
  const { ask } = dnsWorld();
  const header = Buffer.from('000101000000000000000000', 'hex');
  const query = withRecords(header, 1, opt({ options: '000a00080102030405060708' }));
  const answer = decode(ask(query, from) as Uint8Array);
  t.deepEqual([answer.rcode, answer.questions, answer.answers], ['NOERROR', [], []]);
  const cookie = cookieIn(answer);
  const second = ask(queryOf('dynamo', 'A', { edns: 1_232, cookie }), from) as Uint8Array;
  t.deepEqual(cookieIn(decode(second)), cookie, 'it is believed');
});

test('dns hostile › a signature of a key that nobody has is ignored, beside EDNS and without it', (t) => {
  const { ask } = dnsWorld();
  const data =
    '08686d61632d6d6435077369672d616c670372656703696e7400' +
    '000065000000' +
    '012c' +
    '0000' +
    '0001' +
    '0000' +
    '0000';
  const tsig = `036b65790000fa00ff00000000${(data.length / 2).toString(16).padStart(4, '0')}${data}`;
  for (const query of [withRecords(plain, 1, tsig), withRecords(plain, 2, opt(), tsig)]) {
    const answer = decode(ask(query, from) as Uint8Array);
    t.deepEqual([answer.rcode, answer.answers?.length], ['NOERROR', 1]);
  }
});

for (const [opcode, name] of [
  [1, 'IQUERY'],
  [2, 'STATUS'],
  [4, 'NOTIFY'],
  [5, 'UPDATE'],
  [6, 'DSO'],
  [7, 'of a later day'],
] as const)
  test(`dns hostile › opcode ${name} is not implemented`, (t) => {
    const { ask } = dnsWorld();
    const query = Buffer.from(plain);
    query[2] = opcode << 3;
    const answer = decode(ask(query, from) as Uint8Array);
    t.is(answer.rcode, 'NOTIMP');
  });

const elsewhere: [name: string, type: string, qclass: number][] = [
  ['version.bind', 'TXT', 3],
  ['id.server', 'TXT', 3],
  ['dynamo', 'A', 3],
  ['dynamo', 'A', 255],
  ['dynamo', 'AXFR', 1],
  ['dynamo', 'IXFR', 1],
  ['dynamo', 'TKEY', 1],
  ['.', 'NS', 1],
  ['.', 'ANY', 1],
  ['notdynamo', 'A', 1],
];

for (const [name, type, qclass] of elsewhere)
  test(`dns hostile › ${name} ${type} of class ${qclass} is refused, in fewer bytes than twice the question`, (t) => {
    const { ask } = dnsWorld();
    const query = queryOf(name, type);
    query.writeUInt16BE(qclass, query.length - 2);
    const answer = ask(query, from) as Uint8Array;
    t.is(decode(answer).rcode, 'REFUSED');
    t.is(answer.length, query.length);
  });

test('dns hostile › types that validators and browsers ask for are answered without records and with the SOA', (t) => {
  const { ask } = dnsWorld();
  for (const type of ['DS', 'DNSKEY', 'HTTPS', 'CNAME', 'MX', 'CAA', 'UNKNOWN_65280']) {
    const { rcode, answers, authorities } = decode(
      ask(queryOf('dynamo', type), from) as Uint8Array,
    );
    t.deepEqual([rcode, answers, authorities?.[0]?.type], ['NOERROR', [], 'SOA'], type);
  }
});

test('dns hostile › dots within a label are no ends of labels', (t) => {
  const { ask, add } = dnsWorld();
  add('198.18.3.1:4000', 'a');
  const query = (labels: readonly string[]) =>
    Buffer.concat([
      queryOf('dynamo', 'A').subarray(0, 12),
      ...labels.map((label) => Buffer.from(`${String.fromCharCode(label.length)}${label}`)),
      Buffer.from('0000010001', 'hex'),
    ]);
  t.is(decode(ask(query(['a', 'dynamo']), from) as Uint8Array).rcode, 'NOERROR');
  t.is(decode(ask(query(['a.dynamo']), from) as Uint8Array).rcode, 'REFUSED');
  t.is(decode(ask(query(['x.a', 'dynamo']), from) as Uint8Array).rcode, 'NXDOMAIN');
  t.is(decode(ask(query(['_dynamo._tcp', 'dynamo']), from) as Uint8Array).rcode, 'NXDOMAIN');
});

test('dns hostile › an IPv4 address and its mapped form share a cookie and a rate', (t) => {
  const { ask, counters } = dnsWorld();
  const first = decode(
    ask(queryOf('dynamo', 'SOA', { edns: 1_232, cookie: clientCookie }), from) as Uint8Array,
  );
  const cookie = cookieIn(first);
  for (const asker of [from, `::ffff:${from}`]) {
    const again = ask(queryOf('dynamo', 'SOA', { edns: 1_232, cookie }), asker) as Uint8Array;
    t.deepEqual(cookieIn(decode(again)), cookie);
  }
  for (let i = 0; i < 200; i++) ask(plain, i % 2 === 0 ? '198.51.100.1' : '::ffff:198.51.100.2');
  t.true(counters.dnsLimited >= 90, `${counters.dnsLimited}`);
});

test('dns hostile › hundreds of hosts of one network are four addresses of an answer (hashicorp/consul, "thousands of instances")', (t) => {
  const { ask, add, clock } = dnsWorld();
  for (let i = 1; i < 250; i++) add(`203.0.113.${i}:4000`, `n${i}`);
  clock.now += 1_000;
  for (let i = 0; i < 20; i++) {
    const hosts = dataOf(
      decode(ask(queryOf('dynamo', 'A'), from, 'tcp') as Uint8Array),
    ) as string[];
    t.true(hosts.filter((ip) => ip.startsWith('203.0.113.')).length <= 4);
    t.is(hosts.length, 16);
  }
});
