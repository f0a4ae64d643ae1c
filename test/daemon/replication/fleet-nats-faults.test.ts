// What users of NATS and its clients reported of their own programs, tried on name servers with the nats-server of the
// system: limits that change while it runs, subjects and users that are not allowed, clusters and leaves that lose a server,
// a clone, a server in the place of another.
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { freePort } from '../../fixture/free-port.ts';
import { lookUntil } from '../../fixture/look-until.ts';
import { NatsServer, natsTest as test } from '../../fixture/nats-server.ts';
import { exchange, TcpClient } from '../../fixture/tcp-client.ts';
import { areAlive, Daemons } from '../daemons.ts';

const ips = ['127.0.0.2', '127.0.0.3', '127.0.0.4'] as const;
const secretLine = 'Secret=correct horse battery staple';

async function register(fleet: Daemons, index: number, count: number, from = '127.0.9.1') {
  const client = await TcpClient.open(fleet.port, { from, host: ips[index] as string });
  let requests = '';
  for (let port = 1; port <= count; port++) requests += `alive node-${port} ${port}\n`;
  await client.ask(requests, count);
  client.destroy();
}

async function meet(fleet: Daemons, count: number): Promise<void> {
  for (let index = 0; index < count; index++) await fleet.start(index);
  for (let index = 0; index < count; index++) await fleet.peersUntil(index, areAlive(count - 1));
}

test('fleet over NATS, faults › a max_payload that shrinks while it runs costs a connection, and no change', async (t) => {
  t.timeout(180_000);
  const nats = await NatsServer.start(t);
  const fleet = await Daemons.prepare(t, ips.slice(0, 2), [`Fleet=${nats.url}`, secretLine]);
  await meet(fleet, 2);
  nats.reload(['max_payload: 4096']);
  // Far more in one batch than fits into a message now.
  for (const round of [1, 2, 3]) await register(fleet, 0, 500, `127.0.9.${round}`);
  await fleet.hostsUntil(1, 1_500);
  t.pass();
});

test('fleet over NATS, faults › subjects that are not allowed are named once, and changes take the ways that are', async (t) => {
  t.timeout(180_000);
  const allowed = '["ddns.dynamo.announce.>", "ddns.dynamo.link.>"]';
  const nats = await NatsServer.start(t, [
    `authorization { users: [ { user: ddns, password: "ab", permissions: { publish: ${allowed}, subscribe: "ddns.dynamo.>" } } ] }`,
  ]);
  const fleet = await Daemons.prepare(t, ips.slice(0, 2), [
    `Fleet=${nats.url}`,
    secretLine,
    'TTL=15m',
    'NatsCredentials=login',
  ]);
  for (const index of [0, 1]) await fleet.write(index, 'login', 'ddns ab\n');
  const first = await fleet.start(0);
  await first.line(
    /NATS refuses: .*permissions violation for publish to .{0,2}ddns\.dynamo\.news/i,
  );
  await fleet.start(1);
  await fleet.peersUntil(0, areAlive(1));
  await register(fleet, 0, 20);
  await fleet.hostsUntil(1, 20);
  await fleet.kill(0, 'SIGTERM');
  const told = (await first.ended).stdout.split('\n').filter((line) => /NATS refuses/.test(line));
  t.is(told.length, 1, told.join('\n'));
});

test('fleet over NATS, faults › when one server of a cluster dies, the fleet meets at the other', async (t) => {
  t.timeout(180_000);
  const routes = [await freePort(), await freePort()];
  const cluster = (index: number) =>
    `cluster { name: c, listen: "127.0.0.1:${routes[index]}", routes: [ ${routes
      .map((port) => `"nats://127.0.0.1:${port}"`)
      .join(', ')} ] }`;
  const [one, two] = [
    await NatsServer.start(t, [cluster(0)]),
    await NatsServer.start(t, [cluster(1)]),
  ];
  const both = `Fleet=${one.url},127.0.0.1:${two.port}`;
  const fleet = await Daemons.prepare(t, ips.slice(0, 2), [both, secretLine]);
  await meet(fleet, 2);
  await register(fleet, 0, 20);
  await fleet.hostsUntil(1, 20);
  await one.end();
  await register(fleet, 1, 20, '127.0.9.2');
  await fleet.hostsUntil(0, 40);
  for (const index of [0, 1]) await fleet.peersUntil(index, areAlive(1));
  t.pass();
});

/** A server at the near end and one at the far end of some servers of NATS, of which each is a leaf of the next. */
async function meetAcross(t: ExecutionContext, count: number) {
  t.timeout(180_000);
  const ports = await Promise.all(Array.from({ length: count }, () => freePort()));
  const chain: NatsServer[] = [];
  // A leaf dials, so the last one is there first.
  for (const [index, port] of [...ports.entries()].reverse()) {
    const next = ports[index + 1];
    const remotes =
      next === undefined
        ? ''
        : `, reconnect: 1, remotes: [ { url: "nats-leaf://127.0.0.1:${next}" } ]`;
    chain.unshift(
      await NatsServer.start(t, [`leafnodes { listen: "127.0.0.1:${port}"${remotes} }`]),
    );
  }
  const fleet = await Daemons.prepare(t, ips.slice(0, 2));
  for (const [index, nats] of [chain[0], chain.at(-1)].entries())
    await fleet.configure(index, [`Fleet=${nats?.url}`, secretLine, 'TTL=15m']);
  await meet(fleet, 2);
  return { chain, fleet };
}

