// Peers that are hostile, broken or misconfigured, over real sockets: each is refused or tolerated, and reported
// with what to do, while the server goes on serving nodes, loses nothing and resurrects nothing.
import test, { type ExecutionContext } from 'ava';
import { encodeChange } from '../../../shared/protocol/sync-message.ts';
import { lookUntil } from '../../fixture/look-until.ts';
import { startTestServer, type TestServer } from '../../fixture/name-server.ts';
import {
  ask,
  batch,
  newsOf,
  peerIp,
  peerUntil,
  RawPeer,
  recordOf,
  replyTo,
  serverIp,
  startWith,
} from '../../fixture/raw-peer.ts';
import { exchange, type TcpClient } from '../../fixture/tcp-client.ts';
import { makeFolder } from '../../fixture/temp-folder.ts';

const yearMs = 365 * 86_400_000;

/** Nodes are still served. */
async function serves(t: ExecutionContext, server: TestServer): Promise<void> {
  t.is(await ask(server, 'alive node 9\n'), 'ok\n');
}

/**
 * A raw peer that welcomes the server, and the connection on which it did. It sends no heartbeats, so it is disconnected
 * after 15 s: tests with one run one by one, that each has this time to itself.
 */
async function welcomed(t: ExecutionContext) {
  const peer: RawPeer = await RawPeer.listen(t, (client) => client.send(peer.welcome(Date.now())));
  const server = await startWith(t, peer);
  const connection = await peer.connection(1);
  await connection.read(2);
  return { peer, server, connection };
}

async function listOf(server: TestServer): Promise<string[]> {
  const list = await ask(server, 'query watcher 65535\n');
  return (list.match(/\b10\.\S+/g) ?? []).toSorted();
}

test('bad peers › a server that is not in NameServers is refused with the reason, and shown', async (t) => {
  const peer = await RawPeer.listen(t);
  const server = await startWith(t, peer);
  const refused = await exchange(server.port, peer.hello(), { host: serverIp, from: '127.0.0.9' });
  const text = 'not in NameServers here; add it to ddns.conf of both name servers';
  t.is(refused, `error not-a-peer 127.0.0.9 is ${text}\n`);
  const console = await server.attach();
  const { activity } = await console.subscribe(() => {});
  t.true(activity.some((each) => each.kind === 'refused' && each.text.endsWith(text)));
  t.is((await server.status()).counters.peersRefused, 1);
  await serves(t, server);
});

test('bad peers › a newer protocol is refused in both directions, and reported once', async (t) => {
  const peer: RawPeer = await RawPeer.listen(t, (client) =>
    client.send(peer.welcome(Date.now()).replace(' 00000002 1 ', ' 00000002 7 ')),
  );
  const server = await startWith(t, peer);
  const trouble = 'speaks sync 7, this one 1; update the older one';
  await peerUntil(server, (each) => each.trouble === trouble);
  const client = await peer.dial(t, server, peer.hello({ protocol: 7 }));
  await client.closed;
  const text = 'sync 7 is not spoken here, only 1; update the older of the two name servers';
  t.is(client.received, `error sync-version ${text}\n`);
  await peer.connection(3);
  t.deepEqual((await newsOf(t, server)).toSorted(), [
    `${peerIp} ${text}`,
    `${peer.address} ${trouble}`,
  ]);
  await serves(t, server);
});

