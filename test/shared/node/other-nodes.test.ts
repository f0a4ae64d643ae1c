// Nodes that ask each other while no name server answers, over real sockets.

import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { KnownHosts } from '../../../shared/node/known-hosts.ts';
import {
  createNode,
  type DynamoNode,
  type HostsChange,
  type NodeOptions,
} from '../../../shared/node/node.ts';
import { answer, KnownNodes } from '../../../shared/node/other-nodes.ts';
import { AddressList } from '../../../shared/protocol/address.ts';
import { native } from '../../../shared/protocol/dialect.ts';
import { lookUntil } from '../../fixture/look-until.ts';
import { exchange } from '../../fixture/tcp-client.ts';
import { makeFolder } from '../../fixture/temp-folder.ts';
import { textOf } from '../protocol/wire.ts';
import { ManualTimers } from './manual-timers.ts';
import { deadAddress, ScriptedServer } from './scripted-server.ts';

const ttlMs = 3_600_000;
const expiryMs = ttlMs / 60;
const retryMs = ttlMs / 120;
const meanwhileMs = 3_000;
const longestPauseMs = 2_500;
const full = (...hosts: string[]) =>
  `${hosts.length === 0 ? '' : `hosts ${hosts.join(' ')}\n`}end ${hosts.length} k.1 full\n`;
const asNode = (...hosts: string[]) => full(...hosts).replace('k.1 full', 'node partial');

interface Setup extends Partial<NodeOptions> {
  /** in its known-hosts file */
  knows?: string[];
}

async function create(t: ExecutionContext, { knows, ...options }: Setup) {
  const timers = new ManualTimers(longestPauseMs);
  let knownHostsFile: string | undefined;
  if (knows !== undefined) {
    knownHostsFile = join(makeFolder(t), 'known');
    await writeFile(knownHostsFile, knows.map((host) => `${host}\n`).join(''));
  }
  const node = createNode({
    ...{ listen: '127.0.0.1:0', servers: [], nodeId: 'me', timers, knownHostsFile },
    ...options,
  });
  t.teardown(() => node.close());
  const troubles: string[] = [];
  const changes: HostsChange[] = [];
  node.on('trouble', (text) => troubles.push(text));
  node.on('hosts', (change) => changes.push(change));
  return { node, timers, troubles, changes };
}

function ask(node: DynamoNode, request: string, from = '127.0.0.1'): Promise<string> {
  return exchange(Number(node.address.split(':')[1]), request, { from });
}

function sources(node: DynamoNode): Record<string, string> {
  return Object.fromEntries(node.knownHosts().map(({ address, source }) => [address, source]));
}

test('known nodes › are asked when no name server answers, and their hosts marked as such', async (t) => {
  const peer = await ScriptedServer.startFor(t, asNode('127.0.0.9:1', '127.0.0.9:2'));
  const { node, changes } = await create(t, {
    servers: [deadAddress()],
    knows: [peer.address],
  });
  t.false(await node.join(), 'not registered');
  t.is(node.server, null);
  t.deepEqual(sources(node), {
    [peer.address]: 'node',
    '127.0.0.9:1': 'node',
    '127.0.0.9:2': 'node',
  });
  t.deepEqual(changes, [
    { added: ['127.0.0.9:1', '127.0.0.9:2'], gone: [], by: 'node', from: peer.address },
  ]);
  const port = node.address.split(':')[1];
  t.deepEqual(peer.requests, [`have ${peer.address}\nquery me ${port} limit=1000\n`]);
});

test('known nodes › are asked while a name server does not answer', async (t) => {
  const server = await ScriptedServer.startFor(t, 'silence');
  const peer = await ScriptedServer.startFor(t, asNode('127.0.0.9:1'));
  const { node, timers } = await create(t, { servers: [server.address], knows: [peer.address] });
  const joining = node.join();
  await lookUntil(() => server.requests.length === 1);
  t.is(peer.connections, 0);
  timers.elapse(meanwhileMs);
  await once(node, 'hosts');
  t.deepEqual(sources(node), { [peer.address]: 'node', '127.0.0.9:1': 'node' });
  await node.close();
  t.false(await joining);
});

test('known nodes › their late replies are dropped once a name server has answered', async (t) => {
  const peer = await ScriptedServer.startFor(t, 'silence');
  const server = await ScriptedServer.startFor(t, 'silence', full('127.0.0.9:7'));
  const { node, timers, troubles } = await create(t, {
    servers: [server.address],
    knows: [peer.address],
  });
  const joining = node.join();
  await lookUntil(() => server.requests.length === 1);
  timers.elapse(meanwhileMs);
  await lookUntil(() => peer.requests.length === 1);
  timers.elapse(30_000);
  t.true(await joining);
  t.deepEqual(sources(node), { '127.0.0.9:7': 'name-server' });
  t.deepEqual(
    troubles.filter((text) => text.includes(peer.address)),
    [],
  );
});

