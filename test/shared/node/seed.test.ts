// What the network's founding document says about nodes, a sentence a test, over real sockets. Time is
// wound by hand.
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import {
  createNode,
  type DynamoNode,
  type HostsChange,
  type NodeOptions,
} from '../../../shared/node/node.ts';
import { lookUntil } from '../../fixture/look-until.ts';
import { startTestServer } from '../../fixture/name-server.ts';
import { exchange } from '../../fixture/tcp-client.ts';
import { makeFolder } from '../../fixture/temp-folder.ts';
import { ManualTimers } from './manual-timers.ts';
import { deadAddress, ScriptedServer } from './scripted-server.ts';

const minuteMs = 60_000;
const refreshMs = 5 * minuteMs;
const empty = 'end 0 k.1 full\n';

interface Started {
  node: DynamoNode;
  timers: ManualTimers;
  changes: HostsChange[];
}

interface Given extends Partial<NodeOptions> {
  /** "Sometimes, on startup, a node may have a list of already known hosts." */
  knows?: readonly string[];
}

async function create(t: ExecutionContext, { knows = [], ...options }: Given): Promise<Started> {
  const timers = new ManualTimers(2_500);
  const knownHostsFile = join(makeFolder(t), 'known');
  await writeFile(knownHostsFile, knows.map((host) => `${host}\n`).join(''));
  const node = createNode({
    ...{ listen: '127.0.0.1:0', servers: [], nodeId: 'me', timers, knownHostsFile },
    ...options,
  });
  t.teardown(() => node.close());
  const changes: HostsChange[] = [];
  node.on('hosts', (change) => changes.push(change));
  return { node, timers, changes };
}

function connections(servers: ScriptedServer[]): number[] {
  return servers.map((server) => server.connections);
}

function sources(node: DynamoNode): Record<string, string> {
  return Object.fromEntries(node.knownHosts().map(({ address, source }) => [address, source]));
}

test('seed › "Once a new node is started, it sends a DNS query to one of the predefined DNS servers in the Dynamo network."', async (t) => {
  const servers = [
    await ScriptedServer.startFor(t, empty),
    await ScriptedServer.startFor(t, empty),
  ];
  const { node } = await create(t, { servers: servers.map(({ address }) => address) });
  t.true(await node.join());
  t.deepEqual(servers[0]?.requests, [`query me ${node.address.split(':')[1]}\n`]);
  t.deepEqual(connections(servers), [1, 0], 'to the first of them');
});

test('seed › "If that name server happens to be down, the node will attempt to establish a connection 3 more times before connecting to a new one."', async (t) => {
  const servers = [
    await ScriptedServer.startFor(t, null),
    await ScriptedServer.startFor(t, null),
    await ScriptedServer.startFor(t, () => {
      before = connections(servers);
      return empty;
    }),
  ];
  let before: number[] = [];
  const { node, timers } = await create(t, { servers: servers.map(({ address }) => address) });
  t.true(await node.join());
  t.deepEqual(before, [4, 4, 1], 'one attempt and 3 more at each, in their order');
  t.deepEqual(timers.paused, [500, 1_000, 2_000, 500, 1_000, 2_000], 'with pauses that grow');
  t.is(node.server, servers[2]?.address as string);
});

test('seed › "The server responds by sending its list of known hosts and stores the new node\'s IP in the host list."', async (t) => {
  const server = await startTestServer(t);
  await exchange(server.port, 'alive other 5000\n', { from: '127.0.9.1' });
  const servers = [`127.0.0.1:${server.port}`];
  const { node } = await create(t, { servers, listen: '127.0.9.2:0' });
  t.true(await node.join());
  t.deepEqual(node.hosts(), ['127.0.9.1:5000']);
  const console = await server.attach();
  const { rows } = await console.page({});
  t.deepEqual(
    rows.map(({ address, nodeId }) => [address, nodeId]),
    [
      ['127.0.9.1:5000', 'other'],
      [node.address, 'me'],
    ],
  );
});

test('seed › "The connection is redirected automatically after the `redirect [IP]` command is issued to the incoming nodes"', async (t) => {
  const second = await ScriptedServer.startFor(t, 'hosts 127.0.0.9:1\nend 1 k.1 full\n');
  const first = await ScriptedServer.startFor(t, `redirect ${second.address}\n`);
  const { node } = await create(t, { servers: [first.address] });
  t.true(await node.join());
  t.deepEqual([node.server, node.hosts()], [second.address, ['127.0.0.9:1']]);
  t.deepEqual(connections([first, second]), [1, 1]);
});

test('seed › "the node will send a list of all the hosts it knows, and the server will only respond with a list of the remaining existing nodes"', async (t) => {
  const scripted = await ScriptedServer.startFor(t, 'end 0 k.1\n');
  const knows = ['127.0.9.1:5000', '127.0.9.2:5000'];
  const asking = await create(t, { servers: [scripted.address], knows });
  await asking.node.join();
  t.is(scripted.requests[0]?.split('\n')[0], `have ${knows.join(' ')}`);

  const server = await startTestServer(t);
  for (const ip of [1, 2, 3])
    await exchange(server.port, 'alive other 5000\n', { from: `127.0.9.${ip}` });
  const { node, changes } = await create(t, { servers: [`127.0.0.1:${server.port}`], knows });
  await node.join();
  t.deepEqual(
    changes.map(({ added }) => added),
    [['127.0.9.3:5000']],
  );
  t.deepEqual(node.hosts(), [...knows, '127.0.9.3:5000']);
});

