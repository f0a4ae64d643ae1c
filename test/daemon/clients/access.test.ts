// Allow, Deny and Proxies on a name server with real connections and datagrams, changed while it runs. Clients come from
// anywhere in 127.0.0.0/8, and from elsewhere behind a load balancer, which the test is.
import test, { type ExecutionContext } from 'ava';
import { startTestServer, type TestServer } from '../../fixture/name-server.ts';
import { exchange, TcpClient } from '../../fixture/tcp-client.ts';
import { UdpClient } from '../../fixture/udp-client.ts';

async function configure(server: TestServer, settings: Partial<TestServer['settings']>) {
  Object.assign(server.settings, settings);
  await server.reload();
}

/** What a client at `from` is answered, over TCP. */
function ping(server: TestServer, from: string): Promise<string> {
  return exchange(server.port, 'ping\n', { from }).catch(() => '');
}

const header = 'PROXY TCP4 192.0.2.1 203.0.113.9 1234 4524\r\n';

test('access › denied networks are dropped and counted, from one reload to the next', async (t) => {
  const server = await startTestServer(t, { settings: { deny: ['127.0.0.8/29'] } });
  t.regex(await ping(server, '127.0.0.7'), /^pong /);
  t.is(await ping(server, '127.0.0.9'), '');
  t.is((await server.status()).counters.denied, 1);
  await configure(server, { deny: ['127.0.0.7'] });
  t.is(await ping(server, '127.0.0.7'), '');
  t.regex(await ping(server, '127.0.0.9'), /^pong /);
});

test('access › with Allow nobody else is served, and Deny counts more', async (t) => {
  const server = await startTestServer(t, {
    settings: { allow: ['127.0.0.0/28', '::1'], deny: ['127.0.0.2'] },
  });
  t.regex(await ping(server, '127.0.0.1'), /^pong /);
  t.is(await ping(server, '127.0.0.2'), '');
  t.is(await ping(server, '127.0.0.77'), '');
  t.is((await server.status()).counters.denied, 2);
});

test('access › an IPv4 client of a server of both families is found by its IPv4 network', async (t) => {
  const server = await startTestServer(t, {
    bindAddress: '::',
    settings: { domain: 10, interface: '::', deny: ['127.0.0.9'] },
  });
  t.is(await ping(server, '127.0.0.9'), '');
  t.regex(await ping(server, '127.0.0.8'), /^pong /);
});

test('access › datagrams of denied networks are dropped', async (t) => {
  const server = await startTestServer(t, { settings: { service: 2, deny: ['127.0.0.9'] } });
  const [denied, served] = [
    await UdpClient.open(t, server.port, { from: '127.0.0.9' }),
    await UdpClient.open(t, server.port, { from: '127.0.0.8' }),
  ];
  denied.send('ping\n');
  await server.until(({ counters }) => counters.denied === 1);
  t.regex(await served.ask(`ping${'\n'.repeat(124)}`), /^pong /);
});

async function behind(t: ExecutionContext, settings: Partial<TestServer['settings']> = {}) {
  const server = await startTestServer(t, { settings: { proxies: ['127.0.0.9'], ...settings } });
  const open = () => TcpClient.open(server.port, { from: '127.0.0.9' });
  return { server, open };
}

test('access › behind a load balancer the client is the one that it names, however the bytes arrive', async (t) => {
  const { server, open } = await behind(t);
  const client = await open();
  const bytes = `${header}alive n1 4000\n`;
  for (const byte of bytes) client.send(byte);
  t.is(await client.read(), 'ok\n');
  const binary = Buffer.from('0d0a0d0a000d0a515549540a2111000cc6336407cb00710904d211ac', 'hex');
  const other = await open();
  t.is(await other.ask(Buffer.concat([binary, Buffer.from('alive n2 4000\n')])), 'ok\n');
  const console = await server.attach();
  const { rows } = await console.page({});
  t.deepEqual(rows.map(({ address }) => address).toSorted(), [
    '192.0.2.1:4000',
    '198.51.100.7:4000',
  ]);
});

test('access › what does not begin with a header is refused, and says why in the log', async (t) => {
  const { server, open } = await behind(t, { logLevel: 'debug' });
  const client = await open();
  client.send('ping\n');
  t.is(await client.closed, '');
  await server.until(({ counters }) => counters.malformed === 1);
  t.true(server.logged.some(({ msg }) => String(msg).includes('no PROXY protocol header')));
  // A stranger cannot claim to be somebody else.
  t.regex(await exchange(server.port, header, { from: '127.0.0.8' }), /^error malformed /);
});

test('access › a client that is denied is dropped behind a load balancer, too', async (t) => {
  const { server, open } = await behind(t, { deny: ['192.0.2.0/24'] });
  const client = await open();
  client.send(`${header}ping\n`);
  t.is(await client.closed, '');
  t.is((await server.status()).counters.denied, 1);
});

test('access › a load balancer that sees whether the server is alive is answered for itself', async (t) => {
  const { server, open } = await behind(t);
  const client = await open();
  t.regex(await client.ask('PROXY UNKNOWN\r\nping\n'), /^pong /);
  t.is((await server.status()).counters.malformed, 0);
});

test('access › a header that does not come in time is given up, and so is one that is cut off', async (t) => {
  const clock = { now: 0 };
  const server = await startTestServer(t, {
    settings: { proxies: ['127.0.0.9'] },
    monotonic: () => clock.now,
  });
  const open = () => TcpClient.open(server.port, { from: '127.0.0.9' });
  const [late, cut] = [await open(), await open()];
  late.send('PROXY TCP4');
  cut.send('PROXY TCP4');
  cut.end();
  t.is(await cut.closed, '');
  await server.until(({ counters }) => counters.connections === 2);
  clock.now += 11_000;
  t.is(await late.closed, '');
});

test('access › a stop does not wait for a header', async (t) => {
  const { server, open } = await behind(t);
  const client = await open();
  client.send('PROXY ');
  await server.until(({ counters }) => counters.connections === 1);
  await server.close();
  t.is(await client.closed, '');
});