test('known nodes › a host that a name server named is not overridden by a node', async (t) => {
  const server = await ScriptedServer.startFor(
    t,
    ...['hosts 127.0.0.9:1 127.0.0.9:2\nend 2 k.1 full\n', 'gone 127.0.0.9:2\nend 0 k.2\n', null],
  );
  const peer = await ScriptedServer.startFor(t, asNode('127.0.0.9:1', '127.0.0.9:2'));
  const { node, timers } = await create(t, { servers: [server.address] });
  await node.join();
  await timers.elapseOnceDue(ttlMs / 12);
  await once(node, 'hosts');
  await ask(node, `query peer ${peer.address.split(':')[1]}\n`);
  await timers.elapseOnceDue(ttlMs / 12);
  await lookUntil(() => peer.requests.length === 1);
  await lookUntil(() => node.knownHosts().some(({ seenAt }) => seenAt !== null));
  t.deepEqual(sources(node), { '127.0.0.9:1': 'name-server', [peer.address]: 'node' });
});

test('known nodes › who asked is named to the name server next, since its cursor does not stand for that one', async (t) => {
  const server = await ScriptedServer.startFor(
    t,
    full('127.0.0.9:1'),
    'end 0 k.1\n',
    'end 0 k.1\n',
  );
  const { node, timers } = await create(t, { servers: [server.address] });
  await node.join();
  await ask(node, 'query other 4\n');
  for (let requests = 2; requests <= 3; requests++) {
    await timers.elapseOnceDue(ttlMs / 12);
    await lookUntil(() => server.requests.length === requests);
  }
  const [, second, third] = server.requests;
  t.regex(second ?? '', /^have 127\.0\.0\.9:1 127\.0\.0\.1:4\nquery \S+ \d+\n$/);
  t.regex(third ?? '', /^query \S+ \d+ since=k\.1\n$/);
});

test('known nodes › at most three are asked per round, and the pause after each failure doubles', async (t) => {
  const timers = new ManualTimers();
  const known = new KnownHosts(ttlMs);
  const hosts = Array.from({ length: 10 }, (_, index) => `127.0.0.9:${index + 1}`);
  known.applyHearsay('127.0.0.1:1', AddressList.of(...hosts), timers.now());
  let asked: string[] = [];
  const nodes = new KnownNodes({
    ...{ known, timers, nodeId: 'me', firstPauseMs: retryMs, onList() {}, onTrouble() {} },
    network: {
      async exchange(address) {
        asked.push(address);
        return { kind: 'failed', reason: 'it is dead', reached: 'refusal' };
      },
      listen: () => Promise.reject(new Error('not here')),
    },
  });
  const rounds = async (count: number) => {
    const sizes: number[] = [];
    for (let round = 0; round < count; round++) {
      const before = asked.length;
      t.false(await nodes.ask(4000, new AbortController().signal));
      sizes.push(asked.length - before);
    }
    return sizes;
  };
  t.deepEqual(await rounds(5), [3, 3, 3, 1, 0]);
  t.deepEqual(asked.toSorted(), hosts.toSorted());
  asked = [];
  timers.pass(retryMs);
  t.deepEqual(await rounds(5), [3, 3, 3, 1, 0]);
  timers.pass(2 * retryMs - 1);
  t.deepEqual(await rounds(1), [0]);
  timers.pass(1);
  t.deepEqual(await rounds(1), [3]);
  t.is(known.size, 10, 'none is forgotten for that');
});

test('known nodes › a name server that is back is preferred, and the node registers', async (t) => {
  const server = await ScriptedServer.startFor(t, ...[null, null, null, null], full('127.0.0.9:7'));
  const peer = await ScriptedServer.startFor(t, asNode('127.0.0.9:1'));
  const { node, timers } = await create(t, { servers: [server.address], knows: [peer.address] });
  t.false(await node.join());
  await timers.elapseOnceDue(retryMs);
  await once(node, 'hosts');
  t.is(node.server, server.address);
  t.deepEqual(sources(node), { '127.0.0.9:7': 'name-server' });
});

test('known nodes › a node answers a query with what it knows, without asker and have, marked', async (t) => {
  const server = await ScriptedServer.startFor(
    t,
    full('127.0.0.9:1', '127.0.0.9:2', '127.0.0.4:4'),
  );
  const { node } = await create(t, { servers: [server.address] });
  await node.join();
  t.is(
    await ask(node, 'have 127.0.0.9:1\nquery other 4\nping\n', '127.0.0.4'),
    'hosts 127.0.0.9:2\nend 1 node partial\n',
  );
  t.regex(await ask(node, 'query other 4 limit=2\n'), /^hosts \S+ \S+\nend 2 node partial\n$/);
  t.is(await ask(node, 'ping\nping\n'), 'pong me\npong me\n');
});