/** What each server has been told reaches the other one, and they see each other. */
async function exchangeAgain(fleet: Daemons, round: number): Promise<void> {
  for (const index of [0, 1]) await register(fleet, index, 10, `127.0.9.${2 * round + index}`);
  for (const index of [0, 1]) await fleet.hostsUntil(index, 20 * round);
  for (const index of [0, 1]) await fleet.peersUntil(index, areAlive(1));
}

test('fleet over NATS, faults › servers at a leaf meet those at its hub again, however often the hub is killed', async (t) => {
  const { chain, fleet } = await meetAcross(t, 2);
  for (const round of [1, 2, 3]) {
    await chain[1]?.end();
    await chain[1]?.start();
    await exchangeAgain(fleet, round);
  }
  const { activity } = await (await fleet.attach(0)).subscribe(() => {});
  const refusals = activity.filter(({ text }) => /greeting/.test(text));
  t.deepEqual(refusals, [], 'a link that broke with NATS is no fault of the peer');
});

test('fleet over NATS, faults › over a chain of leaves servers meet again when either end was killed', async (t) => {
  const { chain, fleet } = await meetAcross(t, 3);
  for (const [index, nats] of [chain[2], chain[0]].entries()) {
    await nats?.end();
    await nats?.start();
    await exchangeAgain(fleet, index + 1);
  }
  t.pass();
});

test('fleet over NATS, faults › more servers than NATS takes connections say so, and come in when there is room', async (t) => {
  t.timeout(180_000);
  const nats = await NatsServer.start(t, ['max_connections: 2']);
  const fleet = await Daemons.prepare(t, ips, [`Fleet=${nats.url}`, secretLine]);
  await meet(fleet, 2);
  await fleet.start(2);
  t.regex(await fleet.line(2, /NATS is not reached/), /such as a limit of connections/);
  await register(fleet, 2, 10);
  nats.reload(['max_connections: 3']);
  for (const index of [0, 1, 2]) await fleet.hostsUntil(index, 10);
});

test('fleet over NATS, faults › a user that NATS drops is named as the reason, and comes back when it is there again', async (t) => {
  t.timeout(180_000);
  const user = (name: string) => [`authorization { users: [ { user: ${name}, password: "ab" } ] }`];
  const nats = await NatsServer.start(t, user('ddns'));
  const lines = [`Fleet=${nats.url}`, secretLine, 'NatsCredentials=login'];
  const fleet = await Daemons.prepare(t, ips.slice(0, 2), lines);
  for (const index of [0, 1]) await fleet.write(index, 'login', 'ddns ab\n');
  await meet(fleet, 2);
  nats.reload(user('other'));
  // NATS closes without a word, and says why to whoever comes again.
  await fleet.line(0, /NATS is not reached at .*authorization violation/);
  await register(fleet, 0, 10);
  nats.reload(user('ddns'));
  await fleet.hostsUntil(1, 10);
  for (const index of [0, 1]) await fleet.peersUntil(index, areAlive(1));
  t.pass();
});

