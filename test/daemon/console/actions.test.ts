import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { parseConf } from '../../../shared/config/conf-file.ts';
import { ConfigurationError } from '../../../shared/config/problem.ts';
import { ipcErrors } from '../../../shared/ipc/contract.ts';
import type { Delta } from '../../../shared/ipc/status-contract.ts';
import { freePort } from '../../fixture/free-port.ts';
import { lookUntil } from '../../fixture/look-until.ts';
import { startHost } from '../../fixture/loopback-host.ts';
import { startTestServer } from '../../fixture/name-server.ts';
import { exchange, sendAndWait } from '../../fixture/tcp-client.ts';

test('console actions › the server pages, filters and sorts hosts', async (t) => {
  const server = await startTestServer(t);
  for (const [host, id] of [
    [3, 'beta'],
    [1, 'alpha'],
    [2, 'beta'],
  ])
    await exchange(server.port, `alive ${id} 4000\n`, { from: `127.0.0.${host}` });
  const console = await server.attach();
  const sort = { by: 'address', descending: true } as const;
  const first = await console.page({ filter: 'beta', sort, limit: 1 });
  t.deepEqual(
    [first.rows.map(({ address }) => address), first.matched, first.before],
    [['127.0.0.3:4000'], 2, 0],
  );
  const second = await console.page({ filter: 'beta', sort, limit: 1, anchor: first.last ?? '' });
  t.deepEqual(
    [second.rows.map(({ address }) => address), second.matched, second.before],
    [['127.0.0.2:4000'], 2, 1],
  );
  t.deepEqual(await console.host('127.0.0.2:4000'), second.rows[0]);
  t.is(second.revision, first.revision);
});

test('console actions › a host that does not answer is found and sorted by its state', async (t) => {
  const server = await startTestServer(t, { settings: { ttlMs: 2_000 } });
  const [node, nobody] = [await startHost(t, 'node'), await freePort()];
  await exchange(server.port, `alive node ${node}\nalive nobody ${nobody}\n`);
  const console = await server.attach();
  const found = async (filter: string) =>
    (await console.page({ filter, sort: { by: 'state', descending: true } })).rows;
  const [dying] = await lookUntil(
    () => found('!live'),
    (rows) => rows.some(({ failedPings = 0 }) => failedPings > 0),
  );
  t.is(dying?.nodeId, 'nobody');
  t.true(dying?.state === 'suspect' || dying?.state === 'condemned', dying?.state);
  t.is(dying?.owner, (await server.status()).server.id);
  const left = await lookUntil(
    () => found('live'),
    (rows) => rows.length > 0,
  );
  t.deepEqual(
    left.map(({ nodeId, state }) => [nodeId, state]),
    [['node', 'live']],
  );
});

test('console actions › a cancelled page is abandoned, and the next one is found', async (t) => {
  const server = await startTestServer(t, { settings: { maxHosts: 20_000 } });
  // More rows than one slice of the search.
  const hosts = 9_000;
  const lines = Array.from({ length: hosts }, (_, index) => `alive some-node ${1_000 + index}\n`);
  await exchange(server.port, lines.join(''));
  const console = await server.attach();
  const giveUp = new AbortController();
  const unwanted = console.page({ filter: 'some' }, giveUp.signal);
  giveUp.abort();
  const error = await t.throwsAsync(unwanted);
  t.regex(error?.message ?? '', /cancel/i);
  t.is((await console.page({ filter: 'some' })).matched, hosts);
});

test('console actions › an invalid anchor is refused', async (t) => {
  const console = await (await startTestServer(t)).attach();
  await t.throwsAsync(console.page({ anchor: 'nonsense' }), {
    code: ipcErrors.badAnchor,
    message: 'not an anchor of a page: nonsense; ask for a page without one',
  });
});