test('known nodes › the asker is not registered, but remembered, and passed on once it has answered a ping', async (t) => {
  const server = await ScriptedServer.startFor(t, full());
  const asker = await ScriptedServer.startFor(t, 'pong asker\n');
  const { node, timers, changes } = await create(t, { servers: [server.address] });
  await node.join();
  const query = `query asker ${asker.address.split(':')[1]}\n`;
  t.is(await ask(node, query), 'end 0 node partial\n');
  t.deepEqual(changes, [{ added: [asker.address], gone: [], by: 'node', from: asker.address }]);
  t.is(
    await ask(node, 'query third 5\n'),
    'end 0 node partial\n',
    'its word alone is worth nothing',
  );
  await timers.elapseOnceDue(expiryMs);
  await lookUntil(() => node.knownHosts().some(({ seenAt }) => seenAt !== null));
  t.deepEqual(asker.requests, ['ping\n']);
  t.is(await ask(node, 'query third 5\n'), `hosts ${asker.address}\nend 1 node partial\n`);
});

test('known nodes › a node recognises itself at another of its addresses', async (t) => {
  const own = () => `127.0.0.1:${node.address.split(':')[1]}`;
  const server = await ScriptedServer.startFor(t, () => full(own(), '127.0.0.9:1'), null);
  const { node } = await create(t, { listen: '0.0.0.0:0', servers: [server.address] });
  await node.join();
  t.deepEqual(node.hosts(), ['127.0.0.9:1']);
});

test('known nodes › a predefined name server that turns out to be a node is not used', async (t) => {
  const peer = await ScriptedServer.startFor(t, asNode('127.0.0.9:1'));
  const { node } = await create(t, { servers: [peer.address] });
  await t.throwsAsync(node.join(), {
    message: /it is a node, not a name server \(attempt 4 of 4\)/,
  });
  t.deepEqual([node.server, node.hosts()], [null, []]);
});

test('known nodes › hosts that nobody names any more are pinged, and removed after three failures', async (t) => {
  const alive = await ScriptedServer.startFor(t, 'pong x\n');
  const legacy = await ScriptedServer.startFor(t, null);
  const dead = deadAddress();
  const server = await ScriptedServer.startFor(t, full(alive.address, dead, legacy.address), null);
  const { node, timers, changes } = await create(t, { servers: [server.address] });
  await node.join();
  timers.pass(ttlMs);
  for (let round = 1; round <= 3; round++) {
    t.is(node.hosts().length, 3);
    timers.elapse(expiryMs);
    await lookUntil(() => [...timers.due].some(({ ms }) => ms === expiryMs));
  }
  t.deepEqual(node.hosts(), [alive.address, legacy.address]);
  t.deepEqual(changes.at(-1), { added: [], gone: [dead], by: 'expiry', from: null });
  t.deepEqual([alive.connections, legacy.connections], [1, 1]);
});

test('known nodes › a node whose own network is down removes no host', async (t) => {
  const hosts = AddressList.of('127.0.0.9:1', '127.0.0.9:2');
  const { node, timers } = await create(t, {
    servers: ['127.0.0.1:1'],
    network: {
      // As without a cable: nothing gets anywhere.
      exchange: async (_address, { verb }) =>
        verb === 'query'
          ? { kind: 'list', hosts, gone: new AddressList(), cursor: 'k.1', extent: 'full' }
          : { kind: 'failed', reason: 'ENETUNREACH', reached: 'nobody' },
      listen: async () => ({ port: 4000, close: async () => {} }),
    },
  });
  await node.join();
  timers.pass(ttlMs);
  for (let round = 0; round < 10; round++) await timers.elapseOnceDue(expiryMs);
  t.is(node.hosts().length, 2);
});

const everybody = ['192.0.2.1:1', '10.0.0.1:1', '169.254.0.1:1', '127.0.0.1:1'];

/** What a node that knows `everybody` passes on to who asks from `ip`. */
function passedOn(ip: string): string[] {
  const timers = new ManualTimers(0);
  const known = new KnownHosts(3_600_000);
  for (const address of everybody)
    known.restore({ address, source: 'name-server', namedAt: timers.now() }, timers.now());
  const reply = answer(
    {
      ...{ verb: 'query', nodeId: 'asker', port: 9, limit: null, since: null, hop: 0 },
      have: AddressList.of('192.0.2.9:1'),
    },
    ip,
    { nodeId: 'me', known, timers, onNewcomer: () => {} },
  );
  const text = textOf(native, reply);
  return everybody.filter((address) => text.includes(address));
}

test('node answer › a node passes on only hosts that the asker can reach', (t) => {
  t.deepEqual(
    ['192.0.2.9', '10.9.9.9', '169.254.9.9', '127.0.0.9'].map((ip) => passedOn(ip).length),
    [1, 2, 3, 4],
  );
});
