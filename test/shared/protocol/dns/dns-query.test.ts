// Queries as clients send them, as they must not send them, and as nobody should.
import test from 'ava';
import { decode, encode, type Packet } from 'dns-packet';
import { decodeQuery, labelsOf } from '../../../../shared/protocol/dns/dns-query.ts';
import { createRandom, seed } from '../../../fixture/random.ts';

function query(packet: Partial<Packet> = {}): Buffer {
  return encode({
    type: 'query',
    id: 4711,
    flags: 0x0100,
    questions: [{ type: 'A', name: 'dynamo', class: 'IN' }],
    ...packet,
  } as Packet);
}

function opt(fields: object = {}): NonNullable<Packet['additionals']> {
  return [
    { type: 'OPT', name: '.', udpPayloadSize: 1232, flags: 0, options: [], ...fields },
  ] as unknown as NonNullable<Packet['additionals']>;
}

function decoded(bytes: Uint8Array) {
  const result = decodeQuery(bytes);
  return result === null ? null : result.kind === 'error' ? result.rcode : result.query;
}

test('dns query › a question is kept as it came, and its name is lower-case', (t) => {
  const bytes = query({ questions: [{ type: 'SRV', name: '_DYNAMO._tcp.dYnAmO' }] } as Packet);
  t.deepEqual(decoded(bytes), {
    id: 4711,
    repeated: 0x0100,
    question: bytes.subarray(12),
    name: '\x07_dynamo\x04_tcp\x06dynamo\0',
    type: 33,
    class: 1,
    edns: null,
  });
  t.deepEqual(labelsOf({ name: '\x07_dynamo\x04_tcp\x06dynamo\0' }), ['_dynamo', '_tcp', 'dynamo']);
  t.deepEqual(labelsOf({ name: '\0' }), []);
});

test('dns query › EDNS brings size, version, DO and a cookie', (t) => {
  const cookie = Buffer.from('0102030405060708a1a2a3a4a5a6a7a8', 'hex');
  const bytes = query({
    additionals: opt({
      udpPayloadSize: 4096,
      flags: 0x8000,
      options: [
        { code: 12, data: Buffer.alloc(7) },
        { code: 10, data: cookie },
      ],
    }),
  });
  const result = decoded(bytes);
  t.true(typeof result === 'object' && result !== null);
  t.deepEqual((result as { edns: unknown }).edns, {
    size: 4096,
    version: 0,
    wantsDnssec: true,
    cookie,
  });
});

/** The bytes, changed. */
function changed(bytes: Buffer, change: (bytes: Buffer) => void): Buffer {
  const copy = Buffer.from(bytes);
  change(copy);
  return copy;
}

const formErr = 1;
const notImp = 4;

const refused: [what: string, bytes: () => Uint8Array, result: number | null][] = [
  ['eleven bytes', () => query().subarray(0, 11), null],
  ['a response', () => changed(query(), (b) => b.writeUInt16BE(0x8000, 2)), null],
  ['a NOTIFY', () => changed(query(), (b) => b.writeUInt16BE(0x2000, 2)), notImp],
  ['no question', () => query({ questions: [] }), formErr],
  ['65,535 questions', () => changed(query(), (b) => b.writeUInt16BE(65_535, 4)), formErr],
  ['65,535 answers', () => changed(query(), (b) => b.writeUInt16BE(65_535, 6)), formErr],
  ['65,535 authorities', () => changed(query(), (b) => b.writeUInt16BE(65_535, 8)), formErr],
  [
    '65,535 additional records',
    () => changed(query(), (b) => b.writeUInt16BE(65_535, 10)),
    formErr,
  ],
  ['a header that promises a question', () => query().subarray(0, 12), formErr],
  [
    'a name that points at itself',
    () => Buffer.concat([query().subarray(0, 12), Buffer.from('c00c00010001', 'hex')]),
    formErr,
  ],
  [
    'a name of 256 bytes',
    () => Buffer.concat([query().subarray(0, 12), longName(256), Buffer.from('00010001', 'hex')]),
    formErr,
  ],
  ['a label of 64 bytes', () => changed(query(), (b) => b.writeUInt8(64, 12)), formErr],
  ['bytes behind the message', () => Buffer.concat([query(), Buffer.alloc(1)]), formErr],
  [
    'bytes behind the EDNS',
    () => Buffer.concat([query({ additionals: opt() }), Buffer.alloc(1)]),
    formErr,
  ],
  ['two OPT records', () => query({ additionals: [...opt(), ...opt()] }), formErr],
  [
    'an OPT record with a name',
    () =>
      Buffer.concat([
        query().subarray(0, 10),
        Buffer.from([0, 1]),
        query().subarray(12),
        Buffer.from('0178000029ffff00000000' + '0000', 'hex'),
      ]),
    formErr,
  ],
  [
    'a cookie of 7 bytes',
    () => query({ additionals: opt({ options: [{ code: 10, data: Buffer.alloc(7) }] }) }),
    formErr,
  ],
  [
    'a cookie of 15 bytes',
    () => query({ additionals: opt({ options: [{ code: 10, data: Buffer.alloc(15) }] }) }),
    formErr,
  ],
  [
    'a cookie of 41 bytes',
    () => query({ additionals: opt({ options: [{ code: 10, data: Buffer.alloc(41) }] }) }),
    formErr,
  ],
  [
    'an option longer than its record',
    () =>
      changed(
        query({ additionals: opt({ options: [{ code: 10, data: Buffer.alloc(8) }] }) }),
        (b) => b.writeUInt16BE(40, b.length - 10),
      ),
    formErr,
  ],
  [
    'more than 1,232 bytes',
    () =>
      query({
        additionals: opt({ options: [{ code: 12, data: Buffer.alloc(1_232 - 24 - 15 + 1) }] }),
      }),
    formErr,
  ],
];

