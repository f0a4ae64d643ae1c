// One at a time: some keep the event loop busy, and others would wait for it past their time.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { maxConnectionsPerSource } from '../../../daemon/core/admission/admission.ts';
import { parseConf } from '../../../shared/config/conf-file.ts';
import { maxRequestsPerConnection } from '../../../shared/protocol/limits.ts';
import { askHonestly, flood } from '../../fixture/flood.ts';
import { startTestServer } from '../../fixture/name-server.ts';
import { openDeafClients, openSlowClients } from '../../fixture/slow-clients.ts';
import { exchange, sendAndWait, TcpClient } from '../../fixture/tcp-client.ts';

test.serial('backlog › with a backlog full of complete requests, newcomers get busy', async (t) => {
  const server = await startTestServer(t, { settings: { backlog: 2 } });
  const { port } = server;
  const idle = await TcpClient.open(port);
  const pong = await idle.ask('ping\n');
  const [deaf] = await openDeafClients(t, 2, { port, host: '127.0.0.1' }, await server.attach());
  const before = await server.status();
  t.regex(await sendAndWait(port, 'ping\n'), /^busy [1-5]\n$/);
  t.is(await sendAndWait(port, '1/x/4000/'), '');
  // One that was answered before is a newcomer again.
  idle.send('ping\n');
  t.regex(await idle.closed, new RegExp(`^${pong}busy [1-5]\\n$`));
  const { backlog, counters, hosts } = await server.status();
  t.deepEqual(backlog, { limit: 2, current: 2, peak: 2 });
  t.deepEqual([counters.busy, counters.displaced], [3, 0]);
  await server.until(({ refused }) => refused?.backlog === 3);
  t.is(hosts.live, before.hosts.live);
  deaf?.destroy();
  await server.until(({ backlog }) => backlog.current === 1);
  t.is(await exchange(port, 'ping\n'), pong);
});

test.serial('backlog › a hundred clients with one byte each keep no client out', async (t) => {
  const server = await startTestServer(t);
  const slow: TcpClient[] = [];
  for (let i = 0; i < 120; i++) {
    const client = await TcpClient.open(server.port, { from: '127.0.0.9' });
    client.send('q');
    slow.push(client);
  }
  const { backlog } = await server.until(({ counters }) => counters.displaced === 95);
  t.deepEqual(backlog, { limit: 100, current: 25, peak: 26 });
  t.regex((await slow[0]?.closed) ?? '', /^busy [1-5]\n$/, 'it is told');
  const replies = await Promise.all(
    Array.from({ length: 50 }, (_, index) =>
      exchange(server.port, `alive n ${index + 1}\n`, { from: `127.0.3.${index + 1}` }),
    ),
  );
  t.deepEqual(new Set(replies), new Set(['ok\n']));
  t.is((await server.status()).counters.busy, 0);
  for (const client of slow) client.destroy();
});

test.serial(
  'backlog › complete requests take the places of incomplete ones from many sources',
  async (t) => {
    const server = await startTestServer(t, { settings: { backlog: 8 } });
    const { port } = server;
    const slow = await openSlowClients(t, 8, { port, host: '127.0.0.1' });
    t.regex(await exchange(port, 'alive late 40'), /^busy [1-5]\n$/);
    t.is(await exchange(port, 'alive whole 4000\n'), 'ok\n');
    t.is(await sendAndWait(port, '3/whole/4001/'), '');
    t.regex((await slow[0]?.closed) ?? '', /^pong \S+\nbusy [1-5]\n$/);
    const { counters, hosts, backlog } = await server.status();
    t.deepEqual([counters.displaced, counters.busy, hosts.live], [1, 1, 2]);
    // The place of the one that gave way is enough for both.
    t.deepEqual(backlog, { limit: 8, current: 7, peak: 8 });
  },
);

test.serial(
  'backlog › requests that waited for room together are carried out in order',
  async (t) => {
    const server = await startTestServer(t, { settings: { backlog: 1 } });
    const [slow] = await openSlowClients(t, 1, { port: server.port, host: '127.0.0.1' });
    const reply = await exchange(server.port, 'alive a 4000\nping\nnonsense\nping\n');
    t.regex(reply, /^ok\npong \S+\nerror malformed [^\n]*\n$/);
    t.regex((await slow?.closed) ?? '', /\nbusy [1-5]\n$/);
  },
);

test.serial('backlog › a new limit applies at once after a reload', async (t) => {
  const conf = { settings: {} as never, confFile: 'ddns.conf', startupFile: null, warnings: [] };
  const server = await startTestServer(t, {
    settings: { backlog: 1 },
    reload: () => ({ ...conf, document: parseConf('Port=4524\n') }),
  });
  conf.settings = { ...server.settings, backlog: 2 } as never;
  const asking = await TcpClient.open(server.port);
  await asking.ask('ping\npin');
  t.regex(await sendAndWait(server.port, 'pin', { from: '127.0.0.2' }), /^busy /);
  await server.reload();
  const other = await TcpClient.open(server.port, { from: '127.0.0.2' });
  t.regex(await other.ask('ping\npin'), /^pong /);
  t.deepEqual((await server.until(({ backlog }) => backlog.current === 2)).backlog.limit, 2);
});