test('console actions › an unknown host is an error that says how to list the known ones', async (t) => {
  const server = await startTestServer(t);
  await exchange(server.port, 'alive a 4000\nleave a 4000\n');
  const console = await server.attach();
  for (const address of ['127.0.0.1:4000', '10.0.0.1:1', 'nonsense'])
    for (const action of [console.host, console.ping, console.remove])
      await t.throwsAsync(action(address), {
        code: ipcErrors.unknownHost,
        message: `no live host at ${address}; ddns-tui hosts lists them`,
      });
  await t.throwsAsync(console.host('\x1b[2J'), {
    message: String.raw`no live host at \x1b[2J; ddns-tui hosts lists them`,
  });
});

test('console actions › a ping on request counts as a contact only when the host answers', async (t) => {
  const server = await startTestServer(t);
  const [node, nobody] = [await startHost(t, 'node'), await freePort()];
  await exchange(server.port, `alive node ${node}\nalive nobody ${nobody}\n`);
  await sendAndWait(server.port, '3/old/4000/', { from: '127.0.0.2' });
  const console = await server.attach();
  const registered = await console.host(`127.0.0.1:${node}`);
  const answer = await console.ping(`127.0.0.1:${node}`);
  t.deepEqual([answer.answered, answer.reason], [true, null]);
  t.true((await console.host(`127.0.0.1:${node}`)).lastSeen >= registered.lastSeen);
  const before = await console.host(`127.0.0.1:${nobody}`);
  t.deepEqual(await console.ping(`127.0.0.1:${nobody}`), {
    answered: false,
    roundTripMs: null,
    reason: 'connection refused',
  });
  t.deepEqual(await console.host(`127.0.0.1:${nobody}`), before);
  const { counters } = await console.status();
  t.deepEqual([counters.pingsSent, counters.pingsAnswered], [2, 1]);
  const { activity } = await console.subscribe(() => {});
  t.deepEqual(
    activity.slice(-2).map(({ kind, text }) => [kind, text.replace(/[\d.]+ ms/, 'N ms')]),
    [
      ['pinged', 'answered a ping in N ms'],
      ['pinged', 'no answer to a ping: connection refused'],
    ],
  );
});

test('console actions › a legacy host answers a ping on request by accepting the connection', async (t) => {
  const server = await startTestServer(t);
  const silent = createServer((socket) => socket.on('error', () => {}));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  t.teardown(() => silent.close());
  const { port } = silent.address() as { port: number };
  await sendAndWait(server.port, `3/old/${port}/`);
  const console = await server.attach();
  t.true((await console.ping(`127.0.0.1:${port}`)).answered);
});

test('console actions › a console that disconnects while it is answered does no harm', async (t) => {
  const server = await startTestServer(t);
  const leaving = await server.attach();
  const slow = createServer((socket) => {
    socket.on('error', () => {});
    leaving.close();
    // Answers once the server has noticed that the console is gone.
    void leaving.closed
      .then(() => server.status())
      .then(() => server.status())
      .then(() => socket.end('pong slow\n'));
  });
  await new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve));
  t.teardown(() => slow.close());
  const { port } = slow.address() as { port: number };
  await exchange(server.port, `alive slow ${port}\n`);
  await t.throwsAsync(leaving.ping(`127.0.0.1:${port}`));
  await server.until(({ counters }) => counters.pingsAnswered === 1);
  // An unhandled rejection would show here, and end this process.
  await new Promise((resolve) => setImmediate(resolve));
  t.truthy(await server.status());
});

test('console actions › a removed host stays gone for nodes and consoles', async (t) => {
  const server = await startTestServer(t);
  await exchange(server.port, 'alive a 4000\n', { from: '127.0.0.2' });
  const list = await exchange(server.port, 'query b 4001\n');
  const cursor = /\S+(?= full\n)/.exec(list)?.[0];
  const console = await server.attach();
  const removed = await console.remove('127.0.0.2:4000');
  t.deepEqual([removed.address, removed.nodeId], ['127.0.0.2:4000', 'a']);
  t.regex(
    await exchange(server.port, `query b 4001 since=${cursor}\n`),
    /^gone 127\.0\.0\.2:4000\nend 0 /,
  );
  const { hosts, counters } = await console.status();
  t.deepEqual([hosts.live, hosts.gone, counters.removed], [1, 1, 1]);
  t.true(server.logged.some(({ msg }) => msg === 'host removed by an operator'));
  await server.close();
  const again = await startTestServer(t, { settings: server.settings });
  const { hosts: restarted } = await again.status();
  t.deepEqual([restarted.live, restarted.gone], [1, 1]);
});