test('fleet over NATS, faults › a NATS that ends each connection for what is said on it is reported once for each reason', async (t) => {
  t.timeout(180_000);
  // Shorter than the line of any message that goes to one server.
  const nats = await NatsServer.start(t, ['max_control_line: 96']);
  const fleet = await Daemons.prepare(t, ips.slice(0, 1), [`Fleet=${nats.url}`, secretLine]);
  const { ended } = await fleet.start(0);
  const tries = () => nats.logged.filter((line) => /maximum control line/i.test(line)).length;
  await lookUntil(tries, (count) => count >= 4);
  await fleet.kill(0, 'SIGTERM');
  const told = (await ended).stdout.split('\n').filter((line) => /"msg":"(NATS|meets)/.test(line));
  const reasons = told.map((line) => (JSON.parse(line) as { msg: string }).msg);
  // What NATS says last can be lost with the connection.
  t.true(
    reasons.some((each) => /maximum control line exceeded|its log says why/.test(each)),
    told.join('\n'),
  );
  t.is(reasons.length, new Set(reasons).size, told.join('\n'));
});

test('fleet over NATS, faults › servers that start before NATS have all hosts once it is there', async (t) => {
  t.timeout(180_000);
  const nats = await NatsServer.start(t);
  await nats.end();
  const fleet = await Daemons.prepare(t, ips, [`Fleet=${nats.url}`, secretLine]);
  for (const index of [0, 1, 2]) {
    await fleet.start(index);
    await register(fleet, index, 10, `127.0.9.${index + 1}`);
  }
  await nats.start();
  for (const index of [0, 1, 2]) await fleet.hostsUntil(index, 30);
  for (const index of [0, 1, 2]) await fleet.peersUntil(index, areAlive(2));
  t.pass();
});

test('fleet over NATS, faults › fleets of two names on one NATS do not meet', async (t) => {
  t.timeout(180_000);
  const nats = await NatsServer.start(t);
  const fleet = await Daemons.prepare(t, ips);
  for (const [index, name] of ['one', 'two', 'one'].entries())
    await fleet.configure(index, [`Fleet=${nats.url}/${name}`, secretLine]);
  for (const index of [0, 1, 2]) await fleet.start(index);
  await register(fleet, 1, 10, '127.0.9.2');
  await register(fleet, 0, 10);
  for (const index of [0, 2]) await fleet.peersUntil(index, areAlive(1));
  await fleet.hostsUntil(2, 10);
  const { peers, hosts } = await (await fleet.attach(1)).status();
  t.deepEqual([peers, hosts.live], [[], 10]);
});

test('fleet over NATS, faults › two servers with copies of one database are named to both', async (t) => {
  t.timeout(180_000);
  const nats = await NatsServer.start(t);
  const fleet = await Daemons.prepare(t, ips.slice(0, 2), [`Fleet=${nats.url}`, secretLine]);
  await fleet.start(0);
  await fleet.kill(0, 'SIGTERM');
  const [from, to] = fleet.folders as [string, string];
  for (const name of ['hosts.db', 'hosts.db-mark'])
    await cp(join(from, name), join(to, name)).catch(() => {});
  await rm(join(to, 'hosts.db-mark'), { force: true });
  for (const index of [0, 1]) await fleet.start(index);
  for (const [index, other] of [
    [0, 1],
    [1, 0],
  ] as const) {
    const line = await fleet.line(index, /has this server's id \w+: one database is used by two/);
    t.true(line.includes(ips[other]), line);
    t.deepEqual((await (await fleet.attach(index)).status()).peers, []);
  }
});

for (const over of ['in a mesh', 'over NATS'])
  test(`fleet ${over}, faults › a server with an empty database at the address of another is the one peer there, and gets all hosts`, async (t) => {
    t.timeout(180_000);
    const fleetLine = over === 'over NATS' ? [`Fleet=${(await NatsServer.start(t)).url}`] : [];
    const fleet = await Daemons.prepare(t, ips.slice(0, 2), [secretLine, 'TTL=15m', ...fleetLine]);
    await meet(fleet, 2);
    await register(fleet, 1, 10, '127.0.9.1');
    await fleet.hostsUntil(0, 10);
    for (const round of [1, 2]) {
      await fleet.kill(1);
      for (const suffix of ['', '-mark', '-wal', '-shm', '-lock'])
        await rm(join(fleet.folders[1] as string, `hosts.db${suffix}`), { force: true });
      await fleet.start(1);
      const { id } = (await (await fleet.attach(1)).status()).server;
      await fleet.hostsUntil(1, 10 * round);
      await register(fleet, 1, 10, `127.0.9.${1 + round}`);
      await fleet.hostsUntil(0, 10 + 10 * round);
      await fleet.peersUntil(
        0,
        ([peer, ...others]) => others.length === 0 && peer?.id === id && peer?.state === 'alive',
      );
    }
    t.pass();
  });

test('fleet in a mesh, faults › a server that was removed and is named again, with its old data, brings back nobody who left', async (t) => {
  t.timeout(180_000);
  const fleet = await Daemons.prepare(t, ips, [secretLine, 'TTL=15m']);
  const name = async (...named: number[]) => {
    const servers = named.map((index) => `${ips[index]}:${fleet.port}`);
    for (const index of [0, 1]) {
      await fleet.configure(index, [secretLine, 'TTL=15m', `NameServers=${servers.join(' ')}`]);
      await (await fleet.attach(index)).reload();
    }
  };
  await meet(fleet, 3);
  await register(fleet, 0, 10);
  for (const index of [0, 1, 2]) await fleet.hostsUntil(index, 10);
  await name(0, 1);
  const isRefused = ({ trouble }: { trouble: string | null }) =>
    trouble?.includes('is not in NameServers here') === true;
  await fleet.peersUntil(2, (peers) => peers.every(isRefused));
  await exchange(fleet.port, 'leave node-1 1\n', { host: ips[0], from: '127.0.9.1' });
  await register(fleet, 1, 10, '127.0.9.2');
  await register(fleet, 2, 10, '127.0.9.3');
  await name(0, 1, 2);
  for (const index of [0, 1, 2]) {
    const hosts = await fleet.hostsUntil(index, 29);
    t.false(hosts.has('127.0.9.1:1'));
    await fleet.peersUntil(index, areAlive(2));
  }
});
