import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import {
  createNode,
  type DynamoNode,
  type NodeOptions,
  NoNameServerError,
} from '../../../shared/node/node.ts';
import { lookUntil } from '../../fixture/look-until.ts';
import { ManualTimers } from './manual-timers.ts';
import { type Answer, deadAddress, ScriptedServer } from './scripted-server.ts';

const refreshMs = 300_000;
const aliveMs = 1_200_000;
/** Pauses between attempts run at once, deadlines do not. */
const longestPauseMs = 2_500;

function start(t: ExecutionContext, ...script: Answer[]): Promise<ScriptedServer> {
  return ScriptedServer.startFor(t, ...script);
}

function create(t: ExecutionContext, options: Partial<NodeOptions>): DynamoNode {
  const node = createNode({
    ...{
      listen: '127.0.0.1:0',
      servers: [],
      nodeId: 'me',
      timers: new ManualTimers(longestPauseMs),
    },
    ...options,
  });
  t.teardown(() => node.close());
  return node;
}

function portOf(address: string): string {
  return address.slice(address.lastIndexOf(':') + 1);
}

function converse(address: string, text: string): Promise<string> {
  const socket = connect(Number(portOf(address)), '127.0.0.1');
  return new Promise((resolve, reject) => {
    let received = '';
    socket.on('data', (chunk) => {
      received += chunk.toString();
      if (received.endsWith('\n')) socket.end();
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(received));
    socket.write(text);
  });
}

test('node › joins: registers from the address on which it listens, and receives the list', async (t) => {
  const server = await start(t, 'hosts 127.0.0.9:1 [::1]:2\nend 2 k.1 full\n');
  const node = create(t, { servers: [server.address] });
  t.true(await node.join());
  t.deepEqual(node.hosts(), ['127.0.0.9:1', '[::1]:2']);
  t.is(node.server, server.address);
  t.deepEqual(server.requests, [`query me ${portOf(node.address)}\n`]);
});

test('node › connects from the address on which it listens', async (t) => {
  const server = await start(t, 'end 0 k.1 full\n');
  await create(t, { listen: '127.0.0.2:0', servers: [server.address] }).join();
  await create(t, { listen: '0.0.0.0:0', servers: [server.address] }).join();
  t.deepEqual(server.sources, ['127.0.0.2', '127.0.0.1']);
});

test('node › "will attempt to establish a connection 3 more times before connecting to a new one"', async (t) => {
  const [first, second] = [await start(t, null), await start(t, 'end 0 k.1 full\n')];
  const timers = new ManualTimers(longestPauseMs);
  const node = create(t, { servers: [first.address, second.address], timers });
  t.true(await node.join());
  t.is(first.connections, 4);
  t.is(second.connections, 1);
  t.deepEqual(timers.paused, [500, 1_000, 2_000]);
});

test('node › a server on which nothing listens is tried, then the next one', async (t) => {
  const second = await start(t, 'end 0 k.1 full\n');
  const node = create(t, { servers: [deadAddress(), second.address] });
  t.true(await node.join());
  t.is(node.server, second.address);
});

test('node › when nobody answers, the error of join says what happened at each server', async (t) => {
  const server = await start(t, 'HTTP/1.1 400 Bad Request\n');
  const node = create(t, { servers: [server.address] });
  const error = await t.throwsAsync(node.join(), { instanceOf: NoNameServerError });
  const line = (attempt: number) =>
    `${server.address}: not a reply: "HTTP/1.1 400 Bad Request" (attempt ${attempt} of 4)`;
  t.is(error?.message, [1, 2, 3, 4].map(line).join('; '));
});

test('node › a server that accepts and says nothing fails at its deadline', async (t) => {
  const server = await start(t, 'silence', 'end 0 k.1 full\n');
  const timers = new ManualTimers(longestPauseMs);
  const node = create(t, { servers: [server.address], timers });
  const joining = node.join();
  const socket = await connected(server);
  t.is(socket, 1);
  timers.elapse(30_000);
  t.true(await joining);
  t.is(server.connections, 2);
});

/** Resolves with the number of connections once a request has arrived. */
async function connected(server: ScriptedServer): Promise<number> {
  while (server.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
  return server.connections;
}

test('node › follows redirects, and counts them', async (t) => {
  const third = await start(t, 'end 0 k.1 full\n');
  const second = await start(t, `redirect ${third.address}\n`);
  const first = await start(t, `redirect ${second.address}\n`);
  const node = create(t, { servers: [first.address] });
  t.true(await node.join());
  t.is(node.server, third.address);
  const port = portOf(node.address);
  t.deepEqual(
    [first, second, third].map(({ requests }) => requests),
    [[`query me ${port}\n`], [`query me ${port} hop=1\n`], [`query me ${port} hop=2\n`]],
  );
});

test('node › after a redirect asks its own name server again, and sends the cursor to its maker only', async (t) => {
  const second = await start(t, 'hosts 127.0.0.9:1\nend 1 k.1 full\n', 'end 0 k.2\n');
  const first = await start(t, `redirect ${second.address}\n`);
  const timers = new ManualTimers(longestPauseMs);
  const node = create(t, { servers: [first.address], timers });
  t.true(await node.join());
  const port = portOf(node.address);
  await timers.elapseOnceDue(refreshMs);
  await lookUntil(() => second.requests.length === 2);
  t.deepEqual(first.requests, [`query me ${port}\n`, `have 127.0.0.9:1\nquery me ${port}\n`]);
  t.deepEqual(second.requests, [`query me ${port} hop=1\n`, `query me ${port} since=k.1 hop=1\n`]);
});

test('node › does not go back to where a redirect came from', async (t) => {
  const first: ScriptedServer = await start(t, () => `redirect ${second.address}\n`);
  const second: ScriptedServer = await start(t, () => `redirect ${first.address}\n`);
  const node = create(t, { servers: [first.address] });
  const message = new RegExp(`^${second.address}: it redirects back to ${first.address} `);
  await t.throwsAsync(node.join(), { message });
  t.deepEqual([first.connections, second.connections], [4, 4]);
  const itself: ScriptedServer = await start(t, () => `redirect ${itself.address}\n`);
  await t.throwsAsync(create(t, { servers: [itself.address] }).join());
  t.is(itself.connections, 4);
});

test('node › does not follow a fourth redirect', async (t) => {
  const chain = [await start(t, 'end 0 k.1 full\n')];
  for (let length = 0; length < 4; length++)
    chain.unshift(await start(t, `redirect ${chain[0]?.address}\n`));
  const lost = create(t, { servers: [chain[0]?.address as string] });
  await t.throwsAsync(lost.join(), { message: /the 4th redirect in a row/ });
  t.deepEqual(
    chain.map(({ connections }) => connections),
    [4, 4, 4, 4, 0],
  );
});

test('node › a busy server is skipped for the next one, or asked again if it is the only one', async (t) => {
  const busy = await start(t, 'busy 2\n');
  const other = await start(t, 'end 0 k.1 full\n');
  const node = create(t, { servers: [busy.address, other.address] });
  t.true(await node.join());
  t.is(busy.connections, 1);
  const recovering = await start(t, 'busy 2\n', 'end 0 k.1 full\n');
  const timers = new ManualTimers(longestPauseMs);
  t.true(await create(t, { servers: [recovering.address], timers }).join());
  t.deepEqual(timers.paused, [2_000]);
});

test('node › a server that cannot store the node has not answered, but its hosts are used', async (t) => {
  const server = await start(t, 'hosts 127.0.0.9:1\nerror not-stored the disk is full\n');
  const node = create(t, { servers: [server.address] });
  const error = await t.throwsAsync(node.join(), { instanceOf: NoNameServerError });
  t.is(
    error?.message,
    `${server.address}: not-stored: the disk is full; node 127.0.0.9:1: connect ECONNREFUSED 127.0.0.9:1`,
  );
  t.deepEqual(node.hosts(), ['127.0.0.9:1']);
  t.is(server.connections, 1);
});

test('node › asks for what changed, and applies it', async (t) => {
  const server = await start(
    t,
    'hosts 127.0.0.9:1 127.0.0.9:2\nend 2 k.2 full\n',
    'hosts 127.0.0.9:3\ngone 127.0.0.9:1 127.0.0.9:7\nend 1 k.4 partial\n',
    'hosts 127.0.0.9:4\nend 1 k.5\n',
    'hosts 127.0.0.9:4\nend 1 m.1 full\n',
  );
  const timers = new ManualTimers(longestPauseMs);
  const node = create(t, { servers: [server.address], timers });
  await node.join();
  await timers.elapseOnceDue(refreshMs);
  const [change] = await once(node, 'hosts');
  t.deepEqual(change, {
    added: ['127.0.0.9:3'],
    gone: ['127.0.0.9:1'],
    by: 'name-server',
    from: server.address,
  });
  await once(node, 'hosts');
  t.deepEqual(node.hosts(), ['127.0.0.9:2', '127.0.0.9:3', '127.0.0.9:4']);
  await timers.elapseOnceDue(refreshMs);
  await once(node, 'hosts');
  t.deepEqual(node.hosts(), ['127.0.0.9:4']);
  const query = `query me ${portOf(node.address)}`;
  t.deepEqual(server.requests, [
    `${query}\n`,
    `${query} since=k.2\n`,
    `${query} since=k.4\n`,
    `${query} since=k.5\n`,
  ]);
});

test('node › names its hosts when the name server does not know its cursor any more, and learns who is gone', async (t) => {
  const server = await start(
    t,
    'hosts 127.0.0.9:1 127.0.0.9:2\nend 2 k.2 full\n',
    'hosts 127.0.0.9:3\nend 1 m.7 partial unknown-cursor\n',
    'gone 127.0.0.9:1\nend 0 m.7\n',
    'end 0 m.7\n',
  );
  const timers = new ManualTimers(longestPauseMs);
  const node = create(t, { servers: [server.address], timers });
  await node.join();
  await timers.elapseOnceDue(refreshMs);
  await once(node, 'hosts');
  await once(node, 'hosts');
  t.deepEqual(node.hosts(), ['127.0.0.9:2', '127.0.0.9:3']);
  await timers.elapseOnceDue(refreshMs);
  await lookUntil(() => server.requests.length === 4);
  const query = `query me ${portOf(node.address)}`;
  t.deepEqual(server.requests.slice(1), [
    `${query} since=k.2\n`,
    `have 127.0.0.9:1 127.0.0.9:2 127.0.0.9:3\n${query}\n`,
    `${query} since=m.7\n`,
  ]);
});

test('node › back at a former server it sends have lines, not the old cursor', async (t) => {
  const away = [null, null, null, null];
  const first = await start(
    t,
    ...['hosts 127.0.0.9:1 127.0.0.9:2\nend 2 k.2 full\n', ...away],
    'hosts 127.0.0.9:1\nend 1 k.3\n',
  );
  const second = await start(t, 'gone 127.0.0.9:1\nend 0 m.1\n', ...away);
  const timers = new ManualTimers(longestPauseMs);
  const node = create(t, { servers: [first.address, second.address], timers });
  await node.join();
  await timers.elapseOnceDue(refreshMs);
  await once(node, 'hosts');
  t.deepEqual(node.hosts(), ['127.0.0.9:2']);
  await timers.elapseOnceDue(refreshMs);
  await once(node, 'hosts');
  t.deepEqual(node.hosts(), ['127.0.0.9:2', '127.0.0.9:1']);
  t.is(first.requests.at(-1), `have 127.0.0.9:2\nquery me ${portOf(node.address)}\n`);
});

test('node › a sample is fetched once and not continued', async (t) => {
  const server = await start(t, 'hosts 127.0.0.9:1\nend 1 k.9 partial\n');
  const node = create(t, { servers: [server.address] });
  t.true(await node.join());
  t.is(server.connections, 1);
});

test('node › keeps its list while no server answers, and keeps trying', async (t) => {
  const server = await start(
    t,
    ...['hosts 127.0.0.9:1\nend 1 k.1 full\n', null, null, null, null],
    'hosts 127.0.0.9:2\nend 1 k.2\n',
  );
  const timers = new ManualTimers(longestPauseMs);
  const node = create(t, { servers: [server.address], timers });
  await node.join();
  await timers.elapseOnceDue(refreshMs);
  for (let attempt = 1; attempt <= 4; attempt++) await once(node, 'trouble');
  t.deepEqual(node.hosts(), ['127.0.0.9:1']);
  await timers.elapseOnceDue(30_000);
  await once(node, 'hosts');
  t.deepEqual(node.hosts(), ['127.0.0.9:1', '127.0.0.9:2']);
});

test('node › sends alive long before its TTL ends', async (t) => {
  const server = await start(t, 'end 0 k.1 full\n', 'ok\n');
  const timers = new ManualTimers(longestPauseMs);
  const node = create(t, { servers: [server.address], timers });
  await node.join();
  timers.elapse(aliveMs);
  while (server.requests.length < 2) await new Promise((resolve) => setImmediate(resolve));
  t.is(server.requests[1], `alive me ${portOf(node.address)}\n`);
});

test('node › leaves, and no timer or socket remains', async (t) => {
  const server = await start(t, 'end 0 k.1 full\n');
  const timers = new ManualTimers(longestPauseMs);
  const node = create(t, { servers: [server.address], timers });
  await node.join();
  await node.leave();
  t.is(server.requests[1], `leave me ${portOf(node.address)}\n`);
  t.is(timers.due.size, 0);
  await t.throwsAsync(converse(node.address, 'ping\n'), { code: 'ECONNREFUSED' });
});

test('node › stops when it is stopped while joining', async (t) => {
  const server = await start(t, 'silence');
  const timers = new ManualTimers();
  const node = create(t, { servers: [server.address], timers });
  const joining = node.join();
  await connected(server);
  await node.leave();
  t.false(await joining);
  t.is(timers.due.size, 0);
});

test('node › answers pings with its id, and refuses other requests', async (t) => {
  const server = await start(t, 'end 0 k.1 full\n');
  const node = create(t, { servers: [server.address] });
  await node.join();
  t.is(await converse(node.address, 'ping\n'), 'pong me\n');
  t.is(
    await converse(node.address, 'alive other 4000\n'),
    'error malformed this is a node, which answers ping and query; send alive to a name server\n',
  );
  t.regex(
    await converse(node.address, 'nonsense\n'),
    /^error malformed "nonsense" is not a request/,
  );
});

test('node › sends the hosts it knows, and keeps them in its file', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'ddns-node-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const file = join(folder, 'known');
  await writeFile(file, '127.0.0.9:1\nnot a host\n\n[::1]:2\n\x1b[2J\n');
  const server = await start(t, 'hosts 127.0.0.9:3\ngone 127.0.0.9:1\nend 1 k.1\n');
  const node = create(t, { servers: [server.address], knownHostsFile: file });
  const troubles: string[] = [];
  node.on('trouble', (text) => troubles.push(text));
  await node.join();
  t.deepEqual(troubles, [
    `${file}: 2 of 4 lines are not hosts and were skipped; it was renamed to ${file}.bad`,
  ]);
  t.deepEqual(server.requests, [`have 127.0.0.9:1 [::1]:2\nquery me ${portOf(node.address)}\n`]);
  await node.close();
  const now = Date.UTC(2026, 0, 1);
  t.is(await readFile(file, 'utf8'), `[::1]:2 node 0\n127.0.0.9:3 name-server ${now}\n`);
});

test('node › a known-hosts file that is garbage, a folder or missing does not stop it', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'ddns-node-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const garbage = join(folder, 'garbage');
  await writeFile(garbage, Buffer.from(Array.from({ length: 4_096 }, (_, index) => index % 251)));
  for (const knownHostsFile of [garbage, folder, join(folder, 'missing')]) {
    const server = await start(t, 'end 0 k.1 full\n');
    const node = create(t, { servers: [server.address], knownHostsFile });
    t.true(await node.join(), knownHostsFile);
    t.deepEqual(node.hosts(), []);
  }
});

test('node › its own address never enters its list', async (t) => {
  const server = await start(t, () => `hosts ${node.address} 127.0.0.9:1\nend 2 k.1 full\n`);
  const node = create(t, { servers: [server.address] });
  await node.join();
  t.deepEqual(node.hosts(), ['127.0.0.9:1']);
});