test('console actions › a reload reports what is in force and what waits for a restart', async (t) => {
  const files = { settings: {} as never, document: parseConf('Port=4524\n') };
  const server = await startTestServer(t, {
    reload: () => ({ ...files, confFile: 'ddns.conf', startupFile: null, warnings: [] }),
  });
  const next = { ...server.settings, backlog: 7, ttlMs: 90_000, maxHosts: 5 };
  files.settings = next as never;
  const console = await server.attach();
  t.deepEqual(await console.reload(), {
    changed: [
      { name: 'Backlog', from: '100', to: '7' },
      { name: 'TTL', from: '60m', to: '90s' },
    ],
    waiting: [{ name: 'MaxHosts', from: '10000', to: '5' }],
  });
  const { backlog, ttlMs, hosts, config } = await console.status();
  t.deepEqual([backlog.limit, ttlMs, hosts.limit], [7, 90_000, 10_000]);
  t.deepEqual(config.restartNeeded, ['MaxHosts']);
});

test('console actions › a ddns.conf with mistakes changes nothing, and all of them are reported', async (t) => {
  const problem = (line: number, name: string) => ({
    file: 'ddns.conf',
    line,
    name,
    value: 'x',
    message: 'must be 1 to 65535',
  });
  const mistakes = new ConfigurationError([problem(1, 'Port'), problem(2, 'Backlog')]);
  const server = await startTestServer(t, {
    reload: () => {
      throw mistakes;
    },
  });
  const console = await server.attach();
  await t.throwsAsync(console.reload(), {
    code: ipcErrors.badConfiguration,
    message: mistakes.message,
  });
  t.regex(mistakes.message, /ddns\.conf:1: Port=x.+\n.*ddns\.conf:2: Backlog=x/);
  t.is((await console.status()).backlog.limit, 100);
});

test('console actions › a subscription is a snapshot, then deltas', async (t) => {
  const server = await startTestServer(t);
  const console = await server.attach();
  await exchange(server.port, 'alive a 4000\n');
  const deltas: Delta[] = [];
  let arrived = () => {};
  const snapshot = await console.subscribe((delta) => {
    deltas.push(delta);
    arrived();
  });
  t.deepEqual(snapshot.status.hosts, { live: 1, gone: 0, limit: 10_000, reachable: 0 });
  t.deepEqual(
    snapshot.activity.map(({ kind, address, text }) => [kind, address, text]),
    [['registered', '127.0.0.1:4000', 'a']],
  );
  await exchange(server.port, 'alive b 4001\nleave a 4000\n');
  while (deltas.every(({ activity }) => activity.length === 0))
    await new Promise<void>((resolve) => {
      arrived = resolve;
    });
  const news = deltas.find(({ activity }) => activity.length > 0);
  t.deepEqual(news?.status.hosts, { live: 1, gone: 1, limit: 10_000, reachable: 0 });
  t.deepEqual(
    news?.activity.map(({ seq, kind, address }) => [seq, kind, address]),
    [
      [2, 'registered', '127.0.0.1:4001'],
      [3, 'left', '127.0.0.1:4000'],
    ],
  );
  t.is(news?.dropped, 0);
  // Unchanged members are left out.
  t.false('config' in (news?.status ?? {}) || 'threads' in (news?.status ?? {}));
});

test('console actions › the charts get a sample each second', async (t) => {
  const server = await startTestServer(t);
  const console = await server.attach();
  let [live, registered, requests] = [0, 0, 0];
  let done = () => {};
  const counted = new Promise<void>((resolve) => {
    done = resolve;
  });
  await console.subscribe(({ samples }) => {
    for (const sample of samples) {
      live = sample.live;
      registered += sample.registered;
      requests += sample.requests;
    }
    if (requests >= 3) done();
  });
  await exchange(server.port, 'alive a 4000\nping\nping\n');
  // A second may end between the requests.
  await counted;
  t.deepEqual([live, registered, requests], [1, 1, 3]);
});

