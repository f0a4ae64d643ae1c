// TLS on the same port: nodes are served inside it, limits and deadlines hold through the handshake,
// and whatever is no handshake is refused, counted and shown, and harms nobody.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { TLSSocket } from 'node:tls';
import ava, { type ExecutionContext } from 'ava';
import { maxHandshakes } from '../../../daemon/clients/connection-manager.ts';
import { Secret } from '../../../shared/config/secret.ts';
import { requestDeadlineMs } from '../../../shared/protocol/limits.ts';
import {
  startTestServer,
  type TestServer,
  type TestServerOptions,
} from '../../fixture/name-server.ts';
import { createBelow } from '../../fixture/random.ts';
import { exchange, sendAndWait, TcpClient } from '../../fixture/tcp-client.ts';
import {
  alertMessage,
  connectedSocket,
  keyOf,
  openTls,
  shakeHands,
  type TlsClientOptions,
} from '../../fixture/tls-client.ts';

/** One after the other: a client has seconds for its first request, and some of them compute for longer. */
const test = ava.serial;

const secret = 'correct horse battery staple';

/** That of all servers: its key is derived once. */
const shared = new Secret(secret);

function startSecure(t: ExecutionContext, options: TestServerOptions = {}): Promise<TestServer> {
  const settings = { secret: shared, ...options.settings };
  return startTestServer(t, { ...options, settings });
}

/** The bytes with which a handshake begins. */
async function clientHello(t: ExecutionContext): Promise<Buffer> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const { port } = server.address() as { port: number };
  const arrived = once(server, 'connection').then(async ([socket]) => {
    const [chunk] = await once(socket, 'data');
    socket.destroy();
    return chunk as Buffer;
  });
  await t.throwsAsync(openTls(port, secret));
  return arrived;
}

test('secure channel › a node inside TLS is served as any other, beside those outside', async (t) => {
  const server = await startSecure(t);
  const client = await openTls(server.port, secret, { from: '127.0.0.2' });
  const plain = await TcpClient.open(server.port);
  const pong = await plain.ask('ping\n');
  t.is(await client.ask('ping\n'), pong);
  t.is(await client.ask('alive a 4000\nping\n', 2), `ok\n${pong}`);
  t.regex(await plain.ask('query b 4001\n', 2), /^hosts 127\.0\.0\.2:4000\nend 1 \S+ full\n$/);
  t.regex(await client.ask('query a 4000\n', 2), /^hosts 127\.0\.0\.1:4001\nend 1 \S+ full\n$/);
  const { counters, connections } = await server.status();
  t.deepEqual([connections.open, counters.malformed], [2, 0]);
  client.end();
  await client.closed;
  await server.until((status) => status.connections.open === 1);
});

const hasOpenssl = spawnSync('openssl', ['version']).error === undefined;

(hasOpenssl ? test : test.skip)('secure channel › openssl s_client gets in', async (t) => {
  const server = await startSecure(t);
  const args = `s_client -quiet -no_ign_eof -tls1_2 -connect 127.0.0.1:${server.port} -cipher ECDHE-PSK-CHACHA20-POLY1305 -psk_identity dynamo-dns -psk`;
  const client = spawn('openssl', [...args.split(' '), keyOf(secret).toString('hex')]);
  t.teardown(() => client.kill());
  let said = '';
  client.stdout.on('data', (chunk) => {
    said += chunk;
    if (said.includes('\n')) client.stdin.end();
  });
  client.stdin.write('alive s-client 4000\n');
  await once(client, 'close');
  t.is(said, 'ok\n');
  t.is((await server.status()).hosts.live, 1);
});

test('secure channel › the first byte inside chooses the dialect, as outside; TLS in TLS is none', async (t) => {
  const server = await startSecure(t);
  const legacy = await openTls(server.port, secret);
  legacy.send('1/node/4000/');
  t.is(await legacy.closed, 'root');
  const nested = await openTls(server.port, secret);
  nested.send(Buffer.from([0x16, 3, 1, 0, 5]));
  t.is(
    await nested.closed,
    'error malformed no dialect begins with byte 0x16; send a request such as: ping\n',
  );
});

