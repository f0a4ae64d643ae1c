import { createSocket, type RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';
import test from 'ava';
import { Access } from '../../../daemon/clients/access.ts';
import type { PendingRequest } from '../../../daemon/clients/connection-shared.ts';
import { createDatagrams } from '../../../daemon/clients/datagram-requests.ts';
import { RecentReplies } from '../../../daemon/clients/recent-replies.ts';
import { Admission } from '../../../daemon/core/admission/admission.ts';
import { GroupCommit } from '../../../daemon/group-commit.ts';
import { createCounters } from '../../../shared/counters.ts';
import { packAddress } from '../../../shared/protocol/address.ts';
import { createCookieKey, SourceCookies } from '../../../shared/protocol/source-cookies.ts';
import { lookUntil } from '../../fixture/look-until.ts';
import { startTestServer } from '../../fixture/name-server.ts';
import { exchange } from '../../fixture/tcp-client.ts';
import { UdpClient } from '../../fixture/udp-client.ts';

const service = { service: 2 } as const;
const padded = (text: string) => text.padEnd(128, '\n');

test('datagrams › with a cookie, query registers, alive refreshes, leave removes', async (t) => {
  const { port, status } = await startTestServer(t, { settings: service });
  const client = await UdpClient.open(t, port);
  const cookie = await client.cookie();
  const first = await client.ask(`query a 4001 cookie=${cookie} id=q1\n`);
  const epoch = /end 0 ([0-9a-f]+)\./.exec(first)?.[1];
  t.is(first, `id q1\nend 0 ${epoch}.1 full\n`);
  t.is(
    await client.ask(`query b 4002 cookie=${cookie}\n`),
    `hosts 127.0.0.1:4001\nend 1 ${epoch}.2 full\n`,
  );
  t.is(await client.ask(`alive a 4001 id=a cookie=${cookie}\n`), 'id a\nok\n');
  t.is(await client.ask(`leave a 4001 cookie=${cookie}\n`), 'ok\n');
  t.is(
    await client.ask(`query b 4002 since=${epoch}.2 cookie=${cookie}\n`),
    `gone 127.0.0.1:4001\nend 0 ${epoch}.3\n`,
  );
  t.is(
    await exchange(port, `query b 4002 since=${epoch}.1\n`),
    `gone 127.0.0.1:4001\nend 0 ${epoch}.3\n`,
  );
  const { hosts, counters } = await status();
  t.deepEqual([hosts.live, hosts.gone], [1, 1]);
  const { datagrams, datagramsIgnored, cookiesSent, queries, alives, leaves } = counters;
  t.deepEqual(
    { datagrams, datagramsIgnored, cookiesSent, queries, alives, leaves },
    { datagrams: 6, datagramsIgnored: 0, cookiesSent: 1, queries: 4, alives: 1, leaves: 1 },
  );
});

test('datagrams › without a valid cookie nothing is registered, and the answer is a cookie', async (t) => {
  const { port, status } = await startTestServer(t, { settings: service });
  const client = await UdpClient.open(t, port);
  for (const request of [
    'query a 4001 id=x',
    'alive a 4001 id=x cookie=AAAAAAAAAAAAAAAA',
    'leave a 4001 cookie=short id=x',
    'query a bad-port id=x',
  ])
    t.regex(await client.ask(padded(`${request}\n`)), /^id x\ncookie [A-Za-z0-9_-]{16}\n$/);
  t.is((await status()).hosts.live, 0);
});

test('datagrams › a cookie is valid from any port of its address, and from no other address', async (t) => {
  const { port } = await startTestServer(t, { settings: service });
  const client = await UdpClient.open(t, port);
  const request = padded(`alive a 4001 cookie=${await client.cookie()}\n`);
  t.is(await (await UdpClient.open(t, port)).ask(request), 'ok\n');
  t.regex(await (await UdpClient.open(t, port, { from: '127.0.0.2' })).ask(request), /^cookie /);
});

test('datagrams › a cookie lasts for the hour in which it was made and the next one', (t) => {
  let now = 3_600_000 * 7 + 3_599_999;
  const key = createCookieKey();
  const cookies = new SourceCookies(key, () => now);
  const ip = packAddress('192.0.2.1', 1) as Uint32Array;
  const cookie = cookies.make(ip);
  t.true(new SourceCookies(key, () => now).isValid(cookie, ip));
  t.false(new SourceCookies(createCookieKey(), () => now).isValid(cookie, ip));
  now += 3_600_000;
  t.true(cookies.isValid(cookie, ip));
  now += 1;
  t.false(cookies.isValid(cookie, ip));
});

test('datagrams › what is no request, and what came from a port that cannot be answered, gets no answer', async (t) => {
  const { port, status } = await startTestServer(t, { settings: { ...service, zone: null } });
  const client = await UdpClient.open(t, port);
  const cookie = await client.cookie();
  const ignored = [
    // The answers of name servers and nodes: two that answered each other would never end.
    `ok\n`,
    `pong a\n`,
    `cookie ${cookie}\n`,
    `tcp\n`,
    `busy 1 cookie=${cookie}\n`,
    `id x\nerror malformed cookie=${cookie}\n`,
    `error malformed cookie=${cookie}\n`,
    `redirect 127.0.0.1:1 cookie=${cookie}\n`,
    `hosts 127.0.0.1:1\nend 1 a.1 full cookie=${cookie}\n`,
    'sync hello\n',
    '\n\n\n\n\n',
    'GET / HTTP/1.1\r\n\r\n',
    '',
    'pi',
    // A response of DNS, and nothing of anybody.
    '\x12\x34\x81\x80\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x01',
    '\xff'.repeat(1_200),
    // Requests that are too short for an answer, or too long for a datagram.
    'query a 4000\n',
    'ping\n',
    `alive a 4001 cookie=${cookie}\n`.padEnd(1_233, '\n'),
  ];
  for (const each of ignored) client.send(each);
  t.is(await client.ask(`alive last 4000 cookie=${cookie}\n`), 'ok\n');
  t.deepEqual(client.received, []);
  const { counters, hosts } = await status();
  t.is(counters.datagramsIgnored, ignored.length);
  t.is(hosts.live, 1);
});

test('datagrams › a ping is answered without a cookie if the answer is not longer', async (t) => {
  const { port, status } = await startTestServer(t, { settings: service });
  const { id } = (await status()).server;
  const client = await UdpClient.open(t, port);
  const pong = `id n0nce\npong ${id}\n`;
  client.send('ping id=n0nce\n'.padEnd(pong.length - 1, '\n'));
  t.is(await client.ask('ping id=n0nce\n'.padEnd(pong.length, '\n')), pong);
  t.deepEqual(client.received, []);
  const { pings, datagramsIgnored } = (await status()).counters;
  t.deepEqual({ pings, datagramsIgnored }, { pings: 1, datagramsIgnored: 1 });
});

test('datagrams › an error is sent only to a proved source, and closes nothing', async (t) => {
  const { port, status } = await startTestServer(t, { settings: service });
  const client = await UdpClient.open(t, port);
  const cookie = await client.cookie();
  for (const [request, code] of [
    ['query a 0', 'bad-port'],
    ['query a 4000 limit=0', 'bad-option'],
    ['query a 4000 id=1 id=2', 'bad-option'],
    [`query a 4000 id=${'x'.repeat(17)}`, 'bad-option'],
    ['alive a 4000\nping', 'malformed'],
    ['have 10.0.0.1:1\nping', 'malformed'],
    ['have nowhere\nquery a 4000', 'bad-address'],
    ['leave a', 'malformed'],
  ] as const)
    t.regex(
      await client.ask(`${request} cookie=${cookie}\n`),
      new RegExp(`^(id 1\\n)?error ${code} `),
      request,
    );
  t.regex(await client.ask(`have 10.0.0.1:1 cookie=${cookie}\n`), /^error malformed have without/);
  t.is(await client.ask(`alive a 4000 cookie=${cookie}\n`), 'ok\n');
  t.is((await status()).counters.malformed, 9);
});

test('datagrams › of more hosts than fit, a query gets a sample and a delta the advice to use TCP', async (t) => {
  const { port } = await startTestServer(t, { settings: service });
  const client = await UdpClient.open(t, port);
  const cookie = await client.cookie();
  const ask = (text: string) => client.ask(`${text} cookie=${cookie}\n`);
  const cursor = /end 0 (\S+) full/.exec(await ask('query a 4000'))?.[1];
  const nodes = Array.from({ length: 100 }, (_, index) => `alive n${index} ${50_000 + index}\n`);
  await exchange(port, nodes.join(''), { from: '127.100.100.100' });
  const sample = await ask('query a 4000');
  const listed = (sample.split('\n')[0] as string).split(' ').slice(1);
  t.is(new Set(listed).size, listed.length);
  t.true(listed.length >= 50);
  t.true(sample.length <= 1_232);
  t.regex(sample, new RegExp(`\\nend ${listed.length} \\S+ partial\\n$`));
  t.is(await ask(`query a 4000 since=${cursor}`), 'tcp\n');
  t.is(await ask('have 127.0.0.1:1\nquery a 4000'), 'tcp\n');
  t.regex(await ask('query a 4000 limit=3'), /^hosts( \S+){3}\nend 3 \S+ partial\n$/);
});

test('datagrams › a UDP port that is taken is an error, and the TCP port is free again', async (t) => {
  const { port, close } = await startTestServer(t);
  await close();
  const taken = createSocket('udp4').bind(port, '127.0.0.1');
  await once(taken, 'listening');
  t.teardown(() => taken.close());
  const { message } = await t.throwsAsync(startTestServer(t, { settings: { ...service, port } }));
  t.is(
    message,
    `UDP 127.0.0.1:${port} is taken by another process. Stop it (ss -lunp 'sport = :${port}' names it), or set another Port in ddns.conf`,
  );
  await t.notThrowsAsync(startTestServer(t, { settings: { port } }));
});

test('datagrams › with Service=1 nobody listens for them', async (t) => {
  const { port } = await startTestServer(t);
  const socket = createSocket('udp4');
  t.teardown(() => socket.close());
  socket.connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const refused = once(socket, 'error');
  socket.send(padded('ping\n'));
  t.is(((await refused)[0] as NodeJS.ErrnoException).code, 'ECONNREFUSED');
});

test('datagrams › over IPv6, and on :: from IPv4 as well', async (t) => {
  const { port } = await startTestServer(t, {
    bindAddress: '::',
    settings: { ...service, domain: 10, interface: '::' },
  });
  for (const host of ['::1', '127.0.0.1']) {
    const client = await UdpClient.open(t, port, { host });
    t.is(await client.ask(`alive a 4000 cookie=${await client.cookie()}\n`), 'ok\n');
  }
  t.regex(
    await exchange(port, 'query b 4000\n'),
    /^hosts( 127\.0\.0\.1:4000| \[::1\]:4000){1,2}\n/,
  );
});

test('datagrams › a closing socket answers what was asked before', async (t) => {
  const counters = createCounters();
  const undecided: PendingRequest[] = [];
  const shared: Parameters<typeof createDatagrams>[0] = {
    access: new Access({ allow: [], deny: [], proxies: [] }),
    dns: null,
    admission: new Admission({ backlog: 4, limit: 4 }),
    counters,
    groupCommit: new GroupCommit({ persist: () => null, arrivals: () => counters.datagrams }),
    replies: { replyTo: () => ({ kind: 'ok' }) },
    // As in a worker: the verdict comes later.
    ask: (request) => {
      undecided.push(request);
    },
    refused: () => {},
  };
  const datagrams = createDatagrams(shared, createCookieKey());
  const port = await datagrams.start({ address: '127.0.0.1', port: 0 });
  const client = await UdpClient.open(t, port);
  client.send(`alive a 4000 cookie=${await client.cookie()}\n`);
  await lookUntil(
    () => undecided.length,
    (length) => length === 1,
  );
  let isClosed = false;
  const closed = datagrams.close().then(() => {
    isClosed = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  t.false(isClosed);
  t.is(shared.admission.backlog, 1);
  const [request] = undecided as [PendingRequest];
  request.reply = { kind: 'ok' };
  request.waiting.release(null);
  await closed;
  t.is(shared.admission.open, 0);
  t.is(await client.read(), 'ok\n');
});

test('datagrams › a request that comes again late is answered again, and changes nothing', async (t) => {
  const server = await startTestServer(t, { settings: service });
  const client = await UdpClient.open(t, server.port);
  const cookie = await client.cookie();
  const query = `query a 4000 cookie=${cookie} id=q\n`;
  const list = await client.ask(query);
  t.is(await client.ask(`leave a 4000 cookie=${cookie} id=l\n`), 'id l\nok\n');
  // The network held back a retransmission of the query: the node must not be listed again.
  t.is(await client.ask(query), list);
  t.is(await client.ask(`leave a 4000 cookie=${cookie} id=l\n`), 'id l\nok\n');
  const { hosts, counters } = await server.status();
  t.deepEqual([hosts.live, counters.queries, counters.leaves], [0, 1, 1]);
  // Without an id it cannot be told from a new request.
  t.is(await client.ask(`alive a 4000 cookie=${cookie}\n`), 'ok\n');
  t.is(await client.ask(`alive a 4000 cookie=${cookie}\n`), 'ok\n');
  t.is((await server.status()).counters.alives, 2);
});

test('datagrams › an answer is repeated for ten seconds, and the oldest are forgotten first', (t) => {
  const replies = new RecentReplies();
  const bytes = Buffer.from('ok\n');
  replies.add('a', bytes, 0);
  replies.add('b', bytes, 5_000);
  t.is(replies.get('a', 9_999), bytes);
  t.is(replies.get('a', 10_000), null);
  t.is(replies.get('b', 10_000), bytes);
  for (let i = 0; i < 2_048; i++) replies.add(`c${i}`, bytes, 10_000);
  t.is(replies.get('b', 10_000), null);
  t.is(replies.get('c0', 10_000), bytes);
});

/** This machine's address besides loopback, in that family; null: it has none. */
function addressOf(family: 'IPv4' | 'IPv6'): string | null {
  const all = Object.values(networkInterfaces()).flatMap((infos) => infos ?? []);
  const isUsual = (each: NetworkInterfaceInfo) =>
    each.family === family && !each.internal && !each.address.startsWith('fe80');
  return all.find(isUsual)?.address ?? null;
}

for (const [wildcard, family] of [
  ['0.0.0.0', 'IPv4'],
  ['::', 'IPv4'],
  ['::', 'IPv6'],
] as const) {
  const address = addressOf(family);
  (address === null ? test.skip : test)(
    `datagrams › with Interface=${wildcard}, an answer leaves from the ${family} address that was asked`,
    async (t) => {
      const { port } = await startTestServer(t, {
        bindAddress: wildcard,
        settings: { ...service, domain: wildcard === '::' ? 10 : 2, interface: wildcard },
      });
      // From loopback: the system would rather answer from there.
      const from = family === 'IPv4' ? '127.0.0.1' : '::1';
      const host = address as string;
      const client = await UdpClient.open(t, port, { host, from });
      const answered = once(client.socket, 'message');
      t.regex(await client.ask(padded('alive a 4000\n')), /^cookie /);
      const [, source] = (await answered) as [Buffer, RemoteInfo];
      t.is(source.address, host);
    },
  );
}
