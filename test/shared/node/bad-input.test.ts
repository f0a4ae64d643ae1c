// What a node meets in a bad network. Each time it has to keep what it knew, say what happened, and go
// on trying: after the bad round a good one is served, and has to be taken.
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { createOutcomeDecoder, exchange, systemTimers } from '../../../shared/node/network.ts';
import { createNode, type DynamoNode } from '../../../shared/node/node.ts';
import type { Request } from '../../../shared/protocol/message.ts';
import { lookUntil } from '../../fixture/look-until.ts';
import { makeFolder } from '../../fixture/temp-folder.ts';
import { ManualTimers } from './manual-timers.ts';
import { type Answer, deadAddress, ScriptedServer } from './scripted-server.ts';

/** Such that no interval is as long as a deadline, since timers are wound by their length. */
const ttlMs = 7_200_000;
const refreshMs = ttlMs / 12;
const retryMs = ttlMs / 120;
const replyDeadlineMs = 30_000;
const known = 'hosts 127.0.0.9:1\nend 1 k.1 full\n';
const better = 'hosts 127.0.0.9:2\nend 1 k.2\n';

interface Ordeal {
  node: DynamoNode;
  timers: ManualTimers;
  troubles: string[];
}

async function start(t: ExecutionContext, servers: string[], file?: string): Promise<Ordeal> {
  const timers = new ManualTimers(2_500);
  const node = createNode({
    ...{ listen: '127.0.0.1:0', servers, nodeId: 'me', timers, ttlMs, knownHostsFile: file },
  });
  t.teardown(() => node.close());
  const troubles: string[] = [];
  node.on('trouble', (text) => troubles.push(text));
  return { node, timers, troubles };
}

/** A good round, the bad one, a good one; resolves with what the node said of the bad one. */
async function survive(t: ExecutionContext, ...bad: Answer[]): Promise<string[]> {
  const attempts = bad.length === 1 ? Array<Answer>(4).fill(bad[0] as Answer) : bad;
  const server = await ScriptedServer.startFor(t, known, ...attempts, better);
  const { node, timers, troubles } = await start(t, [server.address]);
  t.true(await node.join());
  await timers.elapseOnceDue(refreshMs);
  await timers.elapseOnceDue(retryMs);
  await once(node, 'hosts');
  t.deepEqual(node.hosts(), ['127.0.0.9:1', '127.0.0.9:2']);
  t.is(server.connections, 6, 'four attempts between the good ones');
  return troubles
    .filter((text) => text.startsWith(server.address))
    .map((text) => text.slice(server.address.length + 2));
}

function attempts(reason: string): string[] {
  return [1, 2, 3, 4].map((attempt) => `${reason} (attempt ${attempt} of 4)`);
}

test('bad network › no server reachable', async (t) => {
  const dead = [deadAddress(), deadAddress()];
  const { node, timers } = await start(t, dead);
  const error = await t.throwsAsync(node.join(), { code: 'no-name-server' });
  t.is(
    error?.message,
    dead
      .flatMap((address) =>
        attempts(`connect ECONNREFUSED ${address}`).map((text) => `${address}: ${text}`),
      )
      .join('; '),
  );
  await timers.elapseOnceDue(retryMs);
  await timers.elapseOnceDue(2 * retryMs);
  t.pass('and again, after twice the time');
});

test('bad network › a server that accepts and says nothing', async (t) => {
  const server = await ScriptedServer.startFor(t, known, 'silence', null, null, null, better);
  const { node, timers, troubles } = await start(t, [server.address]);
  await node.join();
  await timers.elapseOnceDue(refreshMs);
  await lookUntil(() => server.requests.length === 2);
  timers.elapse(replyDeadlineMs);
  await timers.elapseOnceDue(retryMs);
  await once(node, 'hosts');
  t.deepEqual(node.hosts(), ['127.0.0.9:1', '127.0.0.9:2']);
  t.is(troubles[0], `${server.address}: no complete reply within 30 s (attempt 1 of 4)`);
});

