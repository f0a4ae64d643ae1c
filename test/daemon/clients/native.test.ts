import { networkInterfaces } from 'node:os';
import test from 'ava';
import { startTestServer } from '../../fixture/name-server.ts';
import { exchange, TcpClient } from '../../fixture/tcp-client.ts';

/** The cursor in a reply, without which replies of different servers cannot be compared. */
function cursorOf(reply: string): string {
  return /end \d+ (\S+)/.exec(reply)?.[1] ?? '';
}

test('native › query registers, alive refreshes, leave removes, ping returns the id of the server', async (t) => {
  const { port, status } = await startTestServer(t);
  const first = await exchange(port, 'query a 4001\n');
  const epoch = cursorOf(first).split('.')[0];
  t.is(first, `end 0 ${epoch}.1 full\n`);
  t.is(
    await exchange(port, 'query b 4002\n', { from: '127.1.2.3' }),
    `hosts 127.0.0.1:4001\nend 1 ${epoch}.2 full\n`,
  );
  t.is(await exchange(port, 'alive a 4001\n'), 'ok\n');
  t.is(await exchange(port, 'leave a 4001\n'), 'ok\n');
  const { server, hosts, counters } = await status();
  t.is(await exchange(port, 'ping\n'), `pong ${server.id}\n`);
  t.is((await status()).counters.pings, 1);
  t.deepEqual([hosts.live, hosts.gone], [1, 1]);
  const { connections, queries, registered, alives, refreshed, leaves, left } = counters;
  t.deepEqual(
    { connections, queries, registered, alives, refreshed, leaves, left },
    { connections: 4, queries: 2, registered: 2, alives: 1, refreshed: 1, leaves: 1, left: 1 },
  );
});

test('native › the reply to have, limit and since is what the asker lacks', async (t) => {
  const { port } = await startTestServer(t);
  for (const host of [2, 3, 4, 5])
    await exchange(port, 'alive n 4000\n', { from: `127.0.0.${host}` });
  const epoch = cursorOf(await exchange(port, 'query a 4000\n')).split('.')[0];
  t.is(
    await exchange(
      port,
      'have 127.0.0.2:4000 127.0.0.3:4000\r\nhave 127.0.0.4:4000\r\nquery a 4000\r\n',
    ),
    `hosts 127.0.0.5:4000\nend 1 ${epoch}.5\n`,
  );
  t.regex(
    await exchange(port, 'query a 4000 limit=2\n'),
    new RegExp(
      `^hosts 127\\.0\\.0\\.\\d:4000 127\\.0\\.0\\.\\d:4000\\nend 2 ${epoch}.5 partial\\n$`,
    ),
  );
  await exchange(port, 'leave n 4000\n', { from: '127.0.0.2' });
  t.is(
    await exchange(port, `query a 4000 since=${epoch}.3\n`),
    `hosts 127.0.0.5:4000\ngone 127.0.0.2:4000\nend 1 ${epoch}.6\n`,
  );
});

test('native › a connection stays open, and requests may arrive in any pieces', async (t) => {
  const { port } = await startTestServer(t);
  const client = await TcpClient.open(port);
  const pong = await client.ask('ping\n');
  for (const byte of 'ping\npin') client.send(byte);
  t.is(await client.read(1, pong.length), pong);
  t.is(await client.ask('g\r\nping\n', 2), pong + pong);
  client.end();
  t.is(await client.closed, pong.repeat(4));
});

test('native › a thousand requests in one write are answered in order', async (t) => {
  const { port, status } = await startTestServer(t);
  const requests = Array.from({ length: 1_000 }, (_, index) =>
    index % 4 === 3 ? 'ping\n' : `query n${index} ${index + 1} limit=1\n`,
  );
  const replies = await exchange(port, requests.join(''));
  const lasts = replies.split('\n').filter((line) => /^(end|pong)/.test(line));
  let registered = 0;
  t.deepEqual(
    lasts.map((line) => line.replace(/ [0-9a-f]{8}\.| [0-9a-f]{16}$/, ' ')),
    requests.map((request) => {
      if (request === 'ping\n') return 'pong ';
      registered++;
      const extent = registered > 2 ? 'partial' : 'full';
      return `end ${Math.min(1, registered - 1)} ${registered} ${extent}`;
    }),
  );
  const { counters, hosts } = await status();
  t.is(hosts.live, 750);
  t.true(counters.commits < 100, `${counters.commits} commits for one write`);
});

test('native › requests of many connections at once are all answered', async (t) => {
  const { port, status } = await startTestServer(t);
  const replies = await Promise.all(
    Array.from({ length: 100 }, (_, index) =>
      exchange(port, `alive n ${index + 1}\n`, { from: `127.0.1.${index + 1}` }),
    ),
  );
  t.deepEqual(new Set(replies), new Set(['ok\n']));
  t.is((await status()).hosts.live, 100);
});

