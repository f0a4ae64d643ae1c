// Answers, read by dns-packet, and their sizes.
import test from 'ava';
import { decode } from 'dns-packet';
import {
  type DnsAnswer,
  encodeAnswer,
  encodeError,
  encodeTruncated,
  udpLimit,
} from '../../../../shared/protocol/dns/dns-answer.ts';
import { recordTypes } from '../../../../shared/protocol/dns/dns-codes.ts';
import { type DnsQuery, decodeQuery } from '../../../../shared/protocol/dns/dns-query.ts';
import type { DnsRecord } from '../../../../shared/protocol/dns/message-writer.ts';

type Name = keyof typeof recordTypes;

/** A query, made by hand so that the case of its name is kept. `edns`: the size it announces. */
function ask(name: string, type: Name = 'A', edns: number | null = null): DnsQuery {
  const labels = name
    .split('.')
    .map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
  const opt = Buffer.from('0000290000000000000000', 'hex');
  opt.writeUInt16BE(edns ?? 0, 3);
  const head = Buffer.from('123401000001000000000000', 'hex');
  head.writeUInt16BE(edns === null ? 0 : 1, 10);
  const tail = Buffer.from([0, 0, recordTypes[type], 0, 1]);
  const result = decodeQuery(
    Buffer.concat([head, ...labels, tail, ...(edns === null ? [] : [opt])]),
  );
  if (result?.kind !== 'query') throw new Error(`${name} is no query`);
  return result.query;
}

function a(index: number, owner: string | null = null): DnsRecord {
  return { owner, ttl: 60, data: { type: 'A', ip: Uint8Array.of(10, 0, 0, index) } };
}

function srv(index: number): { record: DnsRecord; glue: DnsRecord } {
  const target = `5f0c7a52-6e1b-4c1c-9a55-${String(index).padStart(12, '0')}.dynamo.`;
  return {
    record: { owner: null, ttl: 60, data: { type: 'SRV', port: 4000 + index, target } },
    glue: a(index, target),
  };
}

function many<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

function sample(count: number): DnsAnswer {
  return {
    rcode: 0,
    isAuthoritative: true,
    isSample: true,
    answers: many(count, (index) => ({ record: a(index) })),
  };
}

const soa: DnsRecord = {
  owner: 'dynamo.',
  ttl: 60,
  data: {
    type: 'SOA',
    primary: 'ns1.dynamo.',
    mailbox: 'hostmaster.dynamo.',
    serial: 4_294_967_295,
    times: { refresh: 3_600, retry: 600, expire: 86_400, negative: 60 },
  },
};

const large = { limit: 16_384, cookie: null };

test('dns answer › every type reads as dns-packet reads it', (t) => {
  const records: DnsRecord[] = [
    a(7),
    {
      owner: null,
      ttl: 61,
      data: { type: 'AAAA', ip: Uint8Array.from({ length: 16 }, (_, i) => i) },
    },
    srv(1).record,
    { owner: null, ttl: 62, data: { type: 'TXT', text: 'hosts=3 age=4 servers=1' } },
    { owner: null, ttl: 63, data: { type: 'NS', target: 'ns1.dynamo.' } },
    soa,
    { owner: null, ttl: 64, data: { type: 'HINFO', cpu: 'RFC8482', os: '' } },
  ];
  const bytes = encodeAnswer(
    ask('DyNaMo', 'ANY'),
    { rcode: 0, isAuthoritative: true, answers: records.map((record) => ({ record })) },
    large,
  );
  const read = decode(Buffer.from(bytes));
  t.is(read.id, 0x1234);
  t.true(read.flag_aa);
  t.true(read.flag_rd);
  t.false(read.flag_ra);
  t.is(decode.bytes, bytes.length);
  t.deepEqual(
    read.answers?.map((each) => [
      each.name,
      each.type,
      'ttl' in each && each.ttl,
      'data' in each && each.data,
    ]),
    [
      ['DyNaMo', 'A', 60, '10.0.0.7'],
      ['DyNaMo', 'AAAA', 61, '1:203:405:607:809:a0b:c0d:e0f'],
      [
        'DyNaMo',
        'SRV',
        60,
        {
          priority: 0,
          weight: 0,
          port: 4001,
          target: '5f0c7a52-6e1b-4c1c-9a55-000000000001.dynamo',
        },
      ],
      ['DyNaMo', 'TXT', 62, [Buffer.from('hosts=3 age=4 servers=1')]],
      ['DyNaMo', 'NS', 63, 'ns1.DyNaMo'],
      // Names in a record point at the question, and have its case.
      [
        'DyNaMo',
        'SOA',
        60,
        {
          mname: 'ns1.DyNaMo',
          rname: 'hostmaster.DyNaMo',
          serial: 4_294_967_295,
          refresh: 3_600,
          retry: 600,
          expire: 86_400,
          minimum: 60,
        },
      ],
      ['DyNaMo', 'HINFO', 64, { cpu: 'RFC8482', os: '' }],
    ],
  );
});

