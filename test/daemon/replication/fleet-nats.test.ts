// Name servers that meet over NATS, as processes, with the nats-server of the system: nobody is told of anybody. What
// may happen to them and to NATS happens here; what is the same over both transports is in fleet.test.ts.
import type { ExecutionContext } from 'ava';
import { freePort } from '../../fixture/free-port.ts';
import { NatsServer, natsTest as test } from '../../fixture/nats-server.ts';
import { TcpClient } from '../../fixture/tcp-client.ts';
import { areAlive, Daemons } from '../daemons.ts';

const ips = ['127.0.0.2', '127.0.0.3', '127.0.0.4', '127.0.0.5'] as const;
const secretLine = 'Secret=correct horse battery staple';

/** Heartbeats of 250 ms: a peer that is silent shows after seconds. */
const quickLine = 'TTL=15m';

interface Meeting {
  nats: NatsServer;
  fleet: Daemons;
}

async function meet(
  t: ExecutionContext,
  count: number,
  lines: readonly string[],
  ofNats: readonly string[] = [],
): Promise<Meeting> {
  t.timeout(180_000);
  const nats = await NatsServer.start(t, ofNats);
  const fleet = await Daemons.prepare(t, ips.slice(0, 4), [`Fleet=${nats.url}`, ...lines]);
  for (let index = 0; index < count; index++) await fleet.start(index);
  for (let index = 0; index < count; index++)
    await fleet.peersUntil(index, (peers) => areAlive(count - 1)(peers) && peers.every(isWell));
  return { nats, fleet };
}

const isWell = ({ encrypted, trouble }: { encrypted: boolean | null; trouble: string | null }) =>
  encrypted !== null && trouble === null;

/** Registers hosts at one server, over one connection. */
async function register(fleet: Daemons, index: number, count: number, from = '127.0.9.1') {
  const client = await TcpClient.open(fleet.port, { from, host: ips[index] as string });
  let requests = '';
  for (let port = 1; port <= count; port++) requests += `alive node-${port} ${port}\n`;
  const answered = new Promise<void>((resolve) => {
    client.socket.on('data', () => {
      if (client.received.length >= count * 'ok\n'.length) resolve();
    });
  });
  client.send(requests);
  await answered;
  client.socket.destroy();
}

test('fleet over NATS › a change goes to NATS once, whatever the number of servers', async (t) => {
  const monitor = await freePort();
  const { fleet } = await meet(t, 4, [secretLine], [`http: 127.0.0.1:${monitor}`]);
  const traffic = async (): Promise<{ in_bytes: number; out_bytes: number }> =>
    (await (await fetch(`http://127.0.0.1:${monitor}/varz`)).json()) as never;
  const count = 3_000;
  const before = await traffic();
  await register(fleet, 0, count);
  for (const index of [1, 2, 3]) await fleet.hostsUntil(index, count);
  const after = await traffic();
  // A record has about 120 bytes; heartbeats, and a comparison that may fall into it, are the rest.
  const [into, out] = [after.in_bytes - before.in_bytes, after.out_bytes - before.out_bytes];
  t.true(into > count * 90 && into < count * 200, `${into} bytes to NATS`);
  t.true(out > 2.5 * into, `${out} bytes from NATS`);
});

test('fleet over NATS › while NATS is gone nodes are served and its loss is shown; afterwards the servers catch up', async (t) => {
  const { nats, fleet } = await meet(t, 2, [secretLine, quickLine]);
  await nats.end();
  for (const index of [0, 1]) {
    const { peers, counters } = await fleet.peersUntil(
      index,
      ([peer]) => peer?.trouble != null && peer.state !== 'alive',
    );
    t.regex(peers[0]?.trouble ?? '', /^NATS is not reached at nats:\/\/127\.0\.0\.1:\d+: /);
    t.is(counters.fleetLost, 1);
    await register(fleet, index, 50, `127.0.9.${index + 1}`);
  }
  t.is((await fleet.hosts(0)).size, 50);
  await nats.start();
  for (const index of [0, 1]) {
    await fleet.hostsUntil(index, 100);
    await fleet.peersUntil(index, (peers) => areAlive(1)(peers) && peers.every(isWell));
  }
});

test('fleet over NATS › a NATS that stands still is noticed, and what was missed comes when it goes on', async (t) => {
  const { nats, fleet } = await meet(t, 2, [secretLine, quickLine]);
  nats.stop();
  await register(fleet, 0, 50);
  for (const index of [0, 1])
    await fleet.peersUntil(index, ([peer]) => peer?.state === 'down' && peer.trouble !== null);
  nats.continue();
  await fleet.hostsUntil(1, 50);
  for (const index of [0, 1])
    await fleet.peersUntil(index, (peers) => areAlive(1)(peers) && peers.every(isWell));
  t.pass();
});

