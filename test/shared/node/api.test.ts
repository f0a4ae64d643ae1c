// The API as a node's author meets it: signals, iteration, errors, and what must never happen.
import { execFile, execFileSync } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { Changes } from '../../../shared/node/changes.ts';
import { tcpNetwork } from '../../../shared/node/network.ts';
import {
  createNode,
  type HostsChange,
  type NodeOptions,
  parseServer,
} from '../../../shared/node/node.ts';
import { lookUntil } from '../../fixture/look-until.ts';
import { makeFolder } from '../../fixture/temp-folder.ts';
import { ManualTimers } from './manual-timers.ts';
import { type Answer, ScriptedServer } from './scripted-server.ts';

const refreshMs = 300_000;

async function create(t: ExecutionContext, script: Answer[], options: Partial<NodeOptions> = {}) {
  const timers = new ManualTimers(2_500);
  const server = await ScriptedServer.startFor(t, ...script);
  const node = createNode({
    ...{ listen: '127.0.0.1:0', servers: [server.address], nodeId: 'me', timers },
    ...options,
  });
  t.teardown(() => node.close());
  return { node, server, timers };
}

test('node API › an invalid option is refused at once, with what is allowed', (t) => {
  const good: NodeOptions = { listen: '127.0.0.1:0', servers: ['127.0.0.1:1'] };
  const bad: [Partial<NodeOptions>, RegExp][] = [
    [{ listen: 'here' }, /^here is not ip:port, as 192/],
    [{ listen: undefined }, /^listen must be ip:port, as 192/],
    [{ servers: ['n+.example'] }, /^"n\+\.example" is not a host name: "n\+" must be letters/],
    [{ servers: ['192.0.2'] }, /^"192\.0\.2" is not an address: must be ip, .*, as 192\.168\.0\.1/],
    [{ servers: ['ns.example:0'] }, /^"ns\.example:0" has the port "0": must be 1 to 65535/],
    [{ servers: ['127.0.0.1', '0.0.0.0'] }, /^0\.0\.0\.0 is no address of one server/],
    [{ servers: undefined }, /^servers must be a list of ip, ip:port, name or name:port, as 192/],
    [{ servers: '127.0.0.1' as unknown as string[] }, /^servers must be a list/],
    [{ servers: [undefined as unknown as string] }, /^undefined is not ip, ip:port, name/],
    [{ nodeId: 7 as unknown as string }, /^nodeId 7: must be 1 to 64 letters/],
    [{ knownHostsFile: 7 as unknown as string }, /^knownHostsFile 7: must be the path of a file/],
    [{ ttlMs: '5000' as unknown as number }, /^ttlMs 5000: must be/],
    [{ nodeId: 'a b' }, /^nodeId a b: must be 1 to 64 letters/],
    [{ ttlMs: 999 }, /^ttlMs 999: must be 1000 or more milliseconds$/],
    [{ ttlMs: Number.NaN }, /^ttlMs NaN: must be/],
  ];
  for (const [options, message] of bad)
    t.throws(() => createNode({ ...good, ...options }), { instanceOf: RangeError, message });
});

test('node API › a name server is named with its port or without, as on the command line', (t) => {
  t.deepEqual(['127.0.0.1', '127.0.0.1:9', '::1', '[::1]', '[::1]:9'].map(parseServer), [
    ...['127.0.0.1:4524', '127.0.0.1:9', '[::1]:4524', '[::1]:4524', '[::1]:9'],
  ]);
  t.deepEqual(['NS.example.', 'ns.example:9'].map(parseServer), [
    ...['ns.example:4524', 'ns.example:9'],
  ]);
  t.notThrows(() => createNode({ listen: '127.0.0.1:0', servers: ['127.0.0.1', '::1'] }));
});

test('node API › a node that listens on every address lists none of its own addresses', async (t) => {
  const addresses = ['10.0.0.5', '192.168.7.5', 'fe80::5%eth1'];
  const told: string[][] = [];
  const port = 4_000;
  const others = [
    '10.0.0.5:4000',
    '192.168.7.5:4000',
    '[fe80::5]:4000',
    '10.0.0.5:4001',
    '10.0.0.6:4000',
  ];
  const { node } = await create(t, [`hosts ${others.join(' ')}\nend 5 k.1 full\n`], {
    listen: `0.0.0.0:${port}`,
    network: {
      ...tcpNetwork(new ManualTimers(2_500)),
      listen: async () => ({ port, close: async () => {} }),
      addresses: () => addresses,
    },
  });
  node.on('hosts', ({ added }) => told.push(added));
  t.true(await node.join());
  t.deepEqual(node.hosts().toSorted(), ['10.0.0.5:4001', '10.0.0.6:4000']);
  t.deepEqual(
    told.map((added) => added.toSorted()),
    [['10.0.0.5:4001', '10.0.0.6:4000']],
  );
});

