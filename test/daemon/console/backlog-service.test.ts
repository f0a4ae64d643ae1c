// The backlog in a console, and closing a connection in it, with one process; the clock of the
// waits is the test's own. With workers: workers/backlog.test.ts.
import test from 'ava';
import { type BacklogConnection, longestFirst } from '../../../daemon/clients/connection-shared.ts';
import { joinBacklog, parseConnectionId } from '../../../daemon/console/backlog-service.ts';
import { Secret } from '../../../shared/config/secret.ts';
import { ipcErrors, maxBacklogRows } from '../../../shared/ipc/contract.ts';
import { startTestServer } from '../../fixture/name-server.ts';
import { openSlowClients } from '../../fixture/slow-clients.ts';
import { exchange, TcpClient } from '../../fixture/tcp-client.ts';
import { openTls } from '../../fixture/tls-client.ts';

test('backlog › lists its connections, the longest wait first, and counts the others', async (t) => {
  const clock = { now: 0 };
  const server = await startTestServer(t, { monotonic: () => clock.now });
  const silent = await TcpClient.open(server.port);
  const idle = await TcpClient.open(server.port);
  await idle.ask('ping\n');
  const [first, second] = await openSlowClients(t, 2, { port: server.port, host: '127.0.0.1' });
  clock.now = 3_000;
  const legacy = await TcpClient.open(server.port, { from: '127.0.0.7' });
  legacy.send('1/an-old-node/40');
  await server.until(({ backlog }) => backlog.current === 3);
  clock.now = 5_000;
  const console = await server.attach();
  const { at, total, entries, silent: quiet, idle: kept, missing } = await console.backlog();
  t.deepEqual([total, quiet, kept, missing], [3, 1, 1, []]);
  t.deepEqual(
    entries.map(({ id, source, dialect, stage, since, requests, bytesIn }) => [
      id,
      source,
      dialect,
      stage,
      Math.round((at - since) / 1_000),
      requests,
      bytesIn,
    ]),
    [
      ['0-3', `127.0.77.1:${first?.socket.localPort}`, 'native', 'reading', 5, 1, 20],
      ['0-4', `127.0.77.2:${second?.socket.localPort}`, 'native', 'reading', 5, 1, 20],
      ['0-5', `127.0.0.7:${legacy.socket.localPort}`, 'legacy', 'reading', 2, 0, 16],
    ],
  );
  for (const client of [silent, idle, legacy]) client.destroy();
});

test('backlog › shows a slow reader as being written to', async (t) => {
  const server = await startTestServer(t, { settings: { maxHosts: 80_000 } });
  const requests = Array.from({ length: 30_000 }, (_, index) => `alive n ${index + 1}\n`);
  await exchange(server.port, requests.join(''), { from: '127.0.0.2' });
  const reader = await TcpClient.open(server.port);
  reader.socket.pause();
  const asked = 50;
  reader.send('query me 1\n'.repeat(asked));
  await server.until(({ counters }) => counters.queries === asked);
  const console = await server.attach();
  const { entries } = await console.backlog();
  t.deepEqual(
    entries.map(({ stage, requests }) => [stage, requests]),
    [['writing', asked]],
  );
  t.true((entries[0]?.bytesOut ?? 0) > 0);
  reader.socket.resume();
  await server.until(({ backlog }) => backlog.current === 0);
  t.deepEqual((await console.backlog()).entries, []);
  reader.destroy();
});

test('backlog › a connection inside TLS is marked so', async (t) => {
  const secret = new Secret('a secret of some length, shared');
  const server = await startTestServer(t, { settings: { secret } });
  const client = await openTls(server.port, secret.reveal());
  t.regex(await client.ask('ping\nalive a 40'), /^pong /);
  const { entries } = await (await server.attach()).backlog();
  const [entry] = entries;
  t.deepEqual([entries.length, entry?.encrypted, entry?.dialect], [1, true, 'native']);
  t.regex(entry?.source ?? '', /^127\.0\.0\.1:\d+$/);
  t.true((entry?.bytesIn ?? 0) > 0 && (entry?.bytesOut ?? 0) > 0);
  client.destroy();
});

test('backlog › closing a connection ends it, makes room, and is logged and shown', async (t) => {
  const server = await startTestServer(t, { settings: { backlog: 2 } });
  const [first, second] = await openSlowClients(t, 2, { port: server.port, host: '127.0.0.1' });
  t.regex(await exchange(server.port, 'pin'), /^busy /);
  const console = await server.attach();
  const { entries } = await console.backlog();
  const source = `${first?.socket.localAddress}:${first?.socket.localPort}`;
  const entry = entries.find((each) => each.source === source);
  const closed = await console.closeConnection(entry?.id ?? '');
  t.deepEqual([closed.id, closed.source], [entry?.id, source]);
  t.regex((await first?.closed) ?? '', /^pong \S+\n$/);
  await server.until(({ backlog }) => backlog.current === 1);
  t.regex(await exchange(server.port, 'ping\n'), /^pong /);
  const { activity } = await console.subscribe(() => {});
  t.deepEqual(
    activity.map(({ kind, address, text }) => [kind, address, text.replace(/\d+\.\d s/, 'N s')]),
    [['closed', source, 'closed by an operator after N s in the backlog (native, reading)']],
  );
  const line = server.logged.find(({ msg }) => msg === 'connection closed by an operator');
  t.deepEqual([line?.level, line?.source, line?.id], ['warn', source, entry?.id]);
  t.is(await second?.ask('00\n'), 'ok\n');
});

