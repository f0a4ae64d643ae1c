import test from 'ava';
import { AddressList, addressWords } from '../../../shared/protocol/address.ts';
import { native } from '../../../shared/protocol/dialect.ts';
import {
  maxCursorLength,
  maxHaveAddresses,
  maxHaveLines,
  maxHops,
  maxLineBytes,
  maxNodeIdLength,
  maxQueryLimit,
  maxRequestsPerConnection,
} from '../../../shared/protocol/limits.ts';
import type { Request } from '../../../shared/protocol/message.ts';
import {
  encodeRequest,
  giveBack,
  maxHaveSent,
  takeList,
} from '../../../shared/protocol/native-request.ts';
import { decode, feedRequests, type Outcome } from './wire.ts';

const verbs = 'have, query, alive, leave or ping, in lower case';

function refusal(code: string, text: string): Outcome {
  return { code, text };
}

test('native request limits › a line may be as long as its limit, and no longer', (t) => {
  const tooLong = refusal('too-long', `a line of more than ${maxLineBytes} bytes`);
  const garbage = 'z'.repeat(maxLineBytes);
  const noRequest = refusal('malformed', `"${'z'.repeat(71)}…" is not a request; must be ${verbs}`);
  for (const end of ['\n', '\r\n']) {
    t.deepEqual(decode(native, garbage + end), [noRequest]);
    t.deepEqual(decode(native, `${garbage}z${end}`), [tooLong]);
  }
  // In pieces: refused with the first byte that is too much, and not before.
  const feed = feedRequests(native);
  feed.push(garbage);
  t.deepEqual(feed.outcomes, []);
  feed.push('z');
  t.deepEqual(feed.outcomes, [tooLong]);
  const withReturn = feedRequests(native);
  withReturn.push(garbage);
  withReturn.push('\r');
  t.deepEqual(withReturn.outcomes, []);
  withReturn.push('\n');
  t.deepEqual(withReturn.outcomes, [noRequest]);
});

test('native request limits › every value may be as large as its limit, and no larger', (t) => {
  const accepted = (line: string) => !('code' in (decode(native, `${line}\n`)[0] as Outcome));
  const pairs: [name: string, atLimit: string, beyond: string][] = [
    [
      'node id',
      `alive ${'a'.repeat(maxNodeIdLength)} 1`,
      `alive ${'a'.repeat(maxNodeIdLength + 1)} 1`,
    ],
    ['port', 'alive a 65535', 'alive a 65536'],
    ['least port', 'alive a 1', 'alive a 0'],
    ['limit', `query a 1 limit=${maxQueryLimit}`, `query a 1 limit=${maxQueryLimit + 1}`],
    [
      'cursor',
      `query a 1 since=${'0'.repeat(maxCursorLength)}`,
      `query a 1 since=${'0'.repeat(maxCursorLength + 1)}`,
    ],
    ['hop', `query a 1 hop=${maxHops}`, `query a 1 hop=${maxHops + 1}`],
  ];
  for (const [name, atLimit, beyond] of pairs) {
    t.true(accepted(atLimit), name);
    t.false(accepted(beyond), name);
  }
});

test('native request limits › have lines are counted, anew for each query', (t) => {
  const have = 'have 1.2.3.4:5\n';
  const full = `${have.repeat(maxHaveLines)}query a 4000\n`;
  const [first, second, ...more] = decode(native, full + full) as { have: string[] }[];
  t.is(first?.have.length, maxHaveLines);
  t.is(second?.have.length, maxHaveLines);
  t.deepEqual(more, []);
  t.deepEqual(decode(native, have.repeat(maxHaveLines + 1)), [
    refusal('too-many', `more than ${maxHaveLines} have lines before a query`),
  ]);
});

test('native request limits › addresses in have lines are counted over all lines', (t) => {
  const perLine = 5_000;
  const lines = `have${' 1.2.3.4:5'.repeat(perLine)}\n`.repeat(maxHaveAddresses / perLine);
  const atLimit = feedRequests(native);
  atLimit.push(lines);
  atLimit.push('query a 4000\n');
  t.is((atLimit.outcomes[0] as { have: string[] }).have.length, maxHaveAddresses);
  t.deepEqual(decode(native, `${lines}have 1.2.3.4:5\n`), [
    refusal(
      'too-many',
      `more than ${maxHaveAddresses} addresses in the have lines of one query; with that many, ask with since=`,
    ),
  ]);
});