test('node API › a join that is aborted rejects with the reason, and the node is closed', async (t) => {
  const { node, server, timers } = await create(t, ['silence']);
  const controller = new AbortController();
  const joining = node.join({ signal: controller.signal });
  await lookUntil(() => server.requests.length === 1);
  const reason = new Error('enough');
  controller.abort(reason);
  t.is(await t.throwsAsync(joining), reason);
  t.is(timers.due.size, 0);
  await t.throwsAsync(node.join(), { message: 'a node joins once: create another one' });
});

test('node API › a join with a signal that has aborted does nothing', async (t) => {
  const { node, server } = await create(t, ['end 0 k.1 full\n']);
  const signal = AbortSignal.abort(new Error('never mind'));
  await t.throwsAsync(node.join({ signal }), { message: 'never mind' });
  t.is(server.connections, 0);
  t.true(await node.join(), 'and is no join');
});

test('node API › a leave that is aborted closes without the rest of the good-bye', async (t) => {
  const { node, timers } = await create(t, ['end 0 k.1 full\n']);
  await node.join();
  const troubles: string[] = [];
  node.on('trouble', (text) => troubles.push(text));
  await node.leave({ signal: AbortSignal.abort() });
  t.deepEqual(troubles, []);
  t.is(timers.due.size, 0);
});

test('node API › leave and close may come in any order, and again', async (t) => {
  const { node, server } = await create(t, ['end 0 k.1 full\n']);
  await node.join();
  await Promise.all([node.leave(), node.leave(), node.close(), node.leave()]);
  await node.close();
  t.is(server.requests.filter((request) => request.startsWith('leave')).length, 1);
  const fresh = await create(t, ['end 0 k.1 full\n']);
  await fresh.node.leave();
  t.is(fresh.server.connections, 0);
});

test('node API › says good-bye to another name server when the one it knows is away', async (t) => {
  const other = await ScriptedServer.startFor(t, 'ok\n');
  const { node, server } = await create(t, ['end 0 k.1 full\n']);
  const both = createNode({
    ...{ listen: '127.0.0.1:0', servers: [server.address, other.address], nodeId: 'both' },
    timers: new ManualTimers(2_500),
  });
  t.teardown(() => both.close());
  await both.join();
  await server.close();
  await both.leave();
  t.regex(other.requests.join(), /^leave both \d+\n$/);
  await node.close();
});

test('node API › a join that cannot listen rejects with the system’s error, and keeps the file', async (t) => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  t.teardown(() => taken.close());
  const { port } = taken.address() as { port: number };
  const knownHostsFile = join(makeFolder(t), 'known');
  await writeFile(knownHostsFile, '127.0.0.9:1\n');
  const { node } = await create(t, [null], { listen: `127.0.0.1:${port}`, knownHostsFile });
  await t.throwsAsync(node.join(), { code: 'EADDRINUSE' });
  await node.close();
  t.is(await readFile(knownHostsFile, 'utf8'), '127.0.0.9:1\n');
});

test('node API › changes are read with for await, from when they are asked for to the end', async (t) => {
  const { node, server, timers } = await create(t, [
    'hosts 127.0.0.9:1\nend 1 k.1 full\n',
    'hosts 127.0.0.9:2\ngone 127.0.0.9:1\nend 1 k.2\n',
  ]);
  const seen: HostsChange[] = [];
  const reading = (async () => {
    for await (const change of node.changes()) seen.push(change);
  })();
  await node.join();
  const late = node.changes();
  await timers.elapseOnceDue(refreshMs);
  const first = { by: 'name-server', from: server.address } as const;
  const second = { ...first, added: ['127.0.0.9:2'], gone: ['127.0.0.9:1'] };
  t.deepEqual(await late.next(), { value: second, done: false });
  await node.leave();
  await reading;
  t.deepEqual(seen, [{ ...first, added: ['127.0.0.9:1'], gone: [] }, second]);
  t.deepEqual(await late.next(), { value: undefined, done: true });
  t.deepEqual(await node.changes().next(), { value: undefined, done: true });
});

test('node API › a reader that stops, or is stopped, receives nothing more', async (t) => {
  const { node } = await create(t, ['hosts 127.0.0.9:1\nend 1 k.1 full\n']);
  const controller = new AbortController();
  const waiting = node.changes({ signal: controller.signal }).next();
  controller.abort();
  t.deepEqual(await waiting, { value: undefined, done: true });
  const stopped = node.changes();
  await stopped.return?.();
  await node.join();
  t.deepEqual(await stopped.next(), { value: undefined, done: true });
});