test('dns answer › twenty addresses take 354 bytes', (t) => {
  const bytes = encodeAnswer(ask('nodes.dynamo.test'), sample(20), large);
  t.is(bytes.length, 12 + 23 + 20 * 16);
  t.is(encodeAnswer(ask('seed.dynamo.test'), sample(20), large).length, 354);
});

test('dns answer › SRV targets are written in full, and their addresses point at them', (t) => {
  const query = ask('_dynamo._tcp.dynamo', 'SRV', 1_232);
  const bytes = encodeAnswer(query, { rcode: 0, answers: many(3, srv) }, large);
  const read = decode(Buffer.from(bytes));
  t.deepEqual(
    read.additionals?.filter(({ type }) => type === 'A').map(({ name }) => name),
    read.answers?.map((each) => each.type === 'SRV' && each.data.target),
  );
  t.is(Buffer.from(bytes).toString('latin1').split('\x06dynamo\x00').length - 1, 4);
});

for (const [limit, records] of [
  [512, 5],
  [1_232, 14],
] as const)
  test(`dns answer › ${records} SRV records of UUIDs fit ${limit} bytes with their addresses`, (t) => {
    const query = ask('_dynamo._tcp.dynamo', 'SRV', limit);
    const answer = { rcode: 0, isSample: true, answers: many(20, srv) } as const;
    const bytes = encodeAnswer(query, answer, { limit: udpLimit(query), cookie: null });
    const read = decode(Buffer.from(bytes));
    t.true(bytes.length <= limit);
    t.is(read.answers?.length, records);
    t.is(read.additionals?.length, records + 1);
    t.false(read.flag_tc);
  });

test('dns answer › every limit is kept, with and without a cookie and an extended error', (t) => {
  const query = ask('_dynamo._tcp.dynamo', 'SRV', 1_232);
  for (const cookie of [null, new Uint8Array(24)])
    for (const extendedError of [undefined, { code: 14, text: 'backlog full' }])
      for (let limit = 512; limit <= 1_232; limit++) {
        const answer: DnsAnswer = {
          rcode: 0,
          answers: many(20, srv),
          authority: [soa],
          additional: many(9, (index) => a(index, 'ns1.dynamo.')),
          ...(extendedError && { extendedError }),
        };
        const bytes = encodeAnswer(query, answer, { limit, cookie });
        const read = decode(Buffer.from(bytes));
        if (bytes.length > limit || decode.bytes !== bytes.length || read.answers?.length === 0)
          t.fail(`${limit}: ${bytes.length} bytes, ${read.answers?.length} answers`);
        if (!read.flag_tc) t.fail(`${limit}: 20 SRV records do not fit`);
      }
  t.pass();
});

test('dns answer › the longest name leaves room for answers of 512 bytes', (t) => {
  const name = [63, 63, 63, 61].map((length) => 'a'.repeat(length)).join('.');
  const query = ask(name);
  t.is(query.question.length, 255 + 4);
  const bytes = encodeAnswer(query, sample(16), { limit: udpLimit(query), cookie: null });
  t.is(decode(Buffer.from(bytes)).answers?.length, 15);
  t.true(bytes.length <= 512);
});

test('dns answer › thousands of records make an answer of 16 KB at most, with TC', (t) => {
  const query = ask('_dynamo._tcp.dynamo', 'SRV');
  const bytes = encodeAnswer(query, { rcode: 0, answers: many(5_000, srv) }, large);
  const read = decode(Buffer.from(bytes));
  t.true(bytes.length <= 16_384);
  t.true(read.flag_tc);
  t.is(read.additionals?.length, read.answers?.length);
});

test('dns answer › a query without EDNS gets none, one with EDNS always does', (t) => {
  const opts = (bytes: Uint8Array) =>
    (decode(Buffer.from(bytes)).additionals ?? []).filter(({ type }) => type === 'OPT').length;
  for (const [edns, count] of [
    [null, 0],
    [1_232, 1],
  ] as const) {
    const query = ask('dynamo', 'A', edns);
    t.is(opts(encodeAnswer(query, sample(1), { limit: 512, cookie: null })), count);
    t.is(opts(encodeTruncated(query, null)), count);
  }
});

test('dns answer › a truncated answer is no longer than its question, but for the cookie', (t) => {
  const query = ask('dynamo', 'A', 1_232);
  const bytes = encodeTruncated(query, null);
  t.is(bytes.length, 12 + 12 + 11);
  t.true(decode(Buffer.from(bytes)).flag_tc);
  t.is(encodeTruncated(query, new Uint8Array(24)).length, bytes.length + 28);
});

test('dns answer › UDP answers have 512 bytes without EDNS, 512 to 1,232 with it', (t) => {
  const limits = [null, 0, 511, 512, 1_000, 1_232, 1_233, 65_535].map((edns) =>
    udpLimit(ask('dynamo', 'A', edns)),
  );
  t.deepEqual(limits, [512, 512, 512, 512, 1_000, 1_232, 1_232, 1_232]);
});

test('dns answer › an error is a response with the id, the opcode and RD of the message', (t) => {
  const bytes = encodeError({ id: 0xabcd, repeated: 0x2100 }, 4);
  t.is(Buffer.from(bytes).toString('hex'), 'abcda1040000000000000000');
});
