// Whatever comes in is answered with an error line or a close, is counted, and keeps nobody else
// from being served.
import test from 'ava';
import { startTestServer } from '../../fixture/name-server.ts';
import { exchange, sendAndWait, TcpClient } from '../../fixture/tcp-client.ts';

const noDialect = (byte: string) =>
  `error malformed no dialect begins with byte 0x${byte}; send a request such as: ping\n`;
const nodeIds = "must be 1 to 64 letters, digits, '.', '_' or '-'";

const refused: [what: string, sent: string | Buffer, reply: string][] = [
  ['control characters', Buffer.alloc(10_000, 3), noDialect('03')],
  ['bytes that are no text', Buffer.alloc(10_000, 0xfe), noDialect('fe')],
  ['a TLS handshake', Buffer.from([0x16, 0x03, 0x01, 0x00, 0x05]), noDialect('16')],
  ['an empty line', '\n', noDialect('0a')],
  [
    'letters and NULs',
    'ping\0\0\n',
    String.raw`error malformed "ping\x00\x00" is not a request; must be have, query, alive, leave or ping, in lower case`,
  ],
  ['an endless line', 'a'.repeat(200_000), 'error too-long a line of more than 65536 bytes\n'],
  ['100 KB of digits', '1'.repeat(100_000), ''],
  ['port 0', 'query a 0\n', 'error bad-port port "0": must be 1 to 65535\n'],
  ['port 65536', 'alive a 65536\n', 'error bad-port port "65536": must be 1 to 65535\n'],
  [
    'a node id with quotes',
    `query ");DROP/*'*/ 4000\n`,
    `error bad-node-id node id "");DROP/*'*/": ${nodeIds}\n`,
  ],
  [
    'a node id with control characters',
    'query \x1b[2J\x07 4000\n',
    String.raw`error bad-node-id node id "\x1b[2J\x07": ` + nodeIds,
  ],
  [
    'a request of another protocol',
    'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
    'error malformed "GET" is not a request; must be have, query, alive, leave or ping, in lower case\n',
  ],
  [
    'what only name servers say',
    'sync 1\n',
    'error not-a-peer 127.0.0.1 is not in NameServers here; add it to ddns.conf of both name servers\n',
  ],
];

for (const [what, sent, reply] of refused)
  test(`bad input › ${what}: refused, counted and shown, and other clients are served`, async (t) => {
    const server = await startTestServer(t);
    const other = await TcpClient.open(server.port);
    const pong = await other.ask('ping\n');
    const refusal = await sendAndWait(server.port, sent);
    t.is(refusal.trimEnd(), reply.trimEnd());
    t.is(await other.ask('ping\n'), pong);
    const { counters, hosts } = await server.status();
    t.deepEqual([counters.malformed, hosts.live], [1, 0]);
    const console = await server.attach();
    const { activity } = await console.subscribe(() => {});
    t.deepEqual(
      activity.map(({ kind, address }) => [kind, address]),
      [['refused', '127.0.0.1']],
    );
    // Nothing from the network reaches a terminal as it is.
    t.notRegex(activity[0]?.text ?? '', /[\u0000-\u001f\u007f-\u009f]/);
  });

test('bad input › requests before an error are answered, requests after it are not', async (t) => {
  const { port, status } = await startTestServer(t);
  t.regex(
    await exchange(port, 'ping\nalive a 4000\nalive a 0\nalive b 4001\n'),
    /^pong \S+\nok\nerror bad-port .+\n$/,
  );
  t.is((await status()).hosts.live, 1);
});

test('bad input › a client that vanishes in the middle of its reply is counted', async (t) => {
  const server = await startTestServer(t, { settings: { maxHosts: 110_000 } });
  const requests = Array.from({ length: 50_000 }, (_, index) => `alive n ${index + 1}\n`);
  await exchange(server.port, requests.join(''), { from: '127.0.0.2' });
  const client = await TcpClient.open(server.port);
  client.socket.pause();
  client.send('query a 1\n'.repeat(20));
  await server.until(({ counters }) => counters.queries === 20);
  client.destroy();
  const { counters, connections } = await server.until(({ counters }) => counters.aborted > 0);
  t.deepEqual([counters.aborted, counters.malformed, connections.open], [1, 0, 0]);
  t.regex(await exchange(server.port, 'ping\n'), /^pong /);
});

test('bad input › a client that vanishes in the middle of its request leaves nothing behind', async (t) => {
  const server = await startTestServer(t);
  for (const half of ['q', 'have 10.0.0.1:1\nquery', '1/', '1/x/4000;10.0.0.1:1;']) {
    const client = await TcpClient.open(server.port);
    client.send(half);
    await server.until(({ backlog }) => backlog.current === 1);
    client.destroy();
    await server.until(({ backlog, connections }) => backlog.current + connections.open === 0);
  }
  t.is((await server.status()).hosts.live, 0);
});

test('bad input › refused requests are summed up in the log', async (t) => {
  const server = await startTestServer(t);
  await exchange(server.port, 'nonsense\n');
  await server.until(() => server.logged.some(({ level }) => level === 'warn'));
  const { malformed, msg } = server.logged.find(({ level }) => level === 'warn') ?? {};
  t.deepEqual({ malformed, msg }, { malformed: 1, msg: 'requests failed: 1 malformed' });
});