test('fleet over NATS › a server that takes nothing for a while holds up nobody, and catches up', async (t) => {
  const { fleet } = await meet(t, 3, [secretLine, quickLine]);
  fleet.signal(2, 'SIGSTOP');
  await fleet.peersUntil(0, (peers) => peers.some(({ state }) => state === 'down'));
  await register(fleet, 0, 2_000);
  await fleet.hostsUntil(1, 2_000);
  fleet.signal(2, 'SIGCONT');
  await fleet.hostsUntil(2, 2_000);
  const { peers } = await fleet.peersUntil(0, (each) => areAlive(2)(each) && each.every(isWell));
  t.is(peers.length, 2);
});

test('fleet over NATS › a server with another Secret, and one without, are reported by name and get nothing', async (t) => {
  const { fleet, nats } = await meet(t, 1, [secretLine]);
  await register(fleet, 0, 10);
  for (const [index, line, there, here] of [
    [
      1,
      'Secret=correct horse battery stable',
      'the Secret differs; set the same one',
      'the Secret differs; set the same one',
    ],
    [
      2,
      'LogLevel=info',
      'without a Secret; set the same one',
      'with a Secret, and there is none here; set the same one',
    ],
  ] as const) {
    await fleet.configure(index, [`Fleet=${nats.url}`, line]);
    const other = await fleet.start(index);
    const {
      server: { id },
    } = await (await fleet.attach(index)).status();
    await fleet.line(
      0,
      new RegExp(`peer ${id} announces itself over NATS.* ${there} in ddns\\.conf`),
    );
    await other.line(new RegExp(`peer \\S+ announces itself over NATS.* ${here} in ddns\\.conf`));
    t.is((await fleet.hosts(index)).size, 0);
    const { peers, counters } = await (await fleet.attach(0)).status();
    t.is(peers.length, 0);
    t.is(counters.peersRefused, index);
    await fleet.kill(index);
  }
});

test('fleet over NATS › servers that name each other keep their connections, and meet a third over NATS', async (t) => {
  const nats = await NatsServer.start(t);
  t.timeout(180_000);
  const fleet = await Daemons.prepare(t, ips.slice(0, 3));
  const named = [0, 1].map((index) => `${ips[index]}:${fleet.port}`);
  const lines = [`Fleet=${nats.url}`, secretLine, `NameServers=${named.join(' ')}`];
  for (const index of [0, 1]) await fleet.configure(index, lines);
  await fleet.configure(2, lines.slice(0, 2));
  for (const index of [0, 1, 2]) await fleet.start(index);
  for (const index of [0, 1, 2])
    await fleet.peersUntil(index, (peers) => areAlive(2)(peers) && peers.every(isWell));
  await nats.end();
  // The two do without NATS.
  await register(fleet, 0, 20);
  await fleet.hostsUntil(1, 20);
  t.is((await fleet.hosts(2)).size, 0);
  await nats.start();
  await fleet.hostsUntil(2, 20);
  // Without the names they are found like any other.
  for (const index of [0, 1]) {
    await fleet.configure(index, lines.slice(0, 2));
    fleet.signal(index, 'SIGHUP');
    await fleet.line(index, /"NameServers"|NameServers/);
  }
  for (const index of [0, 1])
    await fleet.peersUntil(index, (peers) => areAlive(2)(peers) && peers.every(isWell));
  await register(fleet, 0, 20, '127.0.9.2');
  for (const index of [1, 2]) await fleet.hostsUntil(index, 40);
});

test('fleet over NATS › a login is needed where NATS asks for one, and is read anew each time', async (t) => {
  t.timeout(180_000);
  const nats = await NatsServer.start(t, ['authorization { user: ddns, password: "ab" }']);
  const fleet = await Daemons.prepare(t, ips.slice(0, 2), [
    `Fleet=${nats.url}`,
    secretLine,
    'NatsCredentials=login',
  ]);
  await fleet.write(0, 'login', 'ddns wrong\n');
  await fleet.write(1, 'login', 'ddns ab\n');
  const first = await fleet.start(0);
  await first.line(/NATS is not reached at nats:\/\/\S+: .*authorization/);
  await fleet.start(1);
  await fleet.write(0, 'login', 'ddns ab\n');
  await fleet.peersUntil(0, areAlive(1));
  t.pass();
});
