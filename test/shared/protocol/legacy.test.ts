import test from 'ava';
import fc from 'fast-check';
import { AddressList } from '../../../shared/protocol/address.ts';
import { chunkBytes } from '../../../shared/protocol/chunk-writer.ts';
import { dialectOf } from '../../../shared/protocol/dialect.ts';
import { legacy } from '../../../shared/protocol/legacy.ts';
import { maxHaveAddresses, maxNodeIdLength } from '../../../shared/protocol/limits.ts';
import type { Reply } from '../../../shared/protocol/message.ts';
import { createRandom, seed } from '../../fixture/random.ts';
import {
  chunksOf,
  decode,
  feedRequests,
  listReply,
  mutate,
  type Outcome,
  pieces,
  textOf,
} from './wire.ts';

const uuid = '123e4567-e89b-42d3-a456-426614174000';

function query(have: string[] | null = null): Outcome {
  const asked = { nodeId: uuid, port: 4000, limit: null, since: null, hop: 0, have };
  return { verb: 'query', ...asked, ipv4Only: true };
}

test('legacy › each message is decoded, and bytes behind it are ignored', (t) => {
  const alive = { verb: 'alive', nodeId: uuid, port: 4000 };
  const table: [text: string, outcome: Outcome][] = [
    [`1/${uuid}/4000/`, query()],
    [`1/${uuid}/4000/\n`, query()],
    [`1/${uuid}/4000/\r\n`, query()],
    [`1/${uuid}/4000/${'\0'.repeat(1_000)}`, query()],
    [`1/${uuid}/4000/1/${uuid}/4001/`, query()],
    [`1/${uuid}/4000;1.2.3.4:5;6.7.8.9:10;/`, query(['1.2.3.4:5', '6.7.8.9:10'])],
    [`1/${uuid}/4000;1.2.3.4:5/`, query(['1.2.3.4:5'])],
    [`1/${uuid}/4000;[::1]:5;/`, query(['[::1]:5'])],
    [`1/${uuid}/4000;/`, query()],
    [`3/${uuid}/4000/`, alive],
    [`3/${uuid}/4000/\n`, alive],
  ];
  for (const [text, outcome] of table) t.deepEqual(decode(legacy, text), [outcome], text);
});

test('legacy › messages that crashed the first server are refused', (t) => {
  const types = 'must be 1 (SYNC-ME) or 3 (IM-ALIVE), followed by /';
  const nodeIds = "must be 1 to 64 letters, digits, '.', '_' or '-'";
  const table: [text: string, code: string, text: string][] = [
    ['/', 'malformed', `message type "": ${types}`],
    ['1234567890', 'malformed', `message type "1"…: ${types}`],
    ['text without a slash', 'malformed', `message type "t"…: ${types}`],
    [`1/${uuid}/Inf/`, 'bad-port', 'port "Inf": must be 1 to 65535'],
    [`1/${uuid}/NaN/`, 'bad-port', 'port "NaN": must be 1 to 65535'],
    [`1/${uuid}/1e9/`, 'bad-port', 'port "1e9": must be 1 to 65535'],
    [
      "1/'; DROP TABLE nodes; --/4000/",
      'bad-node-id',
      `SOURCE "'; DROP TABLE nodes; --": ${nodeIds}`,
    ],
    [`1/${uuid}/1');DELETE FROM nodes;/`, 'bad-port', `port "1')": must be 1 to 65535`],
  ];
  for (const [text, code, message] of table)
    t.deepEqual(decode(legacy, text), [{ code, text: message }], text);
});