test('native › a request is complete with its line end, not with the end of the connection', async (t) => {
  const { port, status } = await startTestServer(t);
  t.is(await exchange(port, 'alive n 4000'), '');
  t.regex(await exchange(port, 'ping\nalive n 4000'), /^pong \S+\n$/);
  t.is((await status()).hosts.live, 0);
});

test('native › a list longer than a chunk arrives complete', async (t) => {
  const { port } = await startTestServer(t, { settings: { maxHosts: 50_000 } });
  const requests = Array.from({ length: 20_000 }, (_, index) => `alive n ${index + 1}\n`);
  await exchange(port, requests.join(''), { from: '127.0.0.2' });
  const list = await exchange(port, 'query me 1\n');
  const hosts = list
    .split('\n')
    .filter((line) => line.startsWith('hosts '))
    .flatMap((line) => line.split(' ').slice(1));
  t.is(new Set(hosts).size, 20_000);
  t.regex(list, /\nend 20000 \S+ full\n$/);
  t.true(list.split('\n').every((line) => line.length <= 65_536));
});

const hasIpv6 = Object.values(networkInterfaces())
  .flat()
  .some((each) => each?.address === '::1');

test('native › it listens on an IPv6 Interface', async (t) => {
  if (!hasIpv6) {
    t.log('not tried: this machine has no ::1');
    t.pass();
    return;
  }
  const { port, logged } = await startTestServer(t, {
    settings: { domain: 10, interface: '::1' },
  });
  t.is(await exchange(port, 'alive a 4000\n', { host: '::1' }), 'ok\n');
  t.regex(
    await exchange(port, 'query b 4001\n', { host: '::1' }),
    /^hosts \[::1\]:4000\nend 1 \S+ full\n$/,
  );
  t.is(logged.find((line) => line.msg === 'name server is ready')?.listen, `[::1]:${port}`);
});

test('native › on all addresses of both families, an IPv4 client is an IPv4 host', async (t) => {
  if (!hasIpv6) {
    t.log('not tried: this machine has no ::1');
    t.pass();
    return;
  }
  const { port } = await startTestServer(t, { settings: { domain: 10, interface: '::' } });
  t.is(await exchange(port, 'alive a 4000\n', { from: '127.0.0.5' }), 'ok\n');
  t.regex(
    await exchange(port, 'query b 4001\n', { host: '::1' }),
    /^hosts 127\.0\.0\.5:4000\nend 1 /,
  );
});

test('native › a restarted server keeps its id, hosts and cursors', async (t) => {
  const first = await startTestServer(t);
  await exchange(first.port, 'alive a 4000\n');
  const cursor = cursorOf(await exchange(first.port, 'query b 4001\n'));
  const pong = await exchange(first.port, 'ping\n');
  await exchange(first.port, 'leave a 4000\n');
  await first.close();
  const { settings } = first;
  const second = await startTestServer(t, { settings });
  t.is(await exchange(second.port, 'ping\n'), pong);
  await exchange(second.port, 'alive c 4002\n');
  t.is(
    await exchange(second.port, `query b 4001 since=${cursor}\n`),
    `hosts 127.0.0.1:4002\ngone 127.0.0.1:4000\nend 1 ${cursor.replace(/\d+$/, '4')}\n`,
  );
});

test('source shares › a source that registers every port has its share, and newcomers get other hosts', async (t) => {
  const { port, status } = await startTestServer(t, { settings: { hostsPerSource: 200 } });
  const flood = Array.from({ length: 2_000 }, (_, index) => `alive evil ${index + 1}\n`).join('');
  const said = await exchange(port, flood, { from: '127.0.0.2' });
  t.is(said.match(/^ok$/gm)?.length, 200);
  t.regex(
    said,
    /\nerror registry-full 127\.0\.0\.2 has as many hosts here as one source may \(200,/,
  );
  for (let host = 10; host < 70; host++)
    await exchange(port, 'alive good 4000\n', { from: `127.0.1.${host}` });
  const list = await exchange(port, 'query new 4000 limit=50\n', { from: '127.0.0.3' });
  const listed = list.match(/\b127\.0\.[\d.]+:\d+/g) ?? [];
  t.is(listed.length, 50);
  t.is(listed.filter((address) => address.startsWith('127.0.0.2:')).length, 4);
  t.is((await status()).counters.registryFull, 1);
});

test('source shares › a registry filled by two sources takes honest newcomers', async (t) => {
  const { port, status } = await startTestServer(t, {
    settings: { maxHosts: 100, hostsPerSource: 1_024 },
  });
  for (const from of ['127.0.0.2', '127.0.0.3']) {
    const flood = Array.from({ length: 50 }, (_, index) => `alive evil ${index + 1}\n`).join('');
    await exchange(port, flood, { from });
  }
  for (let host = 10; host < 40; host++)
    t.regex(await exchange(port, 'query good 4000\n', { from: `127.0.1.${host}` }), /\nend 99 /);
  const { hosts, counters } = await status();
  t.deepEqual([hosts.live, counters.crowdedOut, counters.registryFull], [100, 30, 0]);
});
