// Nodes that speak over UDP, with real name servers and real sockets.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { createDatagramSocket } from '../../../shared/datagram-socket.ts';
import { systemTimers, tcpNetwork } from '../../../shared/node/network.ts';
import { createNode, type DynamoNode, type NodeOptions } from '../../../shared/node/node.ts';
import { UdpNetwork } from '../../../shared/node/udp-network.ts';
import { freePort } from '../../fixture/free-port.ts';
import { lookUntil } from '../../fixture/look-until.ts';
import { LossyLine } from '../../fixture/lossy-line.ts';
import { startTestServer, type TestServer } from '../../fixture/name-server.ts';
import { seed } from '../../fixture/random.ts';
import { exchange } from '../../fixture/tcp-client.ts';
import { makeFolder } from '../../fixture/temp-folder.ts';
import { UdpClient } from '../../fixture/udp-client.ts';
import { ManualTimers } from './manual-timers.ts';

const service = { service: 2 } as const;

/** A node for which no time passes: loopback loses nothing, and no answer comes too late. */
function create(
  t: ExecutionContext,
  server: TestServer | string,
  options: Partial<NodeOptions> = {},
) {
  const address = typeof server === 'string' ? server : `127.0.0.1:${server.port}`;
  const node = createNode({
    ...{ listen: '127.0.0.1:0', servers: [address], udp: true, timers: new ManualTimers() },
    ...options,
  });
  t.teardown(() => node.close());
  const troubles: string[] = [];
  node.on('trouble', (text) => troubles.push(text));
  return { node, troubles };
}

const portOf = ({ address }: DynamoNode) => Number(address.split(':').at(-1));

test('node over UDP › a node joins, finds another one, answers pings and leaves without a TCP connection', async (t) => {
  const server = await startTestServer(t, { settings: { ...service, ttlMs: 3_000 } });
  const first = create(t, server).node;
  t.true(await first.join());
  const second = create(t, server).node;
  t.true(await second.join());
  t.deepEqual(second.hosts(), [first.address]);
  await server.until(({ counters }) => counters.pingsAnswered >= 2);
  const console = await server.attach();
  for (const { address, nodeId } of [first, second])
    t.like(await console.host(address), { nodeId, dialect: 'udp' });
  t.is((await server.status()).counters.connections, 0);
  await second.leave();
  await first.leave();
  const { counters, hosts } = await server.status();
  t.deepEqual([hosts.live, counters.left, counters.expired], [0, 2, 0]);
});

test('node over UDP › a list that is too long for a datagram comes over TCP, and the host stays one over UDP', async (t) => {
  const server = await startTestServer(t, { settings: service });
  const hosts = Array.from({ length: 200 }, (_, index) => `alive n${index} ${20_000 + index}\n`);
  await exchange(server.port, hosts.join(''), { from: '127.0.9.9' });
  const sampled = create(t, server).node;
  t.true(await sampled.join());
  t.true(sampled.hosts().length >= 50 && sampled.hosts().length < 80, 'a sample');
  const knownHostsFile = join(makeFolder(t), 'known');
  await writeFile(knownHostsFile, '127.0.9.9:20000\n');
  const { node } = create(t, server, { knownHostsFile });
  t.true(await node.join());
  t.is(node.hosts().length, 201, 'it asked for what it lacks');
  const { counters } = await server.status();
  t.is(counters.connections, 2);
  t.like(await (await server.attach()).host(node.address), { dialect: 'udp' });
});

test('node over UDP › where no server answers datagrams, the node joins over TCP and keeps using it', async (t) => {
  const server = await startTestServer(t);
  const silent = createDatagramSocket('127.0.0.1').bind(server.port, '127.0.0.1');
  t.teardown(() => silent.close());
  let datagrams = 0;
  silent.on('message', () => datagrams++);
  const { node, troubles } = create(t, server, { timers: systemTimers });
  t.true(await node.join());
  t.deepEqual(troubles, []);
  const asked = datagrams;
  t.true(asked > 0);
  await node.leave();
  t.is(datagrams, asked);
  t.like((await server.status()).counters, { left: 1, connections: 2 });
});

