import test from 'ava';
import { decodeMessage, SyncDecoder } from '../../../shared/protocol/sync-decoder.ts';
import {
  encodeSync,
  type HostChange,
  maxBatchChanges,
  type SyncMessage,
} from '../../../shared/protocol/sync-message.ts';
import { createRandom, seed } from '../../fixture/random.ts';
import { mutate, pieces } from './wire.ts';

const live: HostChange = {
  address: '10.0.0.1:4000',
  nodeId: 'node',
  state: 'live',
  dialect: 'native',
  firstSeen: 1_700_000_000_000,
  lastSeen: 1_700_000_000_001,
  version: { ms: 1_700_000_000_002, counter: 3, server: '0123456789abcdef' },
};
const gone: HostChange = { ...live, address: '[2001:db8::1]:1', state: 'gone', dialect: 'legacy' };
const hash = '0123456789abcdef';

/** Every message, and its lines. */
const messages: [SyncMessage, string][] = [
  [
    {
      kind: 'hello',
      id: 'a',
      epoch: '01234567',
      run: '89abcdef',
      protocol: 1,
      clock: 12,
      listen: '10.0.0.1:4524',
      entry: 7,
    },
    'sync hello a 01234567 89abcdef 1 12 10.0.0.1:4524 7\n',
  ],
  [
    { kind: 'welcome', id: 'b', run: '89abcdef', protocol: 1, clock: 13, applied: 5 },
    'welcome b 89abcdef 1 13 5\n',
  ],
  [
    {
      kind: 'hello',
      id: 'a',
      epoch: '01234567',
      run: '89abcdef',
      protocol: 1,
      clock: 12,
      listen: '10.0.0.1:4524',
      entry: 7,
      version: '1.0.0-rc.1+b2',
    },
    'sync hello a 01234567 89abcdef 1 12 10.0.0.1:4524 7 1.0.0-rc.1+b2\n',
  ],
  [
    { kind: 'welcome', id: 'b', run: '89abcdef', protocol: 1, clock: 13, applied: 5, version: '2' },
    'welcome b 89abcdef 1 13 5 2\n',
  ],
  [
    {
      kind: 'hello',
      id: 'a',
      epoch: '01234567',
      run: '89abcdef',
      protocol: 1,
      clock: 12,
      listen: '10.0.0.1:4524',
      entry: 7,
      version: '2',
      readsUdp: true,
    },
    'sync hello a 01234567 89abcdef 1 12 10.0.0.1:4524 7 2 udp\n',
  ],
  [
    {
      kind: 'welcome',
      id: 'b',
      run: '89abcdef',
      protocol: 1,
      clock: 13,
      applied: 5,
      version: '2',
      readsUdp: true,
    },
    'welcome b 89abcdef 1 13 5 2 udp\n',
  ],
  [
    { kind: 'changes', entry: 9, changes: [live, gone] },
    'changes 9 2\n' +
      'live 10.0.0.1:4000 node native 1700000000000 1700000000001 1700000000002 3 0123456789abcdef\n' +
      'gone [2001:db8::1]:1 node legacy 1700000000000 1700000000001 1700000000002 3 0123456789abcdef\n',
  ],
  [{ kind: 'changes', entry: 9, changes: [] }, 'changes 9 0\n'],
  [
    { kind: 'repair', changes: [{ ...live, dialect: 'udp' }] },
    'repair 1\nlive 10.0.0.1:4000 node udp 1700000000000 1700000000001 1700000000002 3 0123456789abcdef\n',
  ],
  [{ kind: 'ack', entry: Number.MAX_SAFE_INTEGER }, 'ack 9007199254740991\n'],
  [{ kind: 'beat', clock: 1, number: 2, backlog: 3, limit: 100, live: 4 }, 'beat 1 2 3 100 4\n'],
  [
    { kind: 'beat', clock: 1, number: 2, backlog: 3, limit: 100, live: 4, cannotJudge: 'all' },
    'beat 1 2 3 100 4 unable\n',
  ],
  [
    { kind: 'beat', clock: 1, number: 2, backlog: 3, limit: 100, live: 4, cannotJudge: 'ipv6' },
    'beat 1 2 3 100 4 unable-ipv6\n',
  ],
  [
    {
      kind: 'beat',
      clock: 1,
      number: 2,
      backlog: 3,
      limit: 100,
      live: 4,
      digest: '0123456789abcdef',
    },
    'beat 1 2 3 100 4 digest-0123456789abcdef\n',
  ],
  [{ kind: 'echo', clock: 1, number: 2 }, 'echo 1 2\n'],
  [{ kind: 'ask', number: 7, address: '10.0.0.1:4000' }, 'ask 7 10.0.0.1:4000\n'],
  [{ kind: 'opinion', number: 7, verdict: 'alive' }, 'opinion 7 alive\n'],
  [{ kind: 'opinion', number: 8, verdict: 'unknown' }, 'opinion 8 unknown\n'],
  [{ kind: 'digest', buckets: hash.repeat(256) }, `digest ${hash.repeat(256)}\n`],
  [{ kind: 'differ', buckets: [0, 255] }, 'differ 0 255\n'],
  [{ kind: 'differ', buckets: [] }, 'differ\n'],
  [{ kind: 'leaves', bucket: 255, leaves: hash.repeat(64) }, `leaves 255 ${hash.repeat(64)}\n`],
  [{ kind: 'rows', leaf: 16_383, hashes: [hash, hash] }, `rows 16383 ${hash} ${hash}\n`],
  [{ kind: 'want', leaf: 0, hashes: [] }, 'want 0\n'],
  [
    { kind: 'repair', changes: [live] },
    'repair 1\nlive 10.0.0.1:4000 node native 1700000000000 1700000000001 1700000000002 3 0123456789abcdef\n',
  ],
  [{ kind: 'error', code: 'not-a-peer', text: 'go away' }, 'error not-a-peer go away\n'],
];