const now = Date.now();
const good = recordOf('10.0.0.1:4000', { ms: now });
const many = Array.from({ length: 500 }, (_, i) =>
  recordOf(`10.1.${i >> 8}.${i & 255}:4000`, { ms: now, nodeId: 'n'.repeat(64) }),
);
const unreadable: [what: string, bytes: string, said: RegExp][] = [
  ['a line over its limit', 'x'.repeat(65_537), /^sent a line of more than 65536 bytes; run/],
  [
    'a batch of too many',
    'changes 2 501\n',
    /^sent a batch of 501 changes, where 500 are allowed; run/,
  ],
  ['a batch of too many bytes', batch(2, ...many), /^sent a batch of more than 65536 bytes; run/],
  [
    'garbage with control characters',
    '\x1b[2J\x07 hello\n',
    /^sent "\\x1b\[2J\\x07 hello" is not a sync message; run the same version of ddnsd on both/,
  ],
  [
    'a message of the other way',
    'welcome raw-peer 00000002 1 1 0\n',
    /^sent "welcome" where it has no place; run the same version of ddnsd on both/,
  ],
];
for (const [what, bytes, said] of unreadable)
  test.serial(`bad peers › ${what} ends the connection, and earlier changes stay`, async (t) => {
    const { peer, server } = await welcomed(t);
    const client = await peer.dial(t, server);
    t.is(await replyTo(client, batch(1, good), 'ack'), 'ack 1\n');
    client.send(bytes);
    await client.closed;
    const news = (await newsOf(t, server)).filter(
      (each) => !each.endsWith(' connected (id raw-peer)'),
    );
    t.is(news.length, 1, news.join('\n'));
    t.regex(news[0]?.slice((news[0]?.indexOf(' ') ?? 0) + 1) ?? '', said);
    t.deepEqual(await listOf(server), [good.address]);
    const again = await peer.dial(t, server);
    t.regex(again.received, / 1\n$/, 'entry 1 is known');
    await serves(t, server);
  });

test('bad peers › a peer that closes without an answer, and one that is no name server, are reported', async (t) => {
  const closing = await RawPeer.listen(t, (client) => client.end());
  const server = await startWith(t, closing);
  const peer = await peerUntil(server, ({ trouble }) => trouble !== null);
  const why =
    'closed the connection instead of answering the greeting; look at the log of ddnsd there';
  t.deepEqual([peer.state, peer.trouble], ['connecting', why]);
  await closing.connection(3);
  t.deepEqual(await newsOf(t, server), [`${closing.address} ${why}`]);

  const other = await RawPeer.listen(t, (client) => client.send('SSH-2.0-server\r\n'));
  const second = await startWith(t, other);
  const { trouble } = await peerUntil(second, (each) => each.trouble !== null);
  t.is(
    trouble,
    'sent "SSH-2.0-server" is not a sync message; run the same version of ddnsd on both, and nothing else on its port',
  );
  for (const each of [server, second]) await serves(t, each);
});

test('bad peers › a peer that falls silent before its greeting or within a batch is disconnected and reported', async (t) => {
  let isAnswering = false;
  const peer: RawPeer = await RawPeer.listen(t, (client) => {
    if (isAnswering) client.send(peer.welcome(Date.now()));
  });
  // With a TTL of a second, 15 heartbeats take 3.75 s.
  const server = await startWith(t, peer, { settings: { ttlMs: 1_000 } });
  const client = await peer.dial(t, server);
  client.send(`changes 2 2\n${encodeChange(good)}`);
  await client.closed;
  const why =
    'was silent for 3.75 s instead of answering the greeting; look at the log of ddnsd there';
  await peerUntil(server, ({ trouble }) => trouble === why);
  t.deepEqual(await listOf(server), [], 'half a batch is not applied');
  isAnswering = true;
  const found = await peerUntil(server, ({ state }) => state === 'alive');
  t.is(found.trouble, null);
  t.deepEqual((await newsOf(t, server)).toSorted(), [
    `${peer.address} connected (id raw-peer)`,
    `${peer.address} ${why}`,
    `${peer.address} was silent for 3.75 s on the connection that it opened; closed`,
  ]);
});

test.serial(
  'bad peers › versions from next year are refused and reported, and do not move the clock',
  async (t) => {
    const { peer, server, connection } = await welcomed(t);
    const client = await peer.dial(t, server);
    const future = recordOf('10.0.0.2:4000', { ms: Date.now() + yearMs });
    t.is(await replyTo(client, batch(1, good, future), 'ack'), 'ack 1\n');
    t.is(await replyTo(client, batch(2, future, future), 'ack'), 'ack 2\n');
    client.send(`repair 1\n${encodeChange(future)}`);
    const { counters } = await server.until((status) => status.counters.changesRefused === 4);
    t.is(counters.changesReceived, 4);
    t.deepEqual(
      (await newsOf(t, server)).filter((each) => each.includes('refused')),
      [
        `${peer.address} 1 record refused: times up to 365 days ahead of this server's clock, at most 60 s is taken; its clock was ahead and is right now: it stamps them anew within seconds, or once its ddnsd is updated`,
      ],
    );
    t.deepEqual(await listOf(server), [good.address]);
    const told = await lookUntil(
      () => /^live 127\.0\.9\.1:.*(?=\n)/m.exec(connection.received)?.[0],
    );
    const ms = Number(told?.split(' ')[6]);
    t.true(Math.abs(ms - Date.now()) < 60_000, `the watcher's version: ${told}`);
  },
);

