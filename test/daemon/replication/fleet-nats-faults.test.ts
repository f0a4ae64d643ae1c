// What users of NATS and its clients reported of their own programs, tried on name servers with the nats-server of the
// system: limits that change while it runs, subjects that are not allowed, a cluster that loses a server, a clone.
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../../fixture/free-port.ts';
import { NatsServer, natsTest as test } from '../../fixture/nats-server.ts';
import { TcpClient } from '../../fixture/tcp-client.ts';
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
