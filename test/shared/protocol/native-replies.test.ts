import test from 'ava';
import fc from 'fast-check';
import { AddressList } from '../../../shared/protocol/address.ts';
import { ChunkWriter, chunkBytes } from '../../../shared/protocol/chunk-writer.ts';
import { native, replyChunks } from '../../../shared/protocol/dialect.ts';
import { maxLineBytes } from '../../../shared/protocol/limits.ts';
import { type Extent, errorCodes, type Reply } from '../../../shared/protocol/message.ts';
import { createRandom, seed } from '../../fixture/random.ts';
import { chunksOf, feedReplies, listReply, mutate, type Outcome, pieces, textOf } from './wire.ts';

const hosts = AddressList.of('1.2.3.4:5', '[2001:db8::1]:6');

test('native replies › each reply has its text', (t) => {
  const gone = AddressList.of('9.9.9.9:9');
  const failure = { code: 'not-stored', text: 'the disk is full' } as const;
  const table: [reply: Reply, text: string][] = [
    [{ kind: 'ok' }, 'ok\n'],
    [{ kind: 'pong', id: 'ns-1' }, 'pong ns-1\n'],
    [{ kind: 'redirect', address: '[::1]:4524' }, 'redirect [::1]:4524\n'],
    [{ kind: 'busy', seconds: 5 }, 'busy 5\n'],
    [{ kind: 'error', code: 'bad-port', text: 'port "0"' }, 'error bad-port port "0"\n'],
    [listReply([]), 'end 0 c.1\n'],
    [listReply([], { extent: 'full' }), 'end 0 c.1 full\n'],
    [listReply([hosts]), 'hosts 1.2.3.4:5 [2001:db8::1]:6\nend 2 c.1\n'],
    [
      // A batch without hosts is a pause, in which what there is may be sent: the line ends.
      listReply([hosts, new AddressList(), gone], { extent: 'partial' }),
      'hosts 1.2.3.4:5 [2001:db8::1]:6\nhosts 9.9.9.9:9\nend 3 c.1 partial\n',
    ],
    [listReply([], { gone }), 'gone 9.9.9.9:9\nend 0 c.1\n'],
    [listReply([], { gone: new AddressList() }), 'end 0 c.1\n'],
    [listReply([hosts], { gone }), 'hosts 1.2.3.4:5 [2001:db8::1]:6\ngone 9.9.9.9:9\nend 2 c.1\n'],
    [
      listReply([hosts], { failure }),
      'hosts 1.2.3.4:5 [2001:db8::1]:6\nerror not-stored the disk is full\n',
    ],
  ];
  for (const [reply, text] of table) t.is(textOf(native, reply), text);
});

test('native replies › an error is one printable line, whatever its text', (t) => {
  const text = `a\nb\x1b[2J${'é'.repeat(1_000)}`;
  const line = textOf(native, { kind: 'error', code: 'malformed', text });
  t.true(line.startsWith('error malformed a\\x0ab\\x1b[2Jéé'));
  t.is(line.indexOf('\n'), line.length - 1);
  t.true(Buffer.byteLength(line) < 2_000);
});

test('native replies › a small reply is one chunk, and its own bytes', (t) => {
  const chunks = chunksOf(native, listReply([hosts], { gone: hosts }));
  t.is(chunks.length, 1);
  const before = Buffer.from(chunks[0] as Uint8Array);
  chunksOf(native, listReply([AddressList.of('8.8.8.8:8', '7.7.7.7:7', '6.6.6.6:6')]));
  t.deepEqual(chunks[0], before);
});

function manyHosts(count: number): AddressList {
  const list = new AddressList(count);
  const words = Uint32Array.of(0, 0, 0xffff, 0, 0);
  for (let index = 0; index < count; index++) {
    words[3] = 0x0a000000 + index * 977;
    words[4] = 1 + (index % 65535);
    list.push(words, 0);
  }
  return list;
}

