// Name servers that a node names by host name. The resolver is the test's; what it names are servers on loopback.
import type { LookupAddress } from 'node:dns';
import { once } from 'node:events';
import { createServer } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { createNode, type DynamoNode, type NodeOptions } from '../../../shared/node/node.ts';
import { startTestServer } from '../../fixture/name-server.ts';
import { ManualTimers } from './manual-timers.ts';
import { type Answer, ScriptedServer } from './scripted-server.ts';

const refreshMs = 300_000;
const retryMs = 30_000;
/** Pauses between attempts run at once, deadlines do not. */
const longestPauseMs = 2_500;

/** What each name leads to now, and how often it was asked for. */
class Resolver {
  readonly places = new Map<string, readonly string[]>();
  readonly asked: string[] = [];

  readonly lookup = async (name: string): Promise<LookupAddress[]> => {
    this.asked.push(name);
    const places = this.places.get(name);
    if (places === undefined) throw Object.assign(new Error(), { code: 'ENOTFOUND' });
    return places.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  };
}

const portOf = ({ address }: ScriptedServer) => address.slice(address.lastIndexOf(':') + 1);

interface Scene {
  node: DynamoNode;
  timers: ManualTimers;
  resolver: Resolver;
  server: ScriptedServer;
  troubles: string[];
}

/** A node of one name server, `ns.example`, that is on 127.0.0.1 and answers so. */
async function sceneOf(
  t: ExecutionContext,
  script: Answer[],
  options: Partial<NodeOptions> = {},
): Promise<Scene> {
  const server = await ScriptedServer.startFor(t, ...script);
  const resolver = new Resolver();
  resolver.places.set('ns.example', ['127.0.0.1']);
  const timers = new ManualTimers(longestPauseMs);
  const node = createNode({
    listen: '0.0.0.0:0',
    servers: [`ns.example:${portOf(server)}`],
    nodeId: 'me',
    timers,
    lookup: resolver.lookup,
    ...options,
  });
  const troubles: string[] = [];
  node.on('trouble', (text) => troubles.push(text));
  t.teardown(() => node.close());
  return { node, timers, resolver, server, troubles };
}

const list = (cursor: string) => `hosts 127.0.0.9:1\nend 1 ${cursor} full\n`;

test('host names › a node that listens over IPv4 only registers over IPv4, though the name server has IPv6, too', async (t) => {
  const server = await startTestServer(t, {
    settings: { interface: '::', domain: 10 },
    bindAddress: '::',
  });
  const troubles: string[] = [];
  const node = createNode({
    ...{ listen: '0.0.0.0:0', nodeId: 'me', servers: [`ns.example:${server.port}`] },
    lookup: async () => [
      { address: '::1', family: 6 },
      { address: '127.0.0.1', family: 4 },
    ],
  });
  node.on('trouble', (text) => troubles.push(text));
  t.teardown(() => node.close());
  await node.join();
  const { rows } = await (await server.attach()).page({ limit: 10 });
  t.deepEqual(
    rows.map(({ address }) => address.replace(/:\d+$/, '')),
    ['127.0.0.1'],
  );
  t.regex(
    troubles.join('\n'),
    /^\[::1\]:\d+: it is asked over IPv6, and this node listens over IPv4 only \(0\.0\.0\.0\); trying the next address of ns\.example:\d+$/,
  );
});

test('host names › all addresses are tried, IPv6 and IPv4, and the one that answered comes first the next time', async (t) => {
  const { node, timers, resolver, server, troubles } = await sceneOf(
    t,
    [list('k.1'), list('k.2')],
    {
      listen: '[::]:0',
    },
  );
  resolver.places.set('ns.example', ['::1', '127.0.0.3', '127.0.0.1']);
  t.true(await node.join());
  t.is(node.server, server.address);
  t.deepEqual(
    troubles.map((text) => text.replace(/: connect .*;/, ': …')),
    [`[::1]:${portOf(server)}`, `127.0.0.3:${portOf(server)}`].map(
      (at) => `${at}: … trying the next address of ns.example:${portOf(server)}`,
    ),
  );
  await timers.elapseOnceDue(refreshMs);
  await timers.elapseOnceDue(refreshMs);
  t.is(troubles.length, 2, 'the others were not tried again');
  t.regex(server.requests[1] ?? '', / since=k\.1/);
  t.deepEqual(resolver.asked, ['ns.example', 'ns.example', 'ns.example']);
});

test('host names › a server that moved is found where its name leads now', async (t) => {
  const { node, timers, resolver, server } = await sceneOf(t, [list('k.1')]);
  resolver.places.set('ns.example', ['127.0.0.3']);
  const joining = node.join();
  await t.throwsAsync(joining, { code: 'no-name-server' });
  t.deepEqual(resolver.asked.length, 4, 'once for each attempt');
  resolver.places.set('ns.example', ['127.0.0.1']);
  await timers.elapseOnceDue(retryMs);
  await timers.elapseOnceDue(refreshMs);
  t.is(node.server, server.address);
});

test('host names › one that does not resolve is a server that does not answer, and the next one is asked', async (t) => {
  const { node, server, troubles } = await sceneOf(t, [list('k.1')], {});
  const other = createNode({
    listen: '127.0.0.1:0',
    servers: ['nowhere.example', server.address],
    timers: new ManualTimers(longestPauseMs),
    lookup: new Resolver().lookup,
  });
  t.teardown(() => other.close());
  const told: string[] = [];
  other.on('trouble', (text) => told.push(text));
  t.true(await other.join());
  t.is(told.length, 4);
  t.regex(
    told[0] ?? '',
    /^nowhere\.example:4524: has a name that does not resolve \(ENOTFOUND\): check nowhere\.example, .* \(attempt 1 of 4\)$/,
  );
  t.deepEqual([node.server, troubles], [null, []]);
});

test('host names › the good-bye goes where the name leads when the server moved meanwhile', async (t) => {
  const { node, resolver, server } = await sceneOf(t, [list('k.1')]);
  t.true(await node.join());
  await server.close();
  const moved = createServer((socket) => socket.end('ok\n'));
  moved.listen(Number(portOf(server)), '127.0.0.3');
  await once(moved, 'listening');
  t.teardown(() => moved.close());
  const reached = once(moved, 'connection');
  resolver.places.set('ns.example', ['127.0.0.3']);
  await node.leave();
  await reached;
  t.pass();
});

test('host names › a resolver that never answers delays no stop', async (t) => {
  const { node } = await sceneOf(t, [list('k.1')], { lookup: () => new Promise(() => {}) });
  const stop = new AbortController();
  const joining = node.join({ signal: stop.signal });
  stop.abort(new Error('enough'));
  await t.throwsAsync(joining, { message: 'enough' });
});