test.serial('bad peers › a clock that is far off is reported until it is right', async (t) => {
  const peer: RawPeer = await RawPeer.listen(t, (client) =>
    client.send(peer.welcome(Date.now() + 2 * 3_600_000)),
  );
  const server = await startWith(t, peer);
  const ahead =
    "its clock is 2 h ahead of this server's, and over 60 s this one refuses the other's records; set the wrong clock right";
  const { state, clockMs } = await peerUntil(server, ({ trouble }) => trouble === ahead);
  t.is(state, 'alive');
  t.true(Math.abs((clockMs ?? 0) - 2 * 3_600_000) < 5_000);
  const isLogged = (text: string) => () => server.logged.some(({ msg }) => msg === `peer ${text}`);
  await server.until(isLogged(`${peer.address} ${ahead}`));
  const connection = await peer.connection(1);
  const beat = (await connection.read(2)).split('\n')[1]?.split(' ') ?? [];
  t.is(beat[0], 'beat');
  connection.send(`echo ${Date.now()} ${beat[2]}\n`);
  await peerUntil(server, ({ trouble }) => trouble === null);
  const right = `${peer.address} its clock is within 60 s of this server's again`;
  await server.until(isLogged(right));
  const ofClock = (await newsOf(t, server)).filter((text) => text.includes('clock'));
  t.deepEqual(ofClock, [`${peer.address} ${ahead}`, right]);
});

test.serial(
  'bad peers › replayed messages bring no host back, not even in a new epoch',
  async (t) => {
    const { peer, server } = await welcomed(t);
    const gone = { ...good, state: 'gone', version: { ...good.version, counter: 1 } } as const;
    const other = recordOf('10.0.0.3:4000', { ms: now });
    let client = await peer.dial(t, server);
    t.is(await replyTo(client, batch(1, good), 'ack'), 'ack 1\n');
    t.is(await replyTo(client, batch(2, gone), 'ack'), 'ack 2\n');
    client.send(batch(1, good));
    t.is(await replyTo(client, batch(3, other), 'ack'), 'ack 3\n', 'the replay changed nothing');
    t.deepEqual(await listOf(server), [other.address]);

    // As one that was restored from last week's backup, and has numbered anew.
    client = await peer.dial(t, server, peer.hello({ epoch: '0000000d', entry: 1 }));
    t.regex(client.received, / 0\n$/, 'its entries are new');
    t.is(await replyTo(client, batch(1, good), 'ack'), 'ack 1\n');
    const tombstone = await replyTo(client, `repair 1\n${encodeChange(good)}`, 'gone');
    t.is(tombstone, encodeChange(gone), 'the peer gets the tombstone');
    t.deepEqual(await listOf(server), [other.address]);
    const { hosts } = await server.status();
    t.deepEqual([hosts.live, hosts.gone], [2, 1]);
  },
);

test.serial(
  'bad peers › a server whose peer knows later entries begins a new epoch and sends everything again',
  async (t) => {
    const folder = makeFolder(t);
    const before = await startTestServer(t, { folder, settings: { interface: serverIp } });
    for (const request of ['alive a 1\n', 'alive b 2\n', 'leave b 2\n']) await ask(before, request);
    await before.close();

    const peer: RawPeer = await RawPeer.listen(t, (client) =>
      client.send(peer.welcome(Date.now(), peer.dialled.length === 1 ? 50 : 0)),
    );
    const server = await startWith(t, peer, { folder });
    const hellos = [];
    for (const number of [1, 2]) {
      const hello = await (await peer.connection(number)).read();
      hellos.push(hello.split(' '));
    }
    const [first, second] = hellos as [string[], string[]];
    t.not(first[3], second[3], 'another epoch');
    t.deepEqual([first[2], first[8]], [second[2], second[8]], 'the same id, the same log');
    const connection = await peer.connection(2);
    const [changes, a, b] = (await connection.read(5)).split('\n').slice(2);
    t.is(changes, 'changes 3 2');
    t.regex(`${a}`, /^live 127\.0\.9\.1:1 a /);
    t.regex(`${b}`, /^gone 127\.0\.9\.1:2 b /);
    t.deepEqual(await newsOf(t, server), [
      `${peer.address} has entry 50 of this server, which knows 3: its database was restored, so all is sent anew`,
      `${peer.address} connected (id raw-peer)`,
    ]);
    t.regex(await ask(server, 'query a 1\n'), /^end 0 \S+ (full|partial)\n$/);
  },
);