test('node over UDP › a server that was restarted gives another cookie, and the node goes on', async (t) => {
  const folder = makeFolder(t);
  const settings = { ...service, port: await freePort() };
  const first = await startTestServer(t, { folder, settings });
  const { node } = create(t, first);
  t.true(await node.join());
  await first.close();
  const second = await startTestServer(t, { folder, settings });
  await node.leave();
  const { counters, hosts } = await second.status();
  t.deepEqual([hosts.live, counters.left], [0, 1]);
  t.true(counters.cookiesSent >= 1);
});

test('node over UDP › on a line that loses, doubles and reorders datagrams, every node joins, is found, and leaves', async (t) => {
  t.log(`SEED=${seed}`);
  const server = await startTestServer(t, { settings: { ...service, backlog: 1_000 } });
  const quality = { loss: 0.1, duplication: 0.1, reordering: 0.3, seed };
  const line = await LossyLine.open(
    t,
    `127.0.0.50:${server.port}`,
    `127.0.0.1:${server.port}`,
    quality,
  );
  const nodes = Array.from(
    { length: 40 },
    () => create(t, line.address, { timers: systemTimers }).node,
  );
  t.deepEqual(new Set(await Promise.all(nodes.map((node) => node.join()))), new Set([true]));
  const status = await server.status();
  t.deepEqual([status.hosts.live, status.counters.registered], [40, 40]);
  const watcher = create(t, server).node;
  t.true(await watcher.join());
  t.deepEqual(watcher.hosts().toSorted(), nodes.map(({ address }) => address).toSorted());
  await Promise.all(nodes.map((node) => node.leave()));
  const { hosts, counters } = await server.status();
  t.deepEqual([hosts.live, counters.left, counters.malformed], [1, 40, 0]);
  t.true(line.counts.lost > 10 && line.counts.doubled > 10 && line.counts.late > 30);
  t.true(line.connections < 8, 'retransmission is enough for most');
  t.log(line.counts, `${line.connections} requests over TCP`);
});

test('node over UDP › it answers strangers: ping and query, no more than they sent without a cookie', async (t) => {
  const server = await startTestServer(t, { settings: service });
  await exchange(server.port, 'alive other 4000\n', { from: '127.0.9.9' });
  const { node } = create(t, server, { nodeId: 'n'.repeat(64) });
  t.true(await node.join());
  const stranger = await UdpClient.open(t, portOf(node), { from: '127.0.0.9' });
  const ping = 'ping id=0123456789abcdef\n'.padEnd(128, '\n');
  t.is(await stranger.ask(ping), `id 0123456789abcdef\npong ${node.nodeId}\n`);
  for (const ignored of [
    'ping\n',
    'query a 1\n',
    'ok\n',
    'tcp\n',
    'id x\npong y\n',
    '\x00\x01',
    '',
  ])
    stranger.send(ignored);
  const cookie = await stranger.cookie();
  t.is(
    await stranger.ask(`query stranger 4000 cookie=${cookie} id=q\n`),
    'id q\nhosts 127.0.9.9:4000\nend 1 node partial\n',
  );
  t.regex(await stranger.ask(`alive a 4000 cookie=${cookie}\n`), /^error malformed this is a node/);
  t.deepEqual(stranger.received, []);
  const elsewhere = await UdpClient.open(t, portOf(node), { from: '127.0.0.8' });
  t.regex(await elsewhere.ask(`query a 4000 cookie=${cookie}\n`.padEnd(128, '\n')), /^cookie /);
});

test('node over UDP › nodes ask each other in datagrams while no name server answers', async (t) => {
  const server = await startTestServer(t, { settings: service });
  const first = create(t, server).node;
  t.true(await first.join());
  const knownHostsFile = join(makeFolder(t), 'known');
  await writeFile(knownHostsFile, `${first.address}\n`);
  const { node } = create(t, `127.0.0.8:${await freePort()}`, {
    ...{ knownHostsFile, ttlMs: 60_000, timers: systemTimers },
  });
  t.false(await node.join());
  t.true(node.hosts().includes(first.address));
  t.deepEqual(first.hosts(), [node.address], 'it remembers who asked');
});

