import test from 'ava';
import fc from 'fast-check';
import { AddressList } from '../../../shared/protocol/address.ts';
import { native } from '../../../shared/protocol/dialect.ts';
import { maxHops, maxQueryLimit } from '../../../shared/protocol/limits.ts';
import type { Request } from '../../../shared/protocol/message.ts';
import { encodeRequest } from '../../../shared/protocol/native-request.ts';
import { createRandom, seed } from '../../fixture/random.ts';
import { decode, feedRequests, mutate, type Outcome, pieces, plain } from './wire.ts';

const uuid = '123e4567-e89b-42d3-a456-426614174000';

function query(more: Partial<Outcome> = {}): Outcome {
  return {
    ...{ verb: 'query', nodeId: 'a', port: 4000, limit: null, since: null, hop: 0, have: null },
    ...more,
  };
}

function refusal(code: string, text: string): Outcome {
  return { code, text };
}

test('native requests › each request is read', (t) => {
  const table: [text: string, ...outcomes: Outcome[]][] = [
    ['ping\n', { verb: 'ping' }],
    ['ping\r\n', { verb: 'ping' }],
    ['alive a 1\n', { verb: 'alive', nodeId: 'a', port: 1 }],
    [`leave ${uuid} 65535\n`, { verb: 'leave', nodeId: uuid, port: 65535 }],
    ['query a 4000\n', query()],
    ['query A._-9 4000\r\n', query({ nodeId: 'A._-9' })],
    ['query a 4000 limit=50\n', query({ limit: 50 })],
    ['query a 4000 hop=0\n', query()],
    ['query a 4000 since=0z.-9 hop=3 limit=1\n', query({ limit: 1, since: '0z.-9', hop: 3 })],
    ['have 1.2.3.4:5\nquery a 4000\n', query({ have: ['1.2.3.4:5'] })],
    [
      'have 1.2.3.4:5 [::1]:6\r\nhave [::ffff:7.7.7.7]:7\nquery a 4000 limit=2\n',
      query({ have: ['1.2.3.4:5', '[::1]:6', '7.7.7.7:7'], limit: 2 }),
    ],
    ['have 1.2.3.4:5\nquery a 4000\nquery a 4000\n', query({ have: ['1.2.3.4:5'] }), query()],
    [
      'ping\nalive a 1\r\nping\n',
      { verb: 'ping' },
      plain({ verb: 'alive', nodeId: 'a', port: 1 }),
      { verb: 'ping' },
    ],
  ];
  for (const [text, ...outcomes] of table) t.deepEqual(decode(native, text), outcomes, text);
});

const verbs = 'have, query, alive, leave or ping, in lower case';
const spacing =
  'words must be separated by exactly one space, with none at the start or end of a line';
const nodeIds = "must be 1 to 64 letters, digits, '.', '_' or '-'";
const cursors = "must be 1 to 64 of 0-9, a-z, '.' and '-'";
const addresses = 'must be ip:port, as 10.0.0.1:4000 or [2001:db8::1]:4000';