test.serial(
  'bad peers › acknowledgements and opinions that nobody asked for change nothing',
  async (t) => {
    const { server, connection } = await welcomed(t);
    connection.send('ack 999999\nopinion 7 alive\nopinion 7 dead\necho 1 99\n');
    await serves(t, server);
    await peerUntil(server, ({ lag }) => lag === 1);
    connection.send('ack 1\n');
    await peerUntil(server, ({ lag, state }) => lag === 0 && state === 'alive');
    t.regex(connection.received, /\nchanges 1 1\nlive 127\.0\.9\.1:9 node /);
  },
);

test.serial(
  'bad peers › a flood of questions makes the server ping no unregistered host',
  async (t) => {
    const { peer, server } = await welcomed(t);
    const client = await peer.dial(t, server);
    const count = 2_000;
    let questions = '';
    for (let number = 1; number <= count; number++)
      questions += `ask ${number} 127.0.0.1:${number}\n`;
    const answers = await client.ask(questions, count);
    t.is(answers.match(/^opinion \d+ (dead|unknown)$/gm)?.length, count);
    const { counters } = await server.status();
    t.is(counters.pingsSent, 0);
    await serves(t, server);
  },
);

test.serial(
  'bad peers › a peer that does not read is disconnected before it costs much memory',
  async (t) => {
    const { peer, server } = await welcomed(t);
    const client: TcpClient = await peer.dial(t, server);
    t.is(await replyTo(client, batch(1, ...many.slice(0, 250)), 'ack'), 'ack 1\n');
    t.is(await replyTo(client, batch(2, ...many.slice(250)), 'ack'), 'ack 2\n');
    client.socket.pause();
    // Each asks for the hashes of a bucket of which it claims to know nothing.
    const question = `leaves 0 ${'f'.repeat(64 * 16)}\n`.repeat(64);
    const closed = new Promise<void>((resolve) => client.socket.once('close', () => resolve()));
    const feed = () => {
      client.socket.write(question, (error) => {
        if (!error) feed();
      });
    };
    feed();
    const console = await server.attach();
    const text = await new Promise<string>((resolve) => {
      console.subscribe(({ activity }) => {
        const news = activity?.find((each) => each.text.includes('takes nothing'));
        if (news !== undefined) resolve(`${news.address} ${news.text}`);
      });
    });
    t.regex(
      text,
      /^127\.0\.0\.3:\d+ takes nothing of what is sent to it: 16 MiB wait, so the connection was closed; look at its load/,
    );
    client.destroy();
    await closed;
    await serves(t, server);
  },
);

test('bad peers › a peer that greets without end gets a few connections, and other clients get theirs', async (t) => {
  const peer = await RawPeer.listen(t);
  const server = await startWith(t, peer);
  const clients: TcpClient[] = [];
  for (let index = 0; index < 24; index++) {
    const id = index.toString(16).padStart(8, '0');
    clients.push(await peer.dial(t, server, peer.hello().replace(/hello \S+/, `hello ${id}`)));
  }
  const [open, closed] = [clients.slice(-4), clients.slice(0, -4)];
  await Promise.all(closed.map((client) => client.closed));
  t.is(open.filter(({ socket }) => socket.closed || socket.readableEnded).length, 0);
  t.deepEqual(
    (await newsOf(t, server)).filter((news) => news.includes('more connections')),
    [`${peerIp} opens more connections than a name server needs: its oldest was closed`],
  );
  t.is((await server.status()).counters.peersRefused, 20);
  t.is(await ask(server, 'alive node 9\n'), 'ok\n');
});