interface Feed {
  outcomes: (SyncMessage | { refused: string })[];
  push(bytes: Uint8Array | string): void;
}

function createFeed(): Feed {
  const outcomes: Feed['outcomes'] = [];
  const decoder = new SyncDecoder({
    message: (message) => outcomes.push(message),
    refuse: (refused) => outcomes.push({ refused }),
  });
  return { outcomes, push: (bytes) => decoder.push(Buffer.from(bytes)) };
}

function decode(bytes: Uint8Array | string): Feed['outcomes'] {
  const feed = createFeed();
  feed.push(bytes);
  return feed.outcomes;
}

test('sync › each message is written in its lines and read from them', (t) => {
  for (const [message, text] of messages) {
    t.is(encodeSync(message), text);
    t.deepEqual(decode(text), [message]);
    t.deepEqual(decode(text.replaceAll('\n', '\r\n')), [message]);
  }
});

test('sync › words of a newer name server behind its version are ignored', (t) => {
  for (const text of [
    'sync hello a 01234567 89abcdef 1 12 10.0.0.1:4524 7',
    'welcome b 89abcdef 1 13 5',
  ])
    t.deepEqual(decodeMessage(`${text} 2.0 more words=1`), decodeMessage(`${text} 2.0`));
});

test('sync › a byte at a time, each message comes with its last byte', (t) => {
  const feed = createFeed();
  for (const [index, [message, text]] of messages.entries())
    for (const [at, byte] of Buffer.from(text).entries()) {
      t.is(feed.outcomes.length, index, `${message.kind} before byte ${at}`);
      feed.push([byte] as unknown as Uint8Array);
    }
  t.deepEqual(
    feed.outcomes,
    messages.map(([message]) => message),
  );
});

test('sync › a message cut off anywhere yields nothing', (t) => {
  for (const [, text] of messages)
    for (let length = 0; length < text.length; length++)
      t.deepEqual(decode(text.slice(0, length)), []);
});