test.serial(
  'backlog › a source at its limit of connections makes room among its own',
  async (t) => {
    const server = await startTestServer(t);
    const clients: TcpClient[] = [];
    for (let i = 0; i <= maxConnectionsPerSource; i++)
      clients.push(await TcpClient.open(server.port, { from: '127.0.0.9' }));
    t.is(await clients[0]?.closed, '');
    const { counters, connections } = await server.status();
    t.deepEqual([counters.evicted, connections.open], [1, maxConnectionsPerSource]);
    t.regex((await clients.at(-1)?.ask('ping\n')) ?? '', /^pong /);
    for (const client of clients) client.destroy();
  },
);

test.serial('backlog › thousands of silent connections keep no client out', async (t) => {
  t.timeout(60_000);
  // On a clock that stands still: however long they take to connect, none of them is overdue.
  const server = await startTestServer(t, { monotonic: () => 0 });
  const { connections } = await server.status();
  const crowd = spawn(
    process.execPath,
    [
      fileURLToPath(new URL('../../fixture/crowd.ts', import.meta.url)),
      String(server.port),
      String(connections.limit),
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  t.teardown(() => crowd.kill());
  await new Promise((resolve) => crowd.stdout.once('data', resolve));
  const full = await server.until(({ connections }) => connections.open === connections.limit);
  t.log(`${full.connections.open} connections`);
  t.deepEqual([full.backlog.current, full.counters.evicted], [0, 0]);
  const replies = await Promise.all(
    Array.from({ length: 50 }, (_, index) =>
      exchange(server.port, `alive n ${index + 1}\n`, { from: `127.0.3.${index + 1}` }),
    ),
  );
  t.deepEqual(new Set(replies), new Set(['ok\n']));
  const { counters, hosts } = await server.status();
  t.true(counters.evicted > 0);
  t.deepEqual([counters.busy, hosts.live], [0, 50]);
  crowd.stdin.end();
  await server.until(({ connections }) => connections.open === 0);
});

test.serial(
  'backlog › a client that asks for much and reads nothing costs little, and delays no other',
  async (t) => {
    const server = await startTestServer(t, { settings: { maxHosts: 80_000 } });
    const requests = Array.from({ length: 30_000 }, (_, index) => `alive n ${index + 1}\n`);
    await exchange(server.port, requests.join(''), { from: '127.0.0.2' });
    const [cursor = ''] = /\S+(?= full\n)/.exec(await exchange(server.port, 'query me 1\n')) ?? [];
    const before = process.memoryUsage().arrayBuffers;
    const greedy = await TcpClient.open(server.port);
    greedy.socket.pause();
    // Each list has 30,000 hosts, 600 KB packed.
    const since = cursor.replace(/\d+$/, '0');
    greedy.send(`query me 1\nquery me 1 limit=29999\nquery me 1 since=${since}\n`.repeat(300));
    await server.until(({ counters }) => counters.queries >= 900);
    t.regex(await exchange(server.port, 'ping\n'), /^pong /);
    const grown = process.memoryUsage().arrayBuffers - before;
    t.true(grown < 16_000_000, `${grown} bytes`);
    greedy.destroy();
  },
);

test.serial('backlog › a client that does not read its replies is not read from', async (t) => {
  const server = await startTestServer(t, { settings: { maxHosts: 80_000 } });
  const requests = Array.from({ length: 30_000 }, (_, index) => `alive n ${index + 1}\n`);
  await exchange(server.port, requests.join(''), { from: '127.0.0.2' });
  const greedy = await TcpClient.open(server.port);
  greedy.socket.pause();
  // 14 MB of requests: more than the kernel holds for both sides.
  const request = `query ${'n'.repeat(64)} 1 since=${'z'.repeat(64)}\n`;
  greedy.send(request.repeat(maxRequestsPerConnection));
  let [asked, unchanged] = [-1, 0];
  const { counters } = await server.until(({ counters }) => {
    unchanged = counters.queries === asked ? unchanged + 1 : 0;
    asked = counters.queries;
    return asked > 0 && unchanged === 50;
  });
  t.true(counters.queries < maxRequestsPerConnection);
  t.true(greedy.socket.writableLength > 0);
  greedy.destroy();
});

test('flood › honest clients are served during it, and the counters add up to the connections', async (t) => {
  t.timeout(60_000);
  const server = await startTestServer(t, { settings: { backlog: 40 } });
  const { port } = server;
  const [attack, honest] = await Promise.all([
    flood({ port, connections: 1_000, seconds: 4 }),
    askHonestly({ port, perSecond: 20, seconds: 4 }),
  ]);
  const { counters, backlog } = await server.until(({ connections }) => connections.open === 0);
  t.log(attack, counters.displaced, backlog.peak);
  t.is(attack.made, 1_000);
  t.deepEqual([honest.asked, honest.served], [80, 80]);
  t.true(counters.displaced > 0, 'it was a flood');
  t.is(counters.malformed, 200, 'the garbage');
  t.is(counters.connections, attack.made + honest.asked);
  const { queries, malformed, busy, displaced, timedOut, evicted } = counters;
  t.is(
    queries + malformed + busy + displaced + timedOut + evicted + attack.left,
    counters.connections,
  );
  t.is(attack.told.busy, busy + displaced);
});
