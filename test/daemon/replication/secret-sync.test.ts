// Two name servers and their secrets: with the same one they keep one list and nothing of it travels
// in the clear; with different ones, or just one, they keep apart and each says why. A secret is in
// no log, no status and no message.
import { createServer } from 'node:net';
import ava, { type ExecutionContext } from 'ava';
import { parseFleet } from '../../../shared/config/fleet.ts';
import { Secret } from '../../../shared/config/secret.ts';
import type { Settings } from '../../../shared/config/settings.ts';
import type { PeerStatus } from '../../../shared/ipc/status-contract.ts';
import { freePort } from '../../fixture/free-port.ts';
import { startTestServer, type TestServer } from '../../fixture/name-server.ts';
import { NatsServer, natsTest } from '../../fixture/nats-server.ts';
import { exchange, TcpClient } from '../../fixture/tcp-client.ts';
import { connectedSocket, openTls } from '../../fixture/tls-client.ts';

const word = 'Zq8#vT2!pL6w';
const secret = new Secret(`${word}-${word}`);
const otherSecret = new Secret(`${word}+${word}`);

const [a, b, c, d] = ['127.0.0.2', '127.0.0.3', '127.0.0.4', '127.0.0.5'] as const;

function start(
  t: ExecutionContext,
  port: number,
  ip: string,
  settings: Partial<Settings>,
): Promise<TestServer> {
  return startTestServer(t, {
    settings: { interface: ip, port, logLevel: 'trace', ...settings },
  });
}

/** Two that name each other. */
async function startTwo(t: ExecutionContext, first: Secret | null, second: Secret | null) {
  const port = await freePort();
  return {
    port,
    servers: [
      await start(t, port, a, { nameServers: [`${b}:${port}`], secret: first }),
      await start(t, port, b, { nameServers: [`${a}:${port}`], secret: second }),
    ] as const,
  };
}

async function peerOf(server: TestServer, isSo: (peer: PeerStatus) => boolean) {
  const isReached = ({ peers }: { peers: PeerStatus[] }) => peers.some(isSo);
  const { peers } = await server.until(isReached);
  return peers[0] as PeerStatus;
}

function warnings(server: TestServer): unknown[] {
  return server.logged.filter(({ level }) => level === 'warn').map(({ msg }) => msg);
}

async function shown(server: TestServer): Promise<string[]> {
  const console = await server.attach();
  const { activity } = await console.subscribe(() => {});
  return activity.map(({ kind, address, text }) => `${kind} ${address} ${text}`);
}

/** Everything that a server has said, to the log and to consoles. */
async function everything(server: TestServer): Promise<string> {
  const said = [await server.status(), await shown(server), server.logged];
  return JSON.stringify(said);
}