test('legacy › other malformed messages are refused', (t) => {
  const table: [text: string, code: string][] = [
    [`0/${uuid}/4000/`, 'malformed'],
    [`2/${uuid}/4000/`, 'malformed'],
    [`4/ns/1.2.3.4,4524/`, 'malformed'],
    [`11/${uuid}/4000/`, 'malformed'],
    ['1//4000/', 'bad-node-id'],
    [`1/${uuid}\n/4000/`, 'bad-node-id'],
    ['1/\x1b[2J/4000/', 'bad-node-id'],
    [`1/${uuid}//`, 'bad-port'],
    [`1/${uuid}/0/`, 'bad-port'],
    [`1/${uuid}/65536/`, 'bad-port'],
    [`1/${uuid}/04000/`, 'bad-port'],
    [`1/${uuid}/4000\n/`, 'bad-port'],
    [`1/${uuid}/;1.2.3.4:5;/`, 'bad-port'],
    [`1/${uuid}/4000;;/`, 'bad-address'],
    [`1/${uuid}/4000;1.2.3.4:5;;/`, 'bad-address'],
    [`1/${uuid}/4000;1.2.3.4/`, 'bad-address'],
    [`1/${uuid}/4000;${'1'.repeat(48)}`, 'bad-address'],
    [`3/${uuid}/4000;1.2.3.4:5;/`, 'malformed'],
  ];
  for (const [text, code] of table) {
    const outcomes = decode(legacy, text);
    t.deepEqual(
      outcomes.map((outcome) => outcome.code),
      [code],
      text,
    );
  }
});

test('legacy › a byte at a time, the request comes with the third slash', (t) => {
  const text = `1/${uuid}/4000;1.2.3.4:5;6.7.8.9:10;/`;
  const feed = feedRequests(legacy);
  t.false(feed.pending);
  for (const character of text.slice(0, -1)) {
    feed.push(character);
    t.deepEqual(feed.outcomes, []);
    t.true(feed.pending);
  }
  feed.push('/');
  t.deepEqual(feed.outcomes, [query(['1.2.3.4:5', '6.7.8.9:10'])]);
  t.false(feed.pending);
  for (const character of `\r\n1/${uuid}/4000/`) feed.push(character);
  t.is(feed.outcomes.length, 1);
});

test('legacy › every field may be as long as its limit, and no longer', (t) => {
  const port = 65535;
  const pairs: [atLimit: string, beyond: string][] = [
    [`3/${'a'.repeat(maxNodeIdLength)}/1/`, `3/${'a'.repeat(maxNodeIdLength + 1)}`],
    [`3/a/${port}/`, `3/a/${port + 1}/`],
    [`3/a/1/`, '3/a/0/'],
    ['1/a/1;255.255.255.255:65535;/', '1/a/1;255.255.255.255:65536;/'],
    ['1/a/1;[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535/', `1/a/1;${'['.repeat(48)}`],
  ];
  for (const [atLimit, beyond] of pairs) {
    t.true('verb' in (decode(legacy, atLimit)[0] as Outcome), atLimit);
    t.true('code' in (decode(legacy, beyond)[0] as Outcome), beyond);
  }
});

test('legacy › known hosts are counted', (t) => {
  const feed = feedRequests(legacy);
  feed.push(`1/${uuid}/4000`);
  const some = Buffer.from(';1.2.3.4:5'.repeat(1_000));
  for (let sent = 0; sent < maxHaveAddresses; sent += 1_000) feed.push(some);
  feed.push(';');
  t.deepEqual(feed.outcomes, []);
  feed.push('1.2.3.4:5;');
  t.deepEqual(feed.outcomes, [
    { code: 'too-many', text: `more than ${maxHaveAddresses} known hosts in one message` },
  ]);
  t.false(feed.pending);
});

test('legacy › a message of any hosts survives being written and read in pieces', (t) => {
  const host = fc
    .tuple(fc.ipV4(), fc.integer({ min: 1, max: 65535 }))
    .map(([ip, port]) => `${ip}:${port}`);
  fc.assert(
    fc.property(fc.array(host, { maxLength: 30 }), fc.boolean(), (hosts, trailing) => {
      const list = hosts.map((text) => `;${text}`).join('');
      const text = `1/${uuid}/4000${list}${trailing ? ';' : ''}/`;
      const expected = [query(hosts.length > 0 ? hosts : null)];
      t.deepEqual(decode(legacy, text), expected);
      const feed = feedRequests(legacy);
      for (const byte of Buffer.from(text)) feed.push(Buffer.of(byte));
      t.deepEqual(feed.outcomes, expected);
    }),
    { numRuns: 200, seed },
  );
  t.pass();
});