test('bad network › a server that redirects to itself', async (t) => {
  const server: ScriptedServer = await ScriptedServer.startFor(
    ...([
      t,
      known,
      ...Array<Answer>(4).fill(() => `redirect ${server.address}\n`),
      better,
    ] as const),
  );
  const { node, timers, troubles } = await start(t, [server.address]);
  await node.join();
  await timers.elapseOnceDue(refreshMs);
  await timers.elapseOnceDue(retryMs);
  await once(node, 'hosts');
  t.deepEqual(node.hosts(), ['127.0.0.9:1', '127.0.0.9:2']);
  t.is(server.connections, 6);
  t.is(troubles[0], `${server.address}: it redirects back to ${server.address} (attempt 1 of 4)`);
});

test('bad network › servers that redirect in a circle', async (t) => {
  const second: ScriptedServer = await ScriptedServer.startFor(
    t,
    () => `redirect ${third.address}\n`,
  );
  const third: ScriptedServer = await ScriptedServer.startFor(
    t,
    () => `redirect ${first.address}\n`,
  );
  const first = await ScriptedServer.startFor(
    ...([t, known, ...Array<Answer>(4).fill(`redirect ${second.address}\n`), better] as const),
  );
  const { node, timers, troubles } = await start(t, [first.address]);
  await node.join();
  await timers.elapseOnceDue(refreshMs);
  await timers.elapseOnceDue(retryMs);
  await once(node, 'hosts');
  t.deepEqual(node.hosts(), ['127.0.0.9:1', '127.0.0.9:2']);
  t.deepEqual([second.connections, third.connections], [4, 4]);
  t.is(troubles[0], `${third.address}: it redirects back to ${first.address} (attempt 1 of 4)`);
});

test('bad network › a server that redirects to a dead address', async (t) => {
  const dead = deadAddress();
  const server = await ScriptedServer.startFor(t, `redirect ${dead}\n`, known);
  const { node, troubles } = await start(t, [server.address]);
  t.true(await node.join());
  t.deepEqual(node.hosts(), ['127.0.0.9:1']);
  t.deepEqual(troubles, [`${dead}: connect ECONNREFUSED ${dead} (attempt 1 of 4)`]);
});

/** Full lines of a thousand hosts each, and the end of a list of them. */
function* linesOf(count: number): Generator<string, void> {
  for (let line = 0; line < count; line++)
    yield `hosts ${Array.from({ length: 1_000 }, (_, i) => `10.${line >> 8}.${line & 255}.9:${i + 1}`).join(' ')}\n`;
  yield `end ${count}000 k.9 full\n`;
}

const anyQuery: Request = {
  ...{ verb: 'query', nodeId: 'n', port: 1, limit: null, since: null, hop: 0, have: null },
};

test('bad network › of an oversized list a node keeps the first million hosts and the cursor', async (t) => {
  const server = await ScriptedServer.startFor(t, { chunks: linesOf(1_200) });
  const outcome = await exchange(server.address, anyQuery, { timers: systemTimers });
  if (outcome.kind !== 'list') throw new Error(JSON.stringify(outcome));
  t.is(outcome.hosts.length, 1_000_000);
  t.is(outcome.hosts.text(0), '10.0.0.9:1');
  t.deepEqual([outcome.extent, outcome.cursor], ['partial', 'k.9']);
});

test('bad network › a list with more hosts than any server has is not read to its end', async (t) => {
  let sent = 0;
  function* chunks() {
    for (const line of linesOf(10_000)) {
      sent++;
      yield line;
    }
  }
  const server = await ScriptedServer.startFor(t, { chunks: chunks() });
  const timers = new ManualTimers();
  const outcome = await exchange(server.address, anyQuery, { timers, maxHosts: 1_500_000 });
  const reason = 'more than 1500000 hosts in one reply';
  t.deepEqual(outcome, { kind: 'failed', reason, reached: 'connection' });
  t.true(sent < 3_500, `${sent} of 10,000 lines were taken`);
});