test('native replies › a long list comes in chunks and lines within their limits', (t) => {
  const list = manyHosts(20_000);
  const chunks = chunksOf(native, listReply([list], { gone: list, extent: 'full' }));
  t.true(chunks.length > 10);
  for (const chunk of chunks) t.true(chunk.length <= chunkBytes);
  const text = Buffer.concat(chunks).toString();
  for (const line of text.split('\n')) t.true(line.length <= maxLineBytes);
  const words = (verb: string) =>
    text
      .split('\n')
      .filter((line) => line.startsWith(`${verb} `))
      .flatMap((line) => line.split(' ').slice(1));
  t.deepEqual(words('hosts'), list.toTexts());
  t.deepEqual(words('gone'), list.toTexts());
  t.true(text.endsWith('\nend 20000 c.1 full\n'));
});

test('native replies › no host is lost between chunks, however a list fills them', (t) => {
  // Sizes around a chunk's end, so that each of verb, address and last line meets it once.
  const failure = { code: 'not-stored', text: 'x'.repeat(100) } as const;
  for (let count = 3_000; count < 3_400; count += 7) {
    const list = manyHosts(count);
    for (const more of [{}, { gone: hosts }, { failure }]) {
      const chunks = chunksOf(native, listReply([list], more));
      for (const chunk of chunks) t.true(chunk.length > 0 && chunk.length <= chunkBytes);
      const feed = feedReplies();
      feed.push(Buffer.concat(chunks));
      t.is(feed.refusals, 0);
      t.false(feed.pending);
      const received = feed.outcomes.filter(({ kind }) => kind === 'hosts');
      t.is(received.flatMap(({ hosts: texts }) => texts as string[]).length, count);
    }
  }
});

test('native replies › batches are pulled as the chunks are taken', (t) => {
  const batch = manyHosts(1_000);
  let pulled = 0;
  function* batches() {
    for (; pulled < 1_000; pulled++) yield batch;
  }
  const iterator = replyChunks(
    native,
    { ...listReply([]), hosts: batches() } as Reply,
    new ChunkWriter(),
  );
  t.is(pulled, 0);
  iterator.next();
  t.true(pulled < 10, `${pulled} batches for one chunk`);
});

test('native replies › two lists encoded in turns do not mix', (t) => {
  const [first, second] = [manyHosts(10_000), AddressList.of(...Array(9_000).fill('9.9.9.9:9'))];
  const iterators = [listReply([first]), listReply([second])].map((reply) =>
    replyChunks(native, reply, new ChunkWriter()),
  );
  const texts = ['', ''];
  for (let open = 2; open > 0; ) {
    open = 0;
    for (const [index, iterator] of iterators.entries()) {
      const next = iterator.next();
      if (next.done) continue;
      texts[index] += Buffer.from(next.value).toString();
      open++;
    }
  }
  t.deepEqual(texts, [textOf(native, listReply([first])), textOf(native, listReply([second]))]);
});

test('native replies › a reply encoded while another one is half made does not mix with it', (t) => {
  const [first, second] = [AddressList.of('1.1.1.1:1'), AddressList.of('2.2.2.2:2')];
  function* batches() {
    yield first;
    t.is(textOf(native, listReply([second, second])), 'hosts 2.2.2.2:2 2.2.2.2:2\nend 2 c.1\n');
    yield first;
  }
  const reply = { ...listReply([]), hosts: batches() } as Reply;
  t.is(textOf(native, reply), 'hosts 1.1.1.1:1 1.1.1.1:1\nend 2 c.1\n');
});

const anyList = fc
  .array(fc.tuple(fc.nat(0xffffffff), fc.nat(0xffffffff), fc.integer({ min: 1, max: 65535 })), {
    maxLength: 20,
  })
  .map((items) => {
    const list = new AddressList();
    for (const [high, low, port] of items)
      list.push(Uint32Array.of(...(high % 2 ? [0, 0, 0xffff] : [high, 0, 0]), low, port), 0);
    return list;
  });