test('seed › "since the node already knows some hosts, it can prompt the other hosts for an updated host list"', async (t) => {
  const server = await startTestServer(t);
  await exchange(server.port, 'alive other 5000\n', { from: '127.0.9.1' });
  const helper = await create(t, { servers: [`127.0.0.1:${server.port}`], nodeId: 'helper' });
  await helper.node.join();
  await server.close();
  const { node } = await create(t, {
    ...{ servers: [`127.0.0.1:${server.port}`], knows: [helper.node.address] },
  });
  t.false(await node.join(), 'no name server registers it');
  t.deepEqual(sources(node), { [helper.node.address]: 'node', '127.0.9.1:5000': 'node' });
});

test('seed › "the nodes will always prioritise the responses coming from the name servers"', async (t) => {
  const peer = await ScriptedServer.startFor(
    t,
    'hosts 127.0.0.9:1 127.0.0.9:2 127.0.0.9:3\nend 3 node partial\n',
  );
  const server = await ScriptedServer.startFor(
    t,
    `hosts ${peer.address} 127.0.0.9:1 127.0.0.9:2\nend 3 k.1 full\n`,
    'gone 127.0.0.9:2\nend 0 k.2\n',
    null,
  );
  const { node, timers, changes } = await create(t, {
    ...{ servers: [server.address], knows: [peer.address] },
  });
  t.true(await node.join());
  t.is(peer.connections, 0, 'while a name server answers, no node is asked');
  await timers.elapseOnceDue(refreshMs);
  await timers.elapseOnceDue(refreshMs);
  await lookUntil(() => changes.at(-1)?.by === 'node');
  t.is(server.connections, 6, 'four attempts first');
  t.deepEqual(
    sources(node),
    { [peer.address]: 'name-server', '127.0.0.9:1': 'name-server', '127.0.0.9:3': 'node' },
    'the node adds one that nobody spoke of, and cannot bring back one that a name server called gone',
  );
});

test('seed › "All the nodes known hosts lists must be updated systematically"', async (t) => {
  const server = await startTestServer(t);
  const speak = (verb: string, ip: string) =>
    exchange(server.port, `${verb} other 5000\n`, { from: ip });
  const { node, timers, changes } = await create(t, { servers: [`127.0.0.1:${server.port}`] });
  await node.join();
  await speak('alive', '127.0.9.1');
  await speak('alive', '127.0.9.2');
  await timers.elapseOnceDue(refreshMs);
  await lookUntil(() => changes.length === 1);
  await speak('leave', '127.0.9.1');
  await speak('alive', '127.0.9.3');
  await timers.elapseOnceDue(refreshMs);
  await lookUntil(() => changes.length === 2);
  t.deepEqual(
    changes.map(({ added, gone }) => [added, gone]),
    [
      [['127.0.9.1:5000', '127.0.9.2:5000'], []],
      [['127.0.9.3:5000'], ['127.0.9.1:5000']],
    ],
  );
});

/** A node whose name server named `hosts` and is away since, 60 minutes less a moment later. */
async function anHourLater(t: ExecutionContext, hosts: readonly string[]): Promise<Started> {
  const server = await ScriptedServer.startFor(
    t,
    `hosts ${hosts.join(' ')}\nend ${hosts.length} k.1 full\n`,
    null,
  );
  const started = await create(t, { servers: [server.address] });
  await started.node.join();
  started.timers.pass(60 * minuteMs - minuteMs - 1);
  return started;
}

test('seed › "after 60 minutes of no interaction, the name server will ping the node to check if it is up": a node does the same when no name server does', async (t) => {
  const host = await ScriptedServer.startFor(t, 'pong host\n');
  const { timers } = await anHourLater(t, [host.address]);
  await timers.elapseOnceDue(minuteMs);
  await lookUntil(() => [...timers.due].some(({ ms }) => ms === minuteMs));
  t.is(host.connections, 0, 'a moment before');
  await timers.elapseOnceDue(minuteMs);
  await lookUntil(() => host.requests.length === 1);
  t.deepEqual(host.requests, ['ping\n']);
});

test('seed › "If the node responds, the timestamp of the registry is updated, therefore resetting the clock."', async (t) => {
  const host = await ScriptedServer.startFor(t, 'pong host\n');
  const { node, timers } = await anHourLater(t, [host.address]);
  const round = async () => {
    await timers.elapseOnceDue(minuteMs);
    await lookUntil(() => [...timers.due].some(({ ms }) => ms === minuteMs));
  };
  await round();
  await round();
  t.is(node.knownHosts()[0]?.seenAt, timers.now());
  for (let minute = 1; minute < 60; minute++) await round();
  t.is(host.connections, 1);
  await round();
  t.is(host.connections, 2, 'after another 60 minutes');
});

test('seed › "If it doesn\'t respond, the registry is deleted from the list"', async (t) => {
  const dead = deadAddress();
  const { node, timers } = await anHourLater(t, [dead]);
  await timers.elapseOnceDue(minuteMs);
  for (let ping = 1; ping <= 3; ping++) {
    await lookUntil(() => [...timers.due].some(({ ms }) => ms === minuteMs));
    t.deepEqual(node.hosts(), [dead], 'not before the third ping');
    timers.elapse(minuteMs);
  }
  const [{ gone, by }] = (await once(node, 'hosts')) as [HostsChange];
  t.deepEqual([gone, by, node.hosts()], [[dead], 'expiry', []]);
});