test('sync › malformed input is refused once, and nothing is decoded after it', (t) => {
  const refused = [
    '',
    'hello',
    'ack',
    'ack 1 2',
    'ack 01',
    'ask 1',
    'ask x 10.0.0.1:4000',
    'ask 1 10.0.0.01:4000',
    'ask 1 10.0.0.1:4000 more',
    'opinion 1 maybe',
    'opinion 1',
    'opinion 1 alive alive',
    'ack -1',
    'ack 9007199254740992',
    'ack  1',
    'echo 1',
    'beat 1 2 3 4',
    'sync hello a 01234567 89abcdef 1 12 10.0.0.1:0 7',
    'sync hello a 0123456 89abcdef 1 12 10.0.0.1:1 7',
    'sync hello a/b 01234567 89abcdef 1 12 10.0.0.1:1 7',
    'sync hello a 01234567 89abcdef 1 12 010.0.0.1:1 7',
    'sync hello a 01234567 89abcdef 1 12 10.0.0.1:1 7 ',
    'sync hello a 01234567 89abcdef 1 12 10.0.0.1:1 7 1.0/2',
    `sync hello a 01234567 89abcdef 1 12 10.0.0.1:1 7 ${'1'.repeat(33)}`,
    'welcome b 89abcdef 1 13',
    'welcome b 89abcdef 1 13 5 \x1b',
    'differ 256',
    'differ x',
    `digest ${hash.repeat(255)}`,
    `digest ${hash.repeat(256).toUpperCase()}`,
    'rows 16384',
    'want 1 0123',
    `changes 1 ${maxBatchChanges + 1}`,
    'changes 1',
    'repair 1 1',
    'changes 1 1\nack 1',
    'changes 1 1\nlive 10.0.0.1:4000 node native 1 1 1 4294967296 s',
    'changes 1 1\nlive 10.0.0.1:4000 node dns 1 1 1 0 s',
    'changes 1 1\ndead 10.0.0.1:4000 node native 1 1 1 0 s',
    'changes 1 1\nlive [::ffff:10.0.0.1]:4000 node native 1 1 1 0 s',
    'changes 1 1\nlive 10.0.0.1:4000 no de native 1 1 1 0 s',
    'error NO text',
  ];
  for (const text of refused) {
    const outcomes = decode(`${text}\nack 1\n`);
    t.is(outcomes.length, 1, text);
    t.true('refused' in (outcomes[0] as object), text);
  }
  t.deepEqual(decode('\x1b[2J\n'), [{ refused: '"\\x1b[2J" is not a sync message' }]);
});

test('sync › a batch of more bytes than a line may have is refused', (t) => {
  const line = encodeSync({ kind: 'repair', changes: [{ ...live, nodeId: 'n'.repeat(64) }] }).split(
    '\n',
  )[1] as string;
  const most = Math.floor(65_536 / (line.length + 1));
  t.is(decode(`repair ${most}\n${`${line}\n`.repeat(most)}`).length, 1);
  const more = most + 1;
  t.true(more <= maxBatchChanges);
  const outcomes = decode(`repair ${more}\n${`${line}\n`.repeat(more)}`);
  t.true('refused' in (outcomes[0] as object));
});

test('sync › mutated bytes are read or refused, and what is read is written the same', (t) => {
  t.log(`SEED=${seed}`);
  const random = createRandom(seed);
  const valid = messages.map(([, text]) => Buffer.from(text));
  let refusals = 0;
  for (let round = 0; round < 3_000; round++) {
    const bytes = mutate(valid, random);
    const feed = createFeed();
    for (const piece of pieces(bytes, 40, random)) feed.push(piece);
    for (const [at, outcome] of feed.outcomes.entries()) {
      if ('refused' in outcome) {
        refusals++;
        t.is(at, feed.outcomes.length - 1);
      } else {
        t.deepEqual(decode(encodeSync(outcome)), [outcome]);
      }
    }
  }
  t.true(refusals > 500);
  t.is(decodeMessage('ack 1\n'), null);
});