test('console log › has every logged line, from the first one on', async (t) => {
  const server = await startTestServer(t);
  const console = await server.attach();
  const { status, lines, forgotten } = await console.log();
  t.deepEqual(status, { level: 'info', lines: server.logged.length });
  t.is(forgotten, 0);
  t.deepEqual(
    lines.map(({ seq, at, level, msg, fields }) => ({
      seq,
      time: new Date(at).toISOString(),
      level,
      msg,
      fields,
    })),
    server.logged.map(({ time, level, msg, ...fields }, index) => ({
      seq: index + 1,
      time,
      level,
      msg,
      fields: Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, `${value}`])),
    })) as never,
  );
  t.is(lines.at(-1)?.msg, 'name server is ready');
});

test('console log › a console learns that there are new lines, and requests them', async (t) => {
  const server = await startTestServer(t, { settings: { logLevel: 'debug' } });
  const console = await server.attach();
  const { lines: before } = (await console.log()).status;
  const told = new Promise<Delta['status']>((resolve) => {
    void console
      .subscribe(({ status }) => {
        if (status.log) resolve(status);
      })
      .then(() => exchange(server.port, 'alive node 4000\nalive other 4001\nleave node 4000\n'));
  });
  t.deepEqual((await told).log, { level: 'debug', lines: before + 3 });
  const { lines } = await console.log({ after: before });
  t.deepEqual(
    lines.map(({ msg, fields }) => [msg, fields.nodeId]),
    [
      ['host registered', 'node'],
      ['host registered', 'other'],
      ['host left', 'node'],
    ],
  );
  const found = await console.log({ after: before, filter: '4000 !left', level: 'debug' });
  t.deepEqual(found.lines, lines.slice(0, 1));
  t.deepEqual(
    (await console.log({ level: 'info', limit: 1 })).lines[0]?.msg,
    'name server is ready',
  );
});

test('console log › bytes from the network are escaped', async (t) => {
  const server = await startTestServer(t, { settings: { logLevel: 'debug' } });
  await exchange(server.port, 'alive \u001b[31mred\u0007 4000\n');
  const { lines } = await (await server.attach()).log({ filter: 'bad-node-id' });
  t.is(lines.length, 1);
  t.regex(lines[0]?.msg ?? '', /\\x1b\[31mred\\x07/);
  t.notRegex(JSON.stringify(lines), /\\u00/);
});

test('console log › has what worker processes refused', async (t) => {
  const workerProgram = fileURLToPath(
    new URL('../../../daemon/workers/ddnsd-worker.ts', import.meta.url),
  );
  const server = await startTestServer(t, {
    settings: { logLevel: 'debug', threads: 2 },
    workerProgram,
  });
  const reply = await exchange(server.port, 'alive \u001b[31mred 4000\n');
  t.true(reply.startsWith('error bad-node-id'));
  const console = await server.attach();
  const refused = async () => (await console.log({ filter: 'code=bad-node-id' })).lines;
  // A worker reports it after the client has its reply.
  const lines = await lookUntil(refused, ({ length }) => length > 0);
  t.deepEqual(
    lines.map(({ level, fields }) => [level, fields]),
    [['debug', { source: '127.0.0.1', code: 'bad-node-id' }]],
  );
});

test('console log › follows the LogLevel of ddns.conf', async (t) => {
  const server = await startTestServer(t);
  const console = await server.attach();
  t.is((await console.log()).status.level, 'info');
  server.settings.logLevel = 'debug';
  await console.reload();
  await exchange(server.port, 'alive node 4000\n');
  const { status, lines } = await console.log();
  t.is(status.level, 'debug');
  t.is(lines.at(-1)?.msg, 'host registered');
});