type Case = { reply: () => Reply; parts: Outcome[] };
const anyReply: fc.Arbitrary<Case> = fc.oneof(
  fc.constant<Case>({ reply: (): Reply => ({ kind: 'ok' }), parts: [{ kind: 'ok' }] }),
  fc.stringMatching(/^[0-9A-Za-z._-]{1,64}$/).map((id) => ({
    reply: (): Reply => ({ kind: 'pong', id }),
    parts: [{ kind: 'pong', id }],
  })),
  fc.constantFrom('1.2.3.4:5', '[::1]:65535').map((address) => ({
    reply: (): Reply => ({ kind: 'redirect', address }),
    parts: [{ kind: 'redirect', address }],
  })),
  fc.nat(86_400).map((seconds) => ({
    reply: (): Reply => ({ kind: 'busy', seconds }),
    parts: [{ kind: 'busy', seconds }],
  })),
  fc
    .tuple(fc.constantFrom(...errorCodes), fc.stringMatching(/^[ -~é]{0,80}$/))
    .map(([code, text]) => ({
      reply: (): Reply => ({ kind: 'error', code, text }),
      parts: [{ kind: 'error', code, text }],
    })),
  fc
    .record({
      lists: fc.array(anyList, { maxLength: 3 }),
      gone: fc.option(anyList),
      cursor: fc.stringMatching(/^[0-9a-z.-]{1,64}$/),
      extent: fc.constantFrom<Extent>('full', 'delta', 'partial', 'unknown-cursor'),
    })
    .map(({ lists, gone, cursor, extent }) => {
      const texts = lists.flatMap((list) => list.toTexts());
      const goneTexts = gone?.toTexts() ?? [];
      return {
        reply: () => listReply(lists, { gone, cursor, extent }),
        parts: [
          ...(texts.length > 0 ? [{ kind: 'hosts', hosts: texts }] : []),
          ...(goneTexts.length > 0 ? [{ kind: 'gone', hosts: goneTexts }] : []),
          { kind: 'end', count: texts.length, cursor, extent },
        ],
      };
    }),
);

test('native replies › every reply survives being written and read, a byte at a time', (t) => {
  fc.assert(
    fc.property(fc.array(anyReply, { minLength: 1, maxLength: 4 }), (items) => {
      const bytes = Buffer.concat(items.flatMap(({ reply }) => chunksOf(native, reply())));
      const expected = items.flatMap(({ parts }) => parts);
      const whole = feedReplies();
      whole.push(bytes);
      t.deepEqual(whole.outcomes, expected);
      const feed = feedReplies();
      for (const byte of bytes) feed.push(Buffer.of(byte));
      t.deepEqual(feed.outcomes, expected);
      t.false(feed.pending);
    }),
    { numRuns: 200, seed },
  );
  t.pass();
});

test('native replies › a truncated reply has not ended, and is pending', (t) => {
  const text = 'hosts 1.2.3.4:5\r\nhosts [::1]:6\ngone 7.7.7.7:7\nend 2 c.1 full\n';
  t.false(feedReplies().pending);
  for (let length = 1; length < text.length; length++) {
    const feed = feedReplies();
    feed.push(text.slice(0, length));
    t.true(feed.pending);
    t.true(feed.outcomes.every(({ kind }) => kind === 'hosts' || kind === 'gone'));
  }
});

test('native replies › malformed input is refused, and nothing is decoded after it', (t) => {
  const table: [text: string, code: string, text: string][] = [
    ['', 'malformed', 'not a reply: ""'],
    ['hello', 'malformed', 'not a reply: "hello"'],
    ['ok ', 'malformed', 'not a reply: "ok "'],
    ['ok  x', 'malformed', 'not a reply: "ok  x"'],
    ['hosts', 'malformed', 'not a reply: "hosts"'],
    ['hosts ', 'bad-address', 'address "" in a reply'],
    ['hosts 1.2.3.4', 'bad-address', 'address "1.2.3.4" in a reply'],
    ['gone 1.2.3.4:5  1.2.3.4:6', 'bad-address', 'address "" in a reply'],
    ['pong', 'malformed', 'not a reply: "pong"'],
    ['pong \x1b', 'malformed', 'not a reply: "pong \\x1b"'],
    ['redirect nowhere', 'malformed', 'not a reply: "redirect nowhere"'],
    ['busy', 'malformed', 'not a reply: "busy"'],
    ['busy -1', 'malformed', 'not a reply: "busy -1"'],
    ['error', 'malformed', 'not a reply: "error"'],
    ['error \x1b x', 'malformed', 'not a reply: "error \\x1b x"'],
    ['end', 'malformed', 'not a reply: "end"'],
    ['end 0', 'malformed', 'not a reply: "end 0"'],
    ['end 0 C', 'malformed', 'not a reply: "end 0 C"'],
    ['end 0 c full ', 'malformed', 'not a reply: "end 0 c full "'],
    ['end 1 c full', 'malformed', 'the reply ends with a count of 1 after 0 hosts'],
    ['hosts 1.2.3.4:5\nok', 'malformed', 'not a reply: "ok"'],
    ['hosts 1.2.3.4:5\nredirect 1.2.3.4:5', 'malformed', 'not a reply: "redirect 1.2.3.4:5"'],
    ['HTTP/1.1 400 Bad Request', 'malformed', 'not a reply: "HTTP/1.1 400 Bad Request"'],
  ];
  for (const [line, code, text] of table) {
    const feed = feedReplies();
    feed.push(`${line}\nok\n`);
    t.deepEqual(feed.outcomes.at(-1), { code, text }, line);
    t.false(feed.pending);
  }
});