test('bad network › each million of a long list has a deadline of its own', (t) => {
  let [goesOn, isWhole] = [0, false];
  const decoder = createOutcomeDecoder(
    () => {
      isWhole = true;
    },
    (reason) => t.fail(reason),
    20_000_001,
    () => goesOn++,
  );
  for (const line of linesOf(2_100)) decoder.push(Buffer.from(line));
  t.deepEqual([goesOn, isWhole], [2, true]);
});

const badReplies: [what: string, reply: string, trouble: string][] = [
  [
    'malformed addresses',
    'hosts 127.0.0.9:3 127.0.0.9:99999\nend 2 k.9 full\n',
    'address "127.0.0.9:99999" in a reply',
  ],
  [
    'half a reply',
    'hosts 127.0.0.9:3\ngone 127.0.0.9:1\n',
    'connection closed in the middle of the reply',
  ],
  ['half a line', 'hosts 127.0.0.9:3 127.', 'connection closed in the middle of the reply'],
  [
    'another protocol, with escape sequences',
    '\x1b[2J\x1b]0;gotcha\x07\n',
    'not a reply: "\\x1b[2J\\x1b]0;gotcha\\x07"',
  ],
  ['a line without an end', 'x'.repeat(100_000), 'a line of more than 65536 bytes'],
  [
    'a count that does not fit',
    'hosts 127.0.0.9:3\nend 7 k.9 full\n',
    'the reply ends with a count of 7 after 1 hosts',
  ],
  ['an answer to something else', 'ok\n', 'it answered query with ok'],
];
for (const [what, reply, trouble] of badReplies)
  test(`bad network › ${what}`, async (t) => {
    t.deepEqual(await survive(t, reply), attempts(trouble));
  });

test('bad network › a known-hosts file that is garbage, and no server', async (t) => {
  const file = join(makeFolder(t), 'known');
  await writeFile(
    file,
    Buffer.from(Array.from({ length: 9_999 }, (_, index) => (index * 7) & 255)),
  );
  const dead = deadAddress();
  const { node, timers, troubles } = await start(t, [dead], file);
  await t.throwsAsync(node.join(), { code: 'no-name-server' });
  t.regex(
    troubles[0] as string,
    /known: \d+ of \d+ lines are not hosts and were skipped; it was renamed to \S+known\.bad$/,
  );
  await timers.elapseOnceDue(retryMs);
});

test('bad network › a node answering with hosts that do not exist', async (t) => {
  const ghosts = [deadAddress(), deadAddress()];
  const peer = await ScriptedServer.startFor(
    t,
    `hosts ${ghosts.join(' ')}\ngone 127.0.0.9:1\nend 2 k.9 full\n`,
    'pong peer\n',
  );
  const file = join(makeFolder(t), 'known');
  await writeFile(file, `${peer.address}\n`);
  const server = await ScriptedServer.startFor(t, 'end 0 k.1\n', null);
  const { node, timers } = await start(t, [server.address], file);
  await node.join();
  await timers.elapseOnceDue(refreshMs);
  const [{ added }] = (await once(node, 'hosts')) as [{ added: string[] }];
  t.deepEqual(added, ghosts);
  t.deepEqual(node.hosts(), [peer.address, ...ghosts], 'its gone and full count for nothing');
  timers.pass(ttlMs);
  for (let round = 0; round < 3; round++) await timers.elapseOnceDue(ttlMs / 60);
  await lookUntil(() => node.hosts().length === 1);
  t.deepEqual(node.hosts(), [peer.address]);
});

test('bad network › a node that sends more than a node may', async (t) => {
  const many = Array.from({ length: 1_001 }, (_, index) => `127.0.0.9:${index + 1}`);
  const peer = await ScriptedServer.startFor(t, `hosts ${many.join(' ')}\nend 1001 node partial\n`);
  const file = join(makeFolder(t), 'known');
  await writeFile(file, `${peer.address}\n`);
  const { node, troubles } = await start(t, [deadAddress()], file);
  await t.throwsAsync(node.join());
  t.deepEqual(node.hosts(), [peer.address]);
  t.is(troubles.at(-1), `node ${peer.address}: more than 1000 hosts in one reply`);
});