test('secure channel › requests that come with the end of the handshake, or in pieces, are answered', async (t) => {
  const server = await startSecure(t);
  const socket = await connectedSocket(server.port);
  const client = await shakeHands(socket, secret);
  for (const byte of 'pin') client.send(byte);
  const pong = await client.ask('g\n');
  t.regex(pong, /^pong /);
  client.send('ping\n'.repeat(100));
  client.end();
  t.is(await client.closed, pong.repeat(101));
});

test('secure channel › a large list arrives whole, also at a slow reader', async (t) => {
  const server = await startSecure(t, { settings: { maxHosts: 110_000 } });
  const requests = Array.from({ length: 50_000 }, (_, index) => `alive n ${index + 1}\n`);
  await exchange(server.port, requests.join(''), { from: '127.0.0.2' });
  const ask = 'query a 1 limit=60000\n';
  const addresses = (list: string) => list.match(/127\.0\.0\.2:\d+/g) ?? [];
  const plain = new Set(addresses(await exchange(server.port, ask)));
  const client = await openTls(server.port, secret);
  client.socket.pause();
  client.send(ask.repeat(14));
  await server.until(({ counters }) => counters.queries === 15);
  t.is((await server.status()).backlog.current, 1, 'it waits for the reader');
  client.socket.resume();
  client.end();
  const lists = (await client.closed).split(/end .*\n/);
  t.is(lists.pop(), '');
  t.is(plain.size, 50_000);
  const isWhole = (found: string[]) =>
    found.length === plain.size &&
    new Set(found).size === plain.size &&
    found.every((each) => plain.has(each));
  t.deepEqual(
    lists.map((list) => isWhole(addresses(list))),
    Array(14).fill(true),
  );
});