test('native requests › a refusal names the value and what is allowed', (t) => {
  const table: [text: string, code: string, text: string][] = [
    ['\n', 'malformed', `an empty line is not a request; must be ${verbs}`],
    ['\r\n', 'malformed', `an empty line is not a request; must be ${verbs}`],
    ['PING\n', 'malformed', `"PING" is not a request; must be ${verbs}`],
    ['GET / HTTP/1.1\r\n', 'malformed', `"GET" is not a request; must be ${verbs}`],
    ['pin\n', 'malformed', `"pin" is not a request; must be ${verbs}`],
    ['pingg\n', 'malformed', `"pingg" is not a request; must be ${verbs}`],
    ['havee 1.2.3.4:5\n', 'malformed', `"havee" is not a request; must be ${verbs}`],
    ['ping\tx\n', 'malformed', `"ping\\x09x" is not a request; must be ${verbs}`],
    ['p\0ng\n', 'malformed', `"p\\x00ng" is not a request; must be ${verbs}`],
    ['ping\r\r\n', 'malformed', `"ping\\x0d" is not a request; must be ${verbs}`],
    [`${'z'.repeat(80)}\n`, 'malformed', `"${'z'.repeat(71)}…" is not a request; must be ${verbs}`],
    ['sync a\n', 'malformed', 'sync is for name servers only'],
    [' ping\n', 'malformed', spacing],
    ['ping \n', 'malformed', spacing],
    ['query  a 4000\n', 'malformed', spacing],
    ['query a 4000  limit=1\n', 'malformed', spacing],
    [' \n', 'malformed', spacing],
    ['have 1.2.3.4:5 \n', 'malformed', spacing],
    ['have  1.2.3.4:5\n', 'malformed', spacing],
    ['ping a\n', 'malformed', 'ping takes nothing after it'],
    ['query\n', 'malformed', 'query needs a node id and a port: query <node-id> <port>'],
    ['query a\n', 'malformed', 'query needs a node id and a port: query <node-id> <port>'],
    ['alive a\n', 'malformed', 'alive needs a node id and a port: alive <node-id> <port>'],
    ['leave a 1 hop=1\n', 'malformed', '4 words in leave, at most 3'],
    ['query a 1 limit=1 since=1 hop=1 x=1\n', 'malformed', '7 words in query, at most 6'],
    ['query a 1 x x x x x x x x\n', 'malformed', '11 words in query, at most 6'],
    ["alive a'b 1\n", 'bad-node-id', `node id "a'b": ${nodeIds}`],
    ['alive \x1b[2J 1\n', 'bad-node-id', `node id "\\x1b[2J": ${nodeIds}`],
    ['alive \xff 1\n', 'bad-node-id', `node id "\ufffd": ${nodeIds}`],
    ['alive a 0\n', 'bad-port', 'port "0": must be 1 to 65535'],
    ['alive a 65536\n', 'bad-port', 'port "65536": must be 1 to 65535'],
    ['alive a 080\n', 'bad-port', 'port "080": must be 1 to 65535'],
    ['alive a Inf\n', 'bad-port', 'port "Inf": must be 1 to 65535'],
    ['alive a -1\n', 'bad-port', 'port "-1": must be 1 to 65535'],
    ['query a 1 limit=0\n', 'bad-option', 'option "limit=0": must be 1 to 1000000'],
    ['query a 1 limit=\n', 'bad-option', 'option "limit=": must be 1 to 1000000'],
    ['query a 1 limit=1e3\n', 'bad-option', 'option "limit=1e3": must be 1 to 1000000'],
    ['query a 1 since=\n', 'bad-option', `option "since=": ${cursors}`],
    ['query a 1 since=A\n', 'bad-option', `option "since=A": ${cursors}`],
    ['query a 1 hop=4\n', 'bad-option', 'option "hop=4": must be 0 to 3'],
    ['query a 1 limit\n', 'bad-option', 'option "limit": must be limit=, since= or hop='],
    ['query a 1 limi=5\n', 'bad-option', 'option "limi=5": must be limit=, since= or hop='],
    ['query a 1 x=5\n', 'bad-option', 'option "x=5": must be limit=, since= or hop='],
    ['query a 1 limit=1 limit=1\n', 'bad-option', 'option limit= twice: at most once'],
    ['query a 1 hop=0 hop=0\n', 'bad-option', 'option hop= twice: at most once'],
    ['query a 1 since=1 since=1\n', 'bad-option', 'option since= twice: at most once'],
    ['have\n', 'malformed', 'have without an address after it'],
    ['have 1.2.3.4\n', 'bad-address', `address "1.2.3.4": ${addresses}`],
    ['have 1.2.3.4:5 1.2.3.4:0\n', 'bad-address', `address "1.2.3.4:0": ${addresses}`],
    [
      'have 1.2.3.4:5\nping\n',
      'malformed',
      '"ping" after have: only another have or a query may follow',
    ],
    [
      'have 1.2.3.4:5\nalive a 1\n',
      'malformed',
      '"alive" after have: only another have or a query may follow',
    ],
  ];
  for (const [text, code, message] of table)
    t.deepEqual(decode(native, text), [refusal(code, message)], JSON.stringify(text));
});

test('native requests › nothing is read after a refusal', (t) => {
  const feed = feedRequests(native);
  feed.push('ping\nnonsense\nping\n');
  feed.push('ping\nnonsense\n');
  feed.push('half a line');
  t.deepEqual(feed.outcomes, [
    { verb: 'ping' },
    refusal('malformed', `"nonsense" is not a request; must be ${verbs}`),
  ]);
  t.false(feed.pending);
});

const address = fc
  .tuple(
    fc.oneof(
      fc.ipV4().map((ip) => ip),
      fc
        .ipV6()
        .filter((ip) => !ip.includes('.'))
        .map((ip) => `[${ip}]`),
    ),
    fc.integer({ min: 1, max: 65535 }),
  )
  .map(([ip, port]) => `${ip}:${port}`)
  .filter((text) => text.length <= 47);