test('backlog › an invalid id, and that of an answered connection, are errors with the next step', async (t) => {
  const server = await startTestServer(t);
  const [slow] = await openSlowClients(t, 1, { port: server.port, host: '127.0.0.1' });
  const console = await server.attach();
  const id = (await console.backlog()).entries[0]?.id ?? '';
  t.is(await slow?.ask('00\n'), 'ok\n');
  await server.until(({ backlog }) => backlog.current === 0);
  for (const [wrong, shown] of [
    [id, id],
    ['0-999', '0-999'],
    ['7-1', '7-1'],
    ['', ''],
    ['127.0.0.1:4000', '127.0.0.1:4000'],
    ['\x1b[2J', String.raw`\x1b[2J`],
  ] as const)
    await t.throwsAsync(console.closeConnection(wrong), {
      code: ipcErrors.unknownConnection,
      message: `no connection ${shown} in the backlog: it was answered or has closed; ddns-tui backlog lists the current ones`,
    });
  // The connection goes on, and nothing is reported.
  t.regex((await slow?.ask('ping\n')) ?? '', /^pong /);
  t.deepEqual(
    (await console.subscribe(() => {})).activity.map(({ kind }) => kind),
    ['registered'],
  );
});

test('backlog › of many connections, those with the longest wait are listed, and all are counted', async (t) => {
  const clock = { now: 0 };
  const crowd = maxBacklogRows + 20;
  const server = await startTestServer(t, {
    monotonic: () => clock.now,
    settings: { backlog: 1_000 },
  });
  const clients: TcpClient[] = [];
  for (let index = 0; index < crowd; index++) {
    const from = `127.0.4.${1 + (index % 5)}`;
    const client = await TcpClient.open(server.port, { from });
    clients.push(client);
    await client.ask('ping\npin');
    clock.now += 10;
  }
  const { total, entries } = await (await server.attach()).backlog();
  t.deepEqual([total, entries.length], [crowd, maxBacklogRows]);
  t.is(entries[0]?.source, `127.0.4.1:${clients[0]?.socket.localPort}`);
  const last = clients[maxBacklogRows - 1]?.socket;
  t.is(entries.at(-1)?.source, `${last?.localAddress}:${last?.localPort}`);
  for (const client of clients) client.destroy();
});

const waiting = (serial: number, since: number): BacklogConnection => ({
  serial,
  source: `10.0.0.1:${serial}`,
  dialect: 'native',
  encrypted: false,
  stage: 'reading',
  since,
  waitedMs: 50,
  requests: 0,
  bytesIn: 12,
  bytesOut: 0,
});

test('backlog › the parts of all processes become one list, the longest wait first', (t) => {
  const parts = new Map([
    [0, { total: 1, silent: 0, idle: 1, connections: [waiting(4, 950)] }],
    [2, { total: 2, silent: 3, idle: 2, connections: [waiting(4, 100), waiting(9, 990)] }],
  ]);
  const backlog = joinBacklog({ parts, missing: [] }, 1_000);
  t.deepEqual(
    backlog.entries.map(({ id, since }) => [id, since]),
    [
      ['2-4', 100],
      ['0-4', 950],
      ['2-9', 990],
    ],
  );
  t.deepEqual(backlog.entries[0], {
    id: '2-4',
    source: '10.0.0.1:4',
    dialect: 'native',
    encrypted: false,
    stage: 'reading',
    since: 100,
    waitedMs: 50,
    requests: 0,
    bytesIn: 12,
    bytesOut: 0,
  });
  const { at, total, silent, idle, missing } = backlog;
  t.deepEqual([at, total, silent, idle, missing], [1_000, 3, 3, 3, []]);
});

test('backlog › a process that does not answer counts with what it last reported', (t) => {
  const silent = { number: 3, pid: 77, backlog: 5, open: 9 };
  const parts = new Map([[0, { total: 1, silent: 0, idle: 0, connections: [waiting(1, 1)] }]]);
  const { total, entries, missing } = joinBacklog({ parts, missing: [silent] }, 1);
  t.deepEqual([total, entries.length, missing], [6, 1, [silent]]);
});

test('backlog › at most 300 connections are sent, those that wait longest', (t) => {
  const crowd = Array.from({ length: maxBacklogRows + 1 }, (_, i) => waiting(i, -i));
  t.is(longestFirst(crowd.slice(0, maxBacklogRows)).length, maxBacklogRows);
  const kept = longestFirst(crowd);
  t.is(kept.length, maxBacklogRows);
  t.deepEqual([kept[0]?.since, kept.at(-1)?.since], [-maxBacklogRows, -1]);
  const part = { total: crowd.length, silent: 0, idle: 0, connections: kept };
  const parts = new Map([
    [1, part],
    [2, part],
  ]);
  const joined = joinBacklog({ parts, missing: [] }, 0);
  t.deepEqual([joined.entries.length, joined.total], [maxBacklogRows, 2 * crowd.length]);
});

test('backlog › the id of a connection is a process and a number, and nothing else is one', (t) => {
  t.deepEqual(parseConnectionId('2-1041'), { processNumber: 2, serial: 1041 });
  for (const text of ['', '2', '2-', '-1', '2-1-1', ' 2-1', '2-1\n', '2-1e3', '-2-1', '2-0x1'])
    t.is(parseConnectionId(text), null, text);
  t.is(parseConnectionId(`1-${'9'.repeat(16)}`), null);
});