const strangers: [
  who: string,
  secret: string,
  options: TlsClientOptions,
  alert: number,
  shown: string,
][] = [
  [
    'with another secret',
    `${secret}!`,
    {},
    20,
    'the Secret differs; set the same one in ddns.conf of both name servers',
  ],
  [
    'with another identity',
    secret,
    { identity: 'somebody' },
    115,
    'TLS without the pre-shared key of this network (psk identity not found)',
  ],
  [
    'without a pre-shared key',
    secret,
    { tls: { ciphers: undefined } },
    40,
    'TLS without the pre-shared key of this network (no shared cipher)',
  ],
  [
    'who speaks TLS 1.3 only',
    secret,
    { tls: { ciphers: undefined, minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3' } },
    70,
    'TLS without the pre-shared key of this network (unsupported protocol)',
  ],
];

/** Refused and nothing else: counted once, shown once, nothing left open, others served. */
async function isRefused(t: ExecutionContext, server: TestServer, shown: string | RegExp) {
  const { counters } = await server.until(({ connections }) => connections.open === 0);
  t.is(counters.malformed, 1);
  t.is(counters.timedOut, 0);
  const { activity } = await (await server.attach()).subscribe(() => {});
  t.deepEqual(
    activity.map(({ kind, address }) => [kind, address]),
    [['refused', '127.0.0.1']],
  );
  const text = activity[0]?.text ?? '';
  if (typeof shown === 'string') t.is(text, `malformed: ${shown}`);
  else t.regex(text, shown);
  t.regex(await exchange(server.port, 'ping\n'), /^pong /);
}

for (const [who, key, options, alert, shown] of strangers)
  test(`secure channel › a client ${who} is refused with an alert, and shown`, async (t) => {
    const server = await startSecure(t);
    await t.throwsAsync(openTls(server.port, key, options), {
      message: alertMessage(alert),
    });
    await isRefused(t, server, shown);
  });

const garbage: [what: string, bytes: Buffer, shown: string | RegExp][] = [
  [
    'a record of no version',
    Buffer.from([0x16, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
    'no TLS handshake (wrong version number)',
  ],
  [
    'a record over its limit',
    Buffer.concat([Buffer.from([0x16, 3, 1, 0xff, 0xff]), Buffer.alloc(70_000, 7)]),
    /^malformed: no TLS handshake \((packet|data) length too long\)$/,
  ],
  [
    'a handshake message that is none',
    Buffer.concat([Buffer.from([0x16, 3, 1, 0, 4]), Buffer.from([99, 0, 0, 0])]),
    /^malformed: no TLS handshake \(/,
  ],
  [
    'a first letter and then text',
    Buffer.from('\x16query a 4000\nquery a 4000\n'),
    'no TLS handshake (wrong version number)',
  ],
];

for (const [what, bytes, shown] of garbage)
  test(`secure channel › ${what} is refused, counted and shown`, async (t) => {
    const server = await startSecure(t);
    await sendAndWait(server.port, bytes);
    await isRefused(t, server, shown);
  });

test('secure channel › a handshake that is cut off anywhere leaves nothing behind', async (t) => {
  const server = await startSecure(t);
  const hello = await clientHello(t);
  t.true(hello.length > 100);
  const cuts = [1, 2, 5, 6, 9, 43, 44, hello.length - 1, hello.length];
  for (const [index, cut] of cuts.entries()) {
    await exchange(server.port, hello.subarray(0, cut));
    const { counters } = await server.until(({ connections }) => connections.open === 0);
    t.is(counters.malformed, index + 1, `cut at ${cut}`);
  }
  const { activity } = await (await server.attach()).subscribe(() => {});
  t.deepEqual(
    [...new Set(activity.map(({ text }) => text))],
    ['malformed: the TLS handshake was not completed by the other side'],
  );
  for (const cut of cuts) {
    const socket = await connectedSocket(server.port);
    socket.write(hello.subarray(0, cut));
    await server.until(({ connections }) => connections.open === 1);
    socket.resetAndDestroy();
    await server.until(({ connections }) => connections.open === 0);
  }
  t.regex(await exchange(server.port, 'ping\n'), /^pong /);
});

test('secure channel › damaged handshakes end in a refusal, never in anything else', async (t) => {
  const server = await startSecure(t);
  const hello = await clientHello(t);
  const seed = Date.now() % 1_000_000;
  t.log(`seed ${seed}`);
  const random = createBelow(seed);
  for (let round = 0; round < 200; round++) {
    const bytes = Buffer.from(hello);
    for (let hits = 1 + random(8); hits > 0; hits--)
      bytes[1 + random(bytes.length - 1)] = random(256);
    await exchange(server.port, bytes);
  }
  const { counters } = await server.until(({ connections }) => connections.open === 0);
  t.is(counters.malformed, 200, `seed ${seed}`);
  t.regex(await exchange(server.port, 'ping\n'), /^pong /);
  t.is(
    await (await openTls(server.port, secret)).ask('ping\n'),
    await exchange(server.port, 'ping\n'),
  );
});

test('secure channel › bytes from outside in the middle of a connection end it', async (t) => {
  const server = await startSecure(t);
  for (const bytes of [
    Buffer.from('ping\n'),
    Buffer.from([0x16, 3, 3, 0, 1, 0]),
    Buffer.concat([Buffer.from([0x17, 3, 3, 0, 40]), Buffer.alloc(40, 1)]),
  ]) {
    const socket = await connectedSocket(server.port);
    const client = await shakeHands(socket, secret);
    const pong = await client.ask('ping\n');
    // Past TLS: what somebody on the way could put in.
    socket.write(bytes);
    t.is(await client.closed, pong);
    await server.until(({ connections }) => connections.open === 0);
  }
});

test('secure channel › the deadline of the first request begins with the connection', async (t) => {
  const clock = { now: 0 };
  const server = await startSecure(t, { monotonic: () => clock.now });
  const socket = await connectedSocket(server.port);
  await server.until(({ connections }) => connections.open === 1);
  clock.now = requestDeadlineMs - 1;
  const client = await shakeHands(socket, secret);
  t.is((await server.status()).counters.timedOut, 0);
  clock.now = requestDeadlineMs;
  t.is(await client.closed, '');
  t.is((await server.status()).counters.timedOut, 1);
});

test('secure channel › a client that stalls in the handshake is closed, and a byte now and then does not help', async (t) => {
  const clock = { now: 0 };
  const server = await startSecure(t, { monotonic: () => clock.now });
  const hello = await clientHello(t);
  const client = await TcpClient.open(server.port);
  const watcher = await TcpClient.open(server.port);
  for (let at = 0; at < 9; at++) {
    client.send(hello.subarray(at, at + 1));
    await watcher.ask('ping\n');
    clock.now += 1_000;
  }
  t.is((await server.status()).connections.open, 2);
  clock.now = requestDeadlineMs;
  t.is(await client.closed, '');
  const { counters, backlog } = await server.status();
  t.deepEqual([counters.timedOut, counters.malformed, backlog.current], [1, 0, 0]);
});

test('secure channel › stalled handshakes fill no backlog, and a server stops with some open', async (t) => {
  const server = await startSecure(t, { settings: { backlog: 2 } });
  const hello = await clientHello(t);
  const stalled = await Promise.all(Array.from({ length: 20 }, () => connectedSocket(server.port)));
  for (const socket of stalled) socket.write(hello);
  await Promise.all(stalled.map((socket) => once(socket, 'data')));
  t.regex(await exchange(server.port, 'ping\n'), /^pong /);
  const { connections, backlog } = await server.status();
  t.is(backlog.current, 0);
  t.true(connections.open >= 20);
  t.deepEqual(await server.close(), { inFlight: 0 });
});

test('secure channel › of too many handshakes one of the greediest source gives way, and a quick client gets in', async (t) => {
  // A busy machine takes longer for so many than one of them may take.
  const clock = { now: 0 };
  const server = await startSecure(t, { monotonic: () => clock.now });
  const hello = await clientHello(t);
  const sources = ['127.0.0.2', '127.0.0.3', '127.0.0.4'];
  // The longest of all, and its source has no other.
  const modest = await connectedSocket(server.port, { from: '127.0.0.5' });
  modest.write(hello);
  await once(modest, 'data');
  clock.now += 1;
  const greedy = await Promise.all(
    Array.from({ length: maxHandshakes - 1 }, (_, index) =>
      connectedSocket(server.port, { from: sources[index % sources.length] }),
    ),
  );
  const stalled = [modest, ...greedy];
  for (const socket of greedy) socket.write(hello);
  await Promise.all(greedy.map((socket) => once(socket, 'data')));
  t.is((await server.status()).counters.evicted, 0);
  const client = await openTls(server.port, secret);
  t.regex(await client.ask('ping\n'), /^pong /);
  const { counters, connections } = await server.status();
  t.deepEqual([counters.evicted, counters.malformed, connections.open], [1, 0, maxHandshakes]);
  t.deepEqual([modest.closed, greedy.filter(({ closed }) => closed).length], [false, 1]);
  for (const socket of stalled) socket.destroy();
  client.destroy();
  await server.until((status) => status.connections.open === 0);
});

test('secure channel › no TLS session is resumed, so that each connection proves the secret', async (t) => {
  const server = await startSecure(t);
  const client = await openTls(server.port, secret);
  await client.ask('ping\n');
  const session = (client.socket as TLSSocket).getSession();
  t.truthy(session);
  await t.throwsAsync(openTls(server.port, `${secret}!`, { tls: { session } }), {
    message: alertMessage(20),
  });
  const again = await openTls(server.port, secret, { tls: { session } });
  t.false((again.socket as TLSSocket).isSessionReused());
});

test('secure channel › a client that asks for another handshake gets none', async (t) => {
  const server = await startSecure(t);
  const client = await openTls(server.port, secret);
  const pong = await client.ask('ping\n');
  const refused = once(client.socket, 'error');
  (client.socket as TLSSocket).renegotiate({}, () => {});
  const [error] = (await refused) as [NodeJS.ErrnoException];
  t.is(error.code, 'ERR_SSL_NO_RENEGOTIATION');
  t.is(await exchange(server.port, 'ping\n'), pong);
  await server.until(({ connections }) => connections.open === 0);
});

test('secure channel › a client that ends its side behind many requests gets all the answers', async (t) => {
  const server = await startSecure(t, { settings: { maxHosts: 50_000 } });
  const client = await openTls(server.port, secret);
  client.send(Array.from({ length: 8_000 }, (_, index) => `alive n ${index + 1}\n`).join(''));
  client.end();
  t.is((await client.closed).match(/^ok$/gm)?.length, 8_000);
});