test('legacy › mutated bytes are refused once or read as one valid request', (t) => {
  t.log(`SEED=${seed}`);
  const random = createRandom(seed);
  const valid = [
    `1/${uuid}/4000/`,
    `3/${uuid}/65535/\n`,
    `1/${uuid}/4000;1.2.3.4:5;[2001:db8::1]:6;/`,
  ].map((text) => Buffer.from(text));
  for (let round = 0; round < 5_000; round++) {
    const bytes = mutate(valid, random);
    const feed = feedRequests(legacy);
    for (const piece of pieces(bytes, 40, random)) feed.push(piece);
    t.true(feed.outcomes.length <= 1, bytes.toString('latin1'));
    for (const outcome of feed.outcomes)
      if ('verb' in outcome) {
        t.regex(outcome.nodeId as string, /^[0-9A-Za-z._-]{1,64}$/);
        t.true((outcome.port as number) >= 1 && (outcome.port as number) <= 65535);
      } else t.regex(outcome.text as string, /^[^\u0000-\u001f\u007f-\u009f]{1,400}$/);
  }
});

test('legacy › replies are text that the first nodes can parse, or empty', (t) => {
  const mixed = AddressList.of('1.2.3.4:5', '[2001:db8::1]:6', '6.7.8.9:10');
  const onlyIpv6 = AddressList.of('[2001:db8::1]:6');
  const failure = { code: 'not-stored', text: 'the disk is full' } as const;
  const table: [reply: Reply, text: string][] = [
    [listReply([mixed], { extent: 'full' }), '1.2.3.4:5;6.7.8.9:10;'],
    [listReply([mixed, mixed], { gone: mixed }), '1.2.3.4:5;6.7.8.9:10;'.repeat(2)],
    [listReply([mixed], { failure }), '1.2.3.4:5;6.7.8.9:10;'],
    [listReply([], { extent: 'full' }), 'root'],
    [listReply([onlyIpv6], { extent: 'full' }), 'root'],
    [listReply([], { extent: 'delta' }), ''],
    [{ kind: 'redirect', address: '127.0.0.2:4524' }, '4/ddnsd/127.0.0.2,4524/'],
    [{ kind: 'redirect', address: '[::1]:4524' }, ''],
    [{ kind: 'ok' }, ''],
    [{ kind: 'busy', seconds: 5 }, ''],
    [{ kind: 'pong', id: 'ns-1' }, ''],
    [{ kind: 'error', code: 'malformed', text: 'no' }, ''],
  ];
  for (const [reply, text] of table) t.is(textOf(legacy, reply), text);
  t.deepEqual(chunksOf(legacy, { kind: 'ok' }), []);
});

test('legacy › a long list comes in chunks', (t) => {
  const list = AddressList.of(...Array(10_000).fill('100.100.100.100:50000'));
  const chunks = chunksOf(legacy, listReply([list]));
  t.is(chunks.length, 4);
  for (const chunk of chunks) t.true(chunk.length <= chunkBytes);
  t.is(Buffer.concat(chunks).toString(), '100.100.100.100:50000;'.repeat(10_000));
});

test('dialect › the first byte of a connection names its dialect', (t) => {
  const native = Array.from({ length: 256 }, (_, byte) => byte).filter(
    (byte) => dialectOf(byte)?.name === 'native',
  );
  t.is(Buffer.from(native).toString(), 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz');
  const legacy = Array.from({ length: 256 }, (_, byte) => byte).filter(
    (byte) => dialectOf(byte)?.name === 'legacy',
  );
  t.is(Buffer.from(legacy).toString(), '0123456789');
  for (const byte of [0x00, 0x01, 0x02]) t.is(dialectOf(byte)?.name, 'dns', `${byte}`);
});

test('dialect › no other first byte begins a dialect', (t) => {
  for (const byte of [0x03, 0x0a, 0x0d, 0x16, 0x20, 0x2f, 0x3a, 0x40, 0x5b, 0x60, 0x7b, 0xff])
    t.is(dialectOf(byte), null, `${byte}`);
});