test('native replies › words that a later server adds behind ok and end are ignored', (t) => {
  const feed = feedReplies();
  feed.push('ok ttl=3600\nend 0 c ttl=3600\nend 0 c full ttl=3600 x=y\nend 0 c partial x\n');
  t.deepEqual(feed.outcomes, [
    { kind: 'ok' },
    { kind: 'end', count: 0, cursor: 'c', extent: 'delta' },
    { kind: 'end', count: 0, cursor: 'c', extent: 'full' },
    { kind: 'end', count: 0, cursor: 'c', extent: 'partial' },
  ]);
});

test('native replies › an error may end a list, and may have a code from a later version', (t) => {
  const feed = feedReplies();
  feed.push('hosts 1.2.3.4:5\nerror not-stored no \x1b[2J room\nerror not-invented-yet\n');
  t.deepEqual(feed.outcomes, [
    { kind: 'hosts', hosts: ['1.2.3.4:5'] },
    { kind: 'error', code: 'not-stored', text: 'no \\x1b[2J room' },
    { kind: 'error', code: 'not-invented-yet', text: '' },
  ]);
  t.false(feed.pending);
});

test('native replies › a reply may name as many hosts as the limit, and no more', (t) => {
  const atLimit = feedReplies(3);
  atLimit.push('hosts 1.1.1.1:1 2.2.2.2:2\ngone 3.3.3.3:3\nend 2 c\nhosts 4.4.4.4:4\nend 1 d\n');
  t.is(atLimit.refusals, 0);
  t.is(atLimit.outcomes.length, 5);
  const beyond = feedReplies(3);
  beyond.push('hosts 1.1.1.1:1 2.2.2.2:2\ngone 3.3.3.3:3 4.4.4.4:4\n');
  t.deepEqual(beyond.outcomes.at(-1), { code: 'too-many', text: 'more than 3 hosts in one reply' });
  const endless = feedReplies();
  for (let sent = 0; sent <= maxLineBytes; sent += 1_024) endless.push('z'.repeat(1_024));
  t.deepEqual(endless.outcomes, [
    { code: 'too-long', text: `a line of more than ${maxLineBytes} bytes` },
  ]);
});

test('native replies › mutated bytes are refused once or read as valid replies', (t) => {
  t.log(`SEED=${seed}`);
  const random = createRandom(seed);
  const valid = [
    'ok\n',
    'pong ns-1\r\n',
    'redirect [::1]:4524\n',
    'busy 5\nok\n',
    'error bad-port port "0": must be 1 to 65535\n',
    'hosts 1.2.3.4:5 [2001:db8::1]:6\ngone 9.9.9.9:9\nend 2 c.1 full\n',
  ].map((text) => Buffer.from(text));
  for (let round = 0; round < 5_000; round++) {
    const feed = feedReplies(50);
    const bytes = mutate(valid, random);
    for (const piece of pieces(bytes, 40, random)) feed.push(piece);
    t.true(feed.refusals <= 1, bytes.toString('latin1'));
    const refused = feed.outcomes.findIndex((outcome) => !('kind' in outcome));
    t.true(refused === -1 || refused === feed.outcomes.length - 1, bytes.toString('latin1'));
  }
});