function longName(bytes: number): Buffer {
  const labels = [63, 63, 63, bytes - 1 - 3 * 64 - 1].map((length) =>
    Buffer.concat([Buffer.from([length]), Buffer.alloc(length, 'a')]),
  );
  return Buffer.concat([...labels, Buffer.alloc(1)]);
}

for (const [what, bytes, result] of refused)
  test(`dns query › ${what}: ${result === null ? 'no answer' : `response code ${result}`}`, (t) => {
    t.is<unknown, unknown>(decoded(bytes()), result);
  });

test('dns query › a name of 255 bytes and a message of 1,232 are read', (t) => {
  const name = Buffer.concat([
    query().subarray(0, 12),
    longName(255),
    Buffer.from('00010001', 'hex'),
  ]);
  t.is(typeof decoded(name), 'object');
  const padded = query({
    additionals: opt({ options: [{ code: 12, data: Buffer.alloc(1_232 - 24 - 15) }] }),
  });
  t.is(padded.length, 1_232);
  t.is(typeof decoded(padded), 'object');
});

test('dns query › no truncation of a query is taken for one', (t) => {
  const whole = query({
    additionals: opt({ options: [{ code: 10, data: Buffer.alloc(24, 7) }] }),
  });
  for (let length = 12; length < whole.length; length++)
    t.is(decoded(whole.subarray(0, length)), formErr, `${length} bytes`);
});

/** What dns-packet reads of the EDNS in a message; null: it does not read the message. */
function oracleEdns(bytes: Uint8Array): unknown {
  try {
    const opt = decode(Buffer.from(bytes)).additionals?.find(({ type }) => type === 'OPT');
    if (opt?.type !== 'OPT') return 'none';
    const { udpPayloadSize: size, ednsVersion: version, flag_do: wantsDnssec, options } = opt;
    const cookie = options.find(({ code }) => Number(code) === 10)?.data;
    return { size, version, wantsDnssec, cookie: cookie?.toString('hex') ?? null };
  } catch {
    return null;
  }
}

test('dns query › a million mutations of queries throw nothing and take no time', (t) => {
  const random = createRandom();
  const whole = [
    query(),
    query({ additionals: opt() }),
    query({ additionals: opt({ options: [{ code: 10, data: Buffer.alloc(24, 7) }] }) }),
    query({
      additionals: opt({
        options: [
          { code: 8, family: 1, sourcePrefixLength: 24, ip: '192.0.2.0' },
          { code: 11, timeout: 100 },
        ],
      }),
    }),
  ];
  const count = 1_000_000;
  const started = performance.now();
  let read = 0;
  let compared = 0;
  for (let i = 0; i < count; i++) {
    const bytes = Uint8Array.from(whole[i % whole.length] as Buffer);
    for (let n = 1 + Math.floor(random() * 4); n > 0; n--)
      bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
    const length = random() < 0.2 ? Math.floor(random() * bytes.length) : bytes.length;
    const result = decodeQuery(bytes.subarray(0, length));
    if (result?.kind !== 'query') continue;
    read++;
    const oracle = i % 16 === 0 ? oracleEdns(bytes.subarray(0, length)) : null;
    if (oracle === null) continue;
    compared++;
    const { edns } = result.query;
    const cookie = edns?.cookie ? Buffer.from(edns.cookie).toString('hex') : null;
    t.deepEqual(edns === null ? 'none' : { ...edns, cookie }, oracle);
  }
  t.true(compared > 10_000, `${compared} compared`);
  t.log(
    `seed ${seed}: ${read} were queries; ${((1_000 * (performance.now() - started)) / count).toFixed(1)} µs each`,
  );
  t.true(read > 1_000);
});

test('dns query › what costs other libraries half a second costs nothing', (t) => {
  const hostile = Buffer.from('000001000000ffffffffffff'.slice(0, 24), 'hex');
  hostile.writeUInt16BE(65_535, 4);
  const before = process.cpuUsage();
  for (let i = 0; i < 10_000; i++) decodeQuery(hostile);
  t.true(process.cpuUsage(before).user < 1_000_000);
});