test('native request limits › long lines of two connections are held apart, one begun after the other', (t) => {
  const wordsOf = (port: number) => ` 1.2.3.4:${port}`.repeat(3_000);
  const [first, second] = [feedRequests(native), feedRequests(native)];
  first.push(`have${wordsOf(1)}`);
  second.push(`have${wordsOf(2)}`);
  first.push('\nquery a 4000\n');
  second.push('\nquery b 4000\n');
  first.push(`have${wordsOf(3)}`);
  first.push('\nquery a 4000\n');
  const ports = [first, second].map(({ outcomes }) =>
    (outcomes as { have: string[] }[]).map(({ have }) => [have.length, ...new Set(have)]),
  );
  t.deepEqual(ports, [
    [
      [3_000, '1.2.3.4:1'],
      [3_000, '1.2.3.4:3'],
    ],
    [[3_000, '1.2.3.4:2']],
  ]);
});

test('native request limits › requests on one connection are counted', (t) => {
  let requests = 0;
  let refused = '';
  const decoder = native.createDecoder({
    request: () => requests++,
    refuse: ({ code, text }) => {
      refused = `${code} ${text}`;
    },
  });
  const thousand = Buffer.from('ping\n'.repeat(1_000));
  for (let sent = 0; sent < maxRequestsPerConnection; sent += 1_000) decoder.push(thousand);
  t.is(requests, maxRequestsPerConnection);
  t.is(refused, '');
  decoder.push(Buffer.from('ping\n'));
  t.is(requests, maxRequestsPerConnection);
  t.is(
    refused,
    `too-many more than ${maxRequestsPerConnection} requests on one connection; connect again`,
  );
});

test('native request limits › an endless line costs its limit, and nothing once refused', (t) => {
  const chunk = Buffer.alloc(1_000, 'z');
  const feed = feedRequests(native);
  const before = process.memoryUsage().arrayBuffers;
  let most = 0;
  for (let sent = 0; sent < 10_000_000; sent += chunk.length) {
    feed.push(chunk);
    if (sent % 1_000_000 < 100_000) most = Math.max(most, process.memoryUsage().arrayBuffers);
  }
  t.is(feed.refusals, 1);
  // The buffers it grew through may not be collected yet: twice the last one.
  t.true(most - before < 4 * maxLineBytes, `${most - before} bytes`);
});

test('native request limits › a thousand connections that paused in a line cost little each', (t) => {
  const before = process.memoryUsage().arrayBuffers;
  const feeds = Array.from({ length: 1_000 }, () => {
    const feed = feedRequests(native);
    feed.push('ping\nquery a 4000 lim');
    return feed;
  });
  const each = (process.memoryUsage().arrayBuffers - before) / feeds.length;
  t.true(each < 1_024, `${each} bytes each`);
  t.true(feeds.every((feed) => feed.pending && feed.outcomes.length === 1));
});

test('native request limits › long have lists are written in lines that a server takes', (t) => {
  const longest = AddressList.of('[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535');
  const have = new AddressList(maxHaveSent);
  for (let index = 0; index < maxHaveSent; index++) have.push(longest.words, 0);
  const request: Request = {
    ...{ verb: 'query', nodeId: 'a', port: 1, limit: null, since: null, hop: 0 },
    have,
  };
  let received: Request | null = null;
  native
    .createDecoder({
      request: (read) => {
        received = read;
      },
      refuse: ({ text }) => t.fail(text),
    })
    .push(encodeRequest(request));
  const words = (received as { have: AddressList } | null)?.have;
  t.is(words?.length, maxHaveSent);
  t.deepEqual(words?.words.subarray(0, maxHaveSent * addressWords), have.words);
  have.push(longest.words, 0);
  t.throws(() => encodeRequest(request), { instanceOf: RangeError });
});

test('pool › the largest returned list is emptied and reused, by one user at a time', (t) => {
  const [long, short] = [new AddressList(1_000), new AddressList(10)];
  long.push(AddressList.of('10.0.0.1:4000').words, 0);
  giveBack(short);
  giveBack(long);
  giveBack(new AddressList(20));
  const taken = takeList();
  t.is(taken, long);
  t.deepEqual(taken.toTexts(), []);
  t.not(takeList(), long);
});