test('node API › a reader that is far behind receives the rest as one change, and misses nothing', async (t) => {
  const changes = new Changes(() => {});
  const push = (added: string[], gone: string[]) =>
    changes.push({ added, gone, by: 'node', from: '127.0.0.9:9' });
  for (let index = 0; index < 1_000; index++) push([`127.0.0.9:${index + 1}`], []);
  push([], ['127.0.0.9:1000', '127.0.0.9:7']);
  push(['127.0.0.9:7'], []);
  changes.end();
  const hosts = new Set<string>();
  let count = 0;
  for await (const { added, gone } of changes) {
    for (const host of gone) t.true(hosts.delete(host));
    for (const host of added) hosts.add(host);
    count++;
  }
  t.deepEqual([count, hosts.size], [100, 999]);
});

test('node API › known hosts are there again after a restart, with their source', async (t) => {
  const knownHostsFile = join(makeFolder(t), 'known');
  const first = await create(t, ['hosts 127.0.0.9:1\nend 1 k.1 full\n'], { knownHostsFile });
  await first.node.join();
  await first.node.leave();
  const second = await create(t, [null], { knownHostsFile });
  await t.throwsAsync(second.node.join());
  t.deepEqual(second.node.knownHosts(), [
    {
      ...{ address: '127.0.0.9:1', source: 'name-server', from: null, seenAt: null },
      namedAt: Date.UTC(2026, 0, 1),
    },
  ]);
});

test('node API › a name server’s delta confirms the hosts that the file has from name servers', async (t) => {
  const knownHostsFile = join(makeFolder(t), 'known');
  const day = 24 * 3_600_000;
  const at = (ago: number) => Date.UTC(2026, 0, 1) - ago;
  await writeFile(
    knownHostsFile,
    `127.0.0.9:1 name-server ${at(day - 1)}\n127.0.0.9:2 name-server ${at(day + 1)}\n127.0.0.9:3 node ${at(1)}\n`,
  );
  const { node } = await create(t, ['end 0 k.1\n'], { knownHostsFile });
  await node.join();
  t.deepEqual(
    node.knownHosts().map(({ namedAt }) => namedAt),
    [at(0), at(day + 1), at(1)],
  );
});

const run = promisify(execFile);

test('node API › no rejection is left unhandled, and a listener that throws breaks no round', async (t) => {
  const server = await ScriptedServer.startFor(t, 'hosts 127.0.0.9:1\nend 1 k.1 full\n');
  const source = `
    import { createNode } from ${JSON.stringify(fileURLToPath(new URL('../../../shared/node/node.ts', import.meta.url)))};
    const found = [];
    process.on('unhandledRejection', (error) => found.push('unhandled ' + error));
    process.on('uncaughtException', (error) => found.push('uncaught ' + error.message));
    const listen = '127.0.0.1:0';
    const timers = {
      now: () => 0,
      after: (ms, task) => { const timer = setTimeout(task, ms < 2_500 ? 0 : ms); return () => clearTimeout(timer); },
      random: () => 0.5,
    };
    const lost = createNode({ listen, servers: ['127.0.0.1:1'], timers });
    lost.join();
    lost.changes().next();
    createNode({ listen: '203.0.113.1:4000', servers: ['127.0.0.1:1'], timers }).join();
    const aborted = createNode({ listen, servers: ['127.0.0.1:1'], timers });
    const controller = new AbortController();
    aborted.join({ signal: controller.signal });
    controller.abort();
    const node = createNode({ listen, servers: [process.argv[1]], timers });
    node.on('hosts', () => { throw new Error('listener'); });
    const joined = await node.join();
    await node.leave();
    // A whole round of it later, whatever was left unhandled has been reported.
    lost.once('trouble', () => lost.once('trouble', async () => {
      await lost.close();
      console.log(JSON.stringify([joined, node.hosts(), found]));
    }));
  `;
  const { stdout } = await run(process.execPath, [
    ...['--input-type=module', '-e', source, server.address],
  ]);
  t.deepEqual(JSON.parse(stdout), [true, ['127.0.0.9:1'], ['uncaught listener']]);
});

test('node API › a disk that hangs does not keep a node from leaving', async (t) => {
  const knownHostsFile = join(makeFolder(t), 'known');
  // The list is written to a draft, and nobody reads from this one: opening it does not end.
  const draft = `${knownHostsFile}.${process.pid}.new`;
  execFileSync('mkfifo', [draft]);
  const script = ['hosts 127.0.0.9:1\nend 1 k.1 full\n', 'ok\n'];
  const { node, timers } = await create(t, script, { knownHostsFile });
  const troubles: string[] = [];
  node.on('trouble', (text) => troubles.push(text));
  await node.join();
  const left = node.leave();
  await timers.elapseOnceDue(3_000);
  await left;
  t.deepEqual(troubles, ['the list was not written within 3 s and is not kept']);
  // A reader lets go of whoever waits in `open`, and of whoever comes to it later.
  const reader = openSync(draft, constants.O_RDONLY | constants.O_NONBLOCK);
  await node.close();
  closeSync(reader);
});