/** Forwards to `to` from `from`, keeping all that passes. */
async function startProxy(t: ExecutionContext, at: string, port: number, from: string, to: string) {
  const passed: Buffer[] = [];
  const proxy = createServer(async (near) => {
    near.on('error', () => {});
    near.pause();
    const far = await connectedSocket(port, { host: to, from });
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on('data', (chunk) => {
        passed.push(chunk);
        other.write(chunk);
      });
      one.on('close', () => other.destroy());
    }
    near.resume();
    t.teardown(() => far.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(port, at, resolve));
  t.teardown(() => proxy.close());
  return { passed: () => Buffer.concat(passed) };
}

/** Two servers that meet over something in between, which keeps all that passes. */
interface Between {
  servers: readonly [TestServer, TestServer];
  passed(): Buffer;
}

/** Each knows the other by the address of the one in between. */
async function betweenDials(t: ExecutionContext, port: number, settings: Partial<Settings>) {
  const proxy = await startProxy(t, c, port, d, a);
  const back = await startProxy(t, d, port, c, b);
  const first = await start(t, port, a, { ...settings, nameServers: [`${d}:${port}`] });
  const second = await start(t, port, b, { ...settings, nameServers: [`${c}:${port}`] });
  const passed = () => Buffer.concat([proxy.passed(), back.passed()]);
  return { servers: [first, second], passed } as Between;
}

/** Somebody else on the same NATS listens to everything. */
async function betweenNats(t: ExecutionContext, port: number, settings: Partial<Settings>) {
  const nats = await NatsServer.start(t);
  const listener = await connectedSocket(nats.port);
  t.teardown(() => listener.destroy());
  const passed: Buffer[] = [];
  listener.on('data', (chunk) => passed.push(chunk));
  listener.write('CONNECT {"verbose":false}\r\nSUB > 1\r\n');
  const all = { ...settings, fleet: parseFleet(nats.url) };
  const first = await start(t, port, a, all);
  const second = await start(t, port, b, all);
  return { servers: [first, second], passed: () => Buffer.concat(passed) } as Between;
}

const inTheClear = 'set the same Secret in ddns.conf of every name server';

for (const { over, test, between, words, warning } of [
  {
    ...{ over: '', test: ava.serial, between: betweenDials, words: ['sync hello', 'beat '] },
    warning: `sync is neither encrypted nor authenticated: it is accepted from the addresses in NameServers; ${inTheClear}`,
  },
  {
    ...{ over: ' over NATS', test: natsTest, between: betweenNats, words: ['pulse '] },
    warning: `sync over NATS is neither encrypted nor authenticated: whoever may use these subjects there can read and change it; ${inTheClear}`,
  },
])
  for (const isSecret of [true, false])
    test(`secret${over} › between two servers with ${isSecret ? 'the same secret nothing is sent in the clear' : 'no secret everything is'}`, async (t) => {
      const port = await freePort();
      const { servers, passed } = await between(t, port, { secret: isSecret ? secret : null });
      for (const server of servers) {
        const peer = await peerOf(server, ({ encrypted }) => encrypted !== null);
        t.deepEqual([peer.state, peer.encrypted, peer.trouble], ['alive', isSecret, null]);
      }
      const [first, second] = servers;
      await exchange(port, 'alive visible-node 4711\n', { host: b, from: '127.0.9.1' });
      await first.until(({ hosts }) => hosts.live === 1);
      await exchange(port, 'alive other-node 4712\n', { host: a, from: '127.0.9.2' });
      await second.until(({ hosts }) => hosts.live === 2);
      const text = passed().toString('latin1');
      t.true(text.length > 500);
      for (const clear of [...words, 'visible-node', '127.0.9.1:4711', 'other-node'])
        t.is(text.includes(clear), !isSecret, clear);
      t.deepEqual(warnings(first), isSecret ? [] : [warning]);
      for (const server of servers) t.false((await everything(server)).includes(word));
    });

ava(
  'secret › with different secrets neither server is accepted, and both report it once',
  async (t) => {
    const { port, servers } = await startTwo(t, secret, otherSecret);
    await exchange(port, 'alive node 4000\n', { host: a, from: '127.0.9.1' });
    const differs = 'the Secret differs; set the same one in ddns.conf of both name servers';
    for (const [index, server] of servers.entries()) {
      const ip = index === 0 ? b : a;
      const peer = await peerOf(server, ({ trouble }) => trouble !== null);
      t.deepEqual(
        { ...peer },
        {
          ...peer,
          id: null,
          state: 'connecting',
          encrypted: null,
          trouble: `refuses the TLS handshake: ${differs}`,
        },
      );
      // It has been dialled again and again by then.
      await server.until(({ counters }) => counters.peersRefused >= 3);
      const mine = warnings(server).filter((msg) => !String(msg).startsWith('requests failed:'));
      t.deepEqual(mine.toSorted(), [
        `peer ${ip} is refused: ${differs}`,
        `peer ${ip}:${port} refuses the TLS handshake: ${differs}`,
      ]);
      t.deepEqual((await shown(server)).filter((line) => line.startsWith('peer')).toSorted(), [
        `peer ${ip} is refused: ${differs}`,
        `peer ${ip}:${port} refuses the TLS handshake: ${differs}`,
      ]);
      t.false((await everything(server)).includes(word));
    }
    t.is((await servers[1].status()).hosts.live, 0);
  },
);

ava(
  'secret › a server with a secret and one without refuse each other, and each reports what to do',
  async (t) => {
    const { port, servers } = await startTwo(t, secret, null);
    await exchange(port, 'alive node 4000\n', { host: a, from: '127.0.9.1' });
    await exchange(port, 'alive node 4001\n', { host: b, from: '127.0.9.1' });
    const [first, second] = servers;
    const none = await peerOf(first, ({ trouble }) => trouble !== null);
    t.is(none.trouble, 'does not speak TLS: it has no Secret set; set the same one there');
    const must =
      'sync must be encrypted here: set the same Secret in ddns.conf of both name servers';
    const one = await peerOf(second, ({ trouble }) => trouble !== null);
    t.is(one.trouble, must);
    t.true((await shown(first)).includes(`refused ${b} not-a-peer: ${must}`));
    t.true(warnings(first).includes(`peer ${b}:${port} ${none.trouble}`));
    t.true(warnings(second).includes(`peer ${a}:${port} ${must}`));
    await first.until(({ counters }) => counters.peersRefused >= 2);
    await second.until(({ counters }) => counters.malformed >= 2);
    for (const server of servers) {
      const { hosts } = await server.status();
      t.is(hosts.live, 1);
      t.false((await everything(server)).includes(word));
    }
  },
);

ava('secret › both connect as soon as the second one has the secret, too', async (t) => {
  const { port, servers } = await startTwo(t, secret, otherSecret);
  const [first, second] = servers;
  await peerOf(first, ({ trouble }) => trouble !== null);
  await second.close();
  await start(t, port, b, { nameServers: [`${a}:${port}`], secret });
  const peer = await peerOf(first, ({ encrypted }) => encrypted !== null);
  t.deepEqual([peer.state, peer.trouble, peer.encrypted], ['alive', null, true]);
});

const hello = 'sync hello stranger 01234567 89abcdef 1 1 127.0.0.9:1 0\n';

ava('secret › a server with a secret refuses sync outside TLS from any address', async (t) => {
  const port = await freePort();
  const server = await start(t, port, a, { nameServers: [`${b}:${port}`], secret });
  for (const from of [b, '127.0.0.9'])
    t.is(
      await exchange(port, hello, { host: a, from }),
      'error not-a-peer sync must be encrypted here: set the same Secret in ddns.conf of both name servers\n',
    );
  const { counters } = await server.status();
  t.is(counters.peersRefused, 2);
});

ava('secret › inside TLS, sync of a named server is accepted from any address', async (t) => {
  const port = await freePort();
  await start(t, port, a, { nameServers: ['127.0.0.9:1'], secret });
  const client = await openTls(port, secret.reveal(), { host: a, from: d });
  t.regex(await client.ask(hello), /^welcome \S+ [0-9a-f]{8} \d+ \d+ 0\n$/);
});

ava(
  'secret › a server that has the secret and is not named is refused, and learns why',
  async (t) => {
    const port = await freePort();
    const server = await start(t, port, a, { secret });
    const joining = await start(t, port, b, { nameServers: [`${a}:${port}`], secret });
    await exchange(port, 'alive node 4000\n', { host: b, from: '127.0.9.1' });
    const { trouble } = await peerOf(joining, (peer) => peer.trouble !== null);
    const text = `${b}:${port} is not in NameServers here; add it to ddns.conf of both name servers`;
    t.is(trouble, text);
    t.true((await shown(server)).includes(`refused ${b} not-a-peer: ${text}`));
    const { hosts, counters } = await server.status();
    t.is(hosts.live, 0);
    t.true(counters.peersRefused > 0);
  },
);

ava(
  'secret › a peer that is silent after the handshake is closed, and its place is free again',
  async (t) => {
    const port = await freePort();
    const server = await start(t, port, a, { nameServers: ['127.0.0.9:1'], secret, ttlMs: 1_000 });
    const client = await openTls(port, secret.reveal(), { host: a });
    await client.ask(hello);
    // The connection of a peer is no client's.
    await server.until(({ connections }) => connections.open === 0);
    // Silent for 15 heartbeats.
    t.regex(await client.closed, /^welcome /);
  },
);

ava(
  'secret › a client that begins TLS with a server without a secret gets the reason',
  async (t) => {
    const server = await startTestServer(t);
    const client = await TcpClient.open(server.port);
    client.send(Buffer.from([0x16, 3, 1, 0, 5]));
    t.is(
      await client.closed,
      'error malformed no dialect begins with byte 0x16; send a request such as: ping\n',
    );
  },
);