test('node over UDP › an answer counts only with the id of the request, and from the address that was asked', async (t) => {
  const timers = new ManualTimers();
  const network = new UdpNetwork(tcpNetwork(timers), timers);
  const listener = await network.listen('127.0.0.1', 0, () => ({ kind: 'ok' }));
  t.teardown(() => listener.close());
  const stranger = createDatagramSocket('127.0.0.1').bind(0, '127.0.0.1');
  const server = createDatagramSocket('127.0.0.1').bind(0, '127.0.0.1');
  t.teardown(() => {
    stranger.close();
    server.close();
  });
  const address = `127.0.0.1:${server.address().port}`;
  let asked = 0;
  server.on('message', (bytes, { port }) => {
    asked++;
    const [, id = ''] = / id=(\S+)/.exec(bytes.toString()) ?? [];
    t.is(port, listener.port, 'from the port on which it listens');
    // The first answers are forged; the right one comes to the first retransmission.
    stranger.send(`id ${id}\npong forged\n`, port, '127.0.0.1');
    server.send(`id ${'A'.repeat(16)}\npong forged\n`, port, '127.0.0.1');
    server.send('pong forged\n', port, '127.0.0.1');
    if (asked > 1) server.send(`id ${id}\npong right\n`, port, '127.0.0.1');
  });
  const outcome = network.exchange(address, { verb: 'ping' }, {});
  await timers.elapseOnceDue(500);
  t.deepEqual(await outcome, { kind: 'pong', id: 'right' });
  t.is(asked, 2);
});

test('node over UDP › a datagram that is no reply, or no reply to the request, is a failure', async (t) => {
  const timers = new ManualTimers();
  const network = new UdpNetwork(tcpNetwork(timers), timers);
  const listener = await network.listen('127.0.0.1', 0, () => ({ kind: 'ok' }));
  t.teardown(() => listener.close());
  const server = createDatagramSocket('127.0.0.1').bind(await freePort(), '127.0.0.1');
  t.teardown(() => server.close());
  const address = `127.0.0.1:${server.address().port}`;
  let reply = '';
  server.on('message', (bytes, { port }) => {
    const [, id = ''] = / id=(\S+)/.exec(bytes.toString()) ?? [];
    server.send(`id ${id}\n${reply}`, port, '127.0.0.1');
  });
  for (const [sent, reason] of [
    ['', 'the answer was not a complete reply'],
    ['hosts 10.0.0.1:1\n', 'the answer was not a complete reply'],
    ['ok', 'the answer was not a complete reply'],
    ['nonsense\n', 'not a reply: "nonsense"'],
    ['end 2 a.1 full\n', 'the reply ends with a count of 2 after 0 hosts'],
  ]) {
    reply = sent as string;
    const outcome = await network.exchange(address, { verb: 'ping' }, {});
    t.deepEqual(outcome, { kind: 'failed', reason: reason as string, reached: 'connection' });
  }
  // A server that only ever gives cookies is given up, and asked over TCP, where nobody is.
  let cookies = 0;
  server.removeAllListeners('message');
  server.on('message', (bytes, { port }) => {
    const [, id = ''] = / id=(\S+)/.exec(bytes.toString()) ?? [];
    server.send(`id ${id}\ncookie c${cookies++}\n`, port, '127.0.0.1');
  });
  const outcome = network.exchange(address, { verb: 'ping' }, {});
  await lookUntil(() => cookies > 3);
  timers.elapse(3_000);
  t.like(await outcome, { kind: 'failed', reached: 'refusal' });
  t.is(cookies, 4);
});

test('node over UDP › a port that is taken for UDP is an error, and any free port is one for both', async (t) => {
  const taken = createDatagramSocket('127.0.0.1').bind(0, '127.0.0.1');
  t.teardown(() => taken.close());
  const listen = `127.0.0.1:${taken.address().port}`;
  const { node } = create(t, '127.0.0.1:1', { listen });
  await t.throwsAsync(node.join(), { code: 'EADDRINUSE' });
});