const nodeId = fc.stringMatching(/^[0-9A-Za-z._-]{1,64}$/);
const port = fc.integer({ min: 1, max: 65535 });
const contact = (verb: 'alive' | 'leave') => fc.record({ verb: fc.constant(verb), nodeId, port });
const anyRequest: fc.Arbitrary<Request> = fc.oneof(
  fc.constant<Request>({ verb: 'ping' }),
  contact('alive'),
  contact('leave'),
  fc.record({
    verb: fc.constant('query' as const),
    nodeId,
    port,
    limit: fc.option(fc.integer({ min: 1, max: maxQueryLimit })),
    since: fc.option(fc.stringMatching(/^[0-9a-z.-]{1,64}$/)),
    hop: fc.integer({ min: 0, max: maxHops }),
    have: fc.option(
      fc.array(address, { minLength: 1, maxLength: 40 }).map((texts) => AddressList.of(...texts)),
    ),
  }),
);

test('native requests › every request survives being written and read, a byte at a time', (t) => {
  fc.assert(
    fc.property(fc.array(anyRequest, { minLength: 1, maxLength: 4 }), (requests) => {
      const bytes = Buffer.concat(requests.map((request) => encodeRequest(request)));
      t.deepEqual(decode(native, bytes), requests.map(plain));
      const feed = feedRequests(native);
      for (const byte of bytes) feed.push(Buffer.of(byte));
      t.deepEqual(feed.outcomes, requests.map(plain));
      t.false(feed.pending);
    }),
    { numRuns: 200, seed },
  );
  t.pass();
});

test('native requests › a byte at a time, a request comes with its last byte and not before', (t) => {
  const text = 'have 1.2.3.4:5\r\nquery a 4000 hop=1\r\nping\nleave a 1\n';
  const ends = new Map([
    [text.indexOf('ping') - 1, query({ hop: 1, have: ['1.2.3.4:5'] })],
    [text.indexOf('leave') - 1, { verb: 'ping' }],
    [text.length - 1, { verb: 'leave', nodeId: 'a', port: 1 }],
  ]);
  const feed = feedRequests(native);
  const expected: Outcome[] = [];
  for (const [at, character] of [...text].entries()) {
    feed.push(character);
    const end = ends.get(at);
    if (end !== undefined) expected.push(end);
    t.deepEqual(feed.outcomes, expected);
    t.is(feed.pending, end === undefined, `after byte ${at}`);
  }
});

test('native requests › a truncated request is pending', (t) => {
  const text = `have 1.2.3.4:5 [2001:db8::1]:6\nquery ${uuid} 4000 limit=50 since=abc hop=1\r\n`;
  t.false(feedRequests(native).pending);
  for (let length = 1; length < text.length; length++) {
    const feed = feedRequests(native);
    feed.push(text.slice(0, length));
    t.deepEqual(feed.outcomes, [], text.slice(0, length));
    t.true(feed.pending, text.slice(0, length));
  }
});

test('native requests › mutated bytes are refused once or read as valid requests', (t) => {
  t.log(`SEED=${seed}`);
  const random = createRandom(seed);
  const valid = [
    'ping\n',
    'ping\r\nping\n',
    `alive ${uuid} 4000\nleave ${uuid} 4000\n`,
    `query ${uuid} 4000 limit=50 since=1k.2 hop=1\n`,
    'have 1.2.3.4:5 [2001:db8::1]:6 10.0.0.1:65535\nhave [::1]:1\nquery a 1\n',
  ].map((text) => Buffer.from(text));
  for (let round = 0; round < 5_000; round++) {
    const bytes = mutate(valid, random);
    let refusals = 0;
    const decoder = native.createDecoder({
      request: (request) => {
        t.is(refusals, 0, 'a request after a refusal');
        t.deepEqual(decode(native, encodeRequest(request)), [plain(request)]);
      },
      refuse: ({ text }) => {
        refusals++;
        t.regex(text, /^[^\u0000-\u001f\u007f-\u009f]{1,400}$/);
      },
    });
    for (const piece of pieces(bytes, 40, random)) decoder.push(piece);
    t.true(refusals <= 1, bytes.toString('latin1'));
  }
});

test('native requests › a request that no server would accept is not encoded', (t) => {
  const wrong: Partial<Record<string, unknown>>[] = [
    { nodeId: '' },
    { nodeId: 'a b' },
    { port: 0 },
    { port: 1.5 },
    { limit: 0 },
    { limit: maxQueryLimit + 1 },
    { since: 'A' },
    { hop: 4 },
  ];
  for (const member of wrong)
    t.throws(() => encodeRequest(query(member) as unknown as Request), { instanceOf: RangeError });
});
