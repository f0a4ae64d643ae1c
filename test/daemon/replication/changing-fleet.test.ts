// A fleet that changes while nodes register: a first secret, another one and none again, in three steps each, a server more, a server less, and one at
// another address. No registration that was answered is lost, and no name server loses sight of another.
import test, { type ExecutionContext } from 'ava';
import { type FleetSetting, parseFleet } from '../../../shared/config/fleet.ts';
import { noSecret, Secret } from '../../../shared/config/secret.ts';
import type { Settings } from '../../../shared/config/settings.ts';
import { freePort } from '../../fixture/free-port.ts';
import { lookUntil } from '../../fixture/look-until.ts';
import { startTestServer, type TestServer } from '../../fixture/name-server.ts';
import { NatsServer, natsTest } from '../../fixture/nats-server.ts';
import { exchange } from '../../fixture/tcp-client.ts';
import { makeFolder } from '../../fixture/temp-folder.ts';
import { openTls } from '../../fixture/tls-client.ts';

const [a, b, c, d] = ['127.0.0.2', '127.0.0.3', '127.0.0.4', '127.0.0.5'] as const;
const [old, next] = ['the secret before the rotation', 'the secret after the rotation'];

/** Each step that begins to use a secret, and whether servers dial with it from then on. */
const beginning = [
  { secret: new Secret(noSecret, old), isEncrypted: false },
  { secret: new Secret(old, noSecret), isEncrypted: true },
  { secret: new Secret(old), isEncrypted: true },
];
const rotating = [new Secret(old, next), new Secret(next, old), new Secret(next)];
const ceasing = [
  { secret: new Secret(next, noSecret), isEncrypted: true },
  { secret: new Secret(noSecret, next), isEncrypted: false },
  { secret: null, isEncrypted: false },
];

class Fleet {
  readonly servers = new Map<string, TestServer>();
  /** addresses of hosts whose registration was answered */
  readonly answered: string[] = [];
  private readonly t: ExecutionContext;
  private readonly port: number;
  private isRegistering = false;

  constructor(t: ExecutionContext, port: number) {
    this.t = t;
    this.port = port;
  }

  async start(ip: string, settings: Partial<Settings>, folder?: string): Promise<TestServer> {
    const server = await startTestServer(this.t, {
      ...(folder === undefined ? {} : { folder }),
      settings: { interface: ip, port: this.port, ...settings },
      // The host name of each server is `at-` and where it is.
      lookup: async (name) => [{ address: this.places.get(name) ?? '', family: 4 }],
    });
    this.servers.set(ip, server);
    return server;
  }

  /** where each host name leads to */
  readonly places = new Map<string, string>();

  /** Takes each server through the steps, together. */
  async step(steps: readonly { secret: Secret | null; isEncrypted: boolean }[]): Promise<void> {
    for (const { secret, isEncrypted } of steps) {
      await this.change({ secret });
      await this.settle(isEncrypted);
    }
  }

  /** Changes settings of each server, one after the other. */
  async change(settings: Partial<Settings>): Promise<void> {
    for (const server of this.servers.values()) {
      Object.assign(server.settings, settings);
      await server.reload();
    }
  }

  /** All that run see each other, and have all of each other's changes; and nodes still register. */
  async settle(isEncrypted = true): Promise<void> {
    const before = this.answered.length;
    const others = this.servers.size - 1;
    for (const server of this.servers.values())
      await server.until(({ peers }) => {
        const there = peers.filter(
          ({ state, encrypted, lag, trouble }) =>
            state === 'alive' && encrypted === isEncrypted && lag === 0 && trouble === null,
        );
        return peers.length === others && there.length === others;
      });
    if (this.isRegistering)
      await lookUntil(
        () => this.answered.length,
        (count) => count >= before + 3,
      );
  }

  /** Registers hosts at the servers in turn until `end`; each waits for its answer. */
  async register(): Promise<void> {
    this.isRegistering = true;
    for (let port = 1_000; this.isRegistering; port++) {
      const servers = [...this.servers.keys()];
      const host = servers[port % servers.length] as string;
      const from = '127.0.9.1';
      const answer = await exchange(this.port, `alive node-${port} ${port}\n`, {
        host,
        from,
      }).catch(() => '');
      if (answer === 'ok\n') this.answered.push(`${from}:${port}`);
    }
  }

  end(): void {
    this.isRegistering = false;
  }

  /** Of the hosts that were answered those that the server does not list, once all had time to reach it. */
  lackedBy(ip: string): Promise<string[]> {
    const lacked = async () => {
      const list = await exchange(this.port, 'query watcher 999\n', {
        host: ip,
        from: '127.0.9.2',
      });
      const listed = new Set(list.split(/\s+/));
      return this.answered.filter((address) => !listed.has(address));
    };
    return lookUntil(lacked, (hosts) => hosts.length === 0);
  }

  /** What each server said of connections that ended, or could not be opened. */
  get losses(): string[] {
    return [...this.servers.values()].flatMap(({ logged }) =>
      logged
        .filter(({ peer, level }) => peer !== undefined && level === 'warn')
        .map(({ msg }) => String(msg)),
    );
  }
}

test('changing fleet › a secret is begun, replaced and given up, and servers come, go and move, while nodes register', async (t) => {
  t.timeout(200_000);
  const port = await freePort();
  const fleet = new Fleet(t, port);
  for (const ip of [a, b, c, d]) fleet.places.set(`at-${ip.at(-1)}.example`, ip);
  const named = (...ips: string[]) => ips.map((ip) => `at-${ip.at(-1)}.example:${port}`);
  const base = { secret: null, nameServers: named(a, b, c) };
  const folder = makeFolder(t);
  for (const ip of [a, b]) await fleet.start(ip, base);
  await fleet.start(c, base, folder);
  await fleet.settle(false);
  const before = fleet.losses.length;
  const registering = fleet.register();

  await fleet.step(beginning);
  const refused = await exchange(port, `sync hello\n`, { host: a, from: b });
  t.regex(
    refused,
    /^error not-a-peer sync must be encrypted here/,
    'in the clear nothing is accepted',
  );
  await fleet.step(rotating.map((secret) => ({ secret, isEncrypted: true })));
  t.deepEqual(fleet.losses.slice(before), [], 'no link was down');
  const inside = await openTls(port, next, { host: a });
  t.regex(await inside.ask('ping\n'), /^pong /);
  inside.destroy();
  await t.throwsAsync(openTls(port, old, { host: a }));

  // One more: first it, then its address on the others.
  await fleet.start(d, { secret: new Secret(next), nameServers: named(a, b, c, d) });
  await fleet.change({ nameServers: named(a, b, c, d) });
  await fleet.settle();

  // One less: it stops, then the others forget it.
  const second = fleet.servers.get(b) as TestServer;
  fleet.servers.delete(b);
  await second.close();
  await fleet.change({ nameServers: named(a, c, d) });
  await fleet.settle();

  // One moves to the address of the one that is gone.
  const third = fleet.servers.get(c) as TestServer;
  const { id } = (await third.status()).server;
  fleet.servers.delete(c);
  await third.close();
  fleet.places.set('at-4.example', b);
  await fleet.start(b, { secret: new Secret(next), nameServers: named(a, c, d) }, folder);
  await fleet.settle();
  const [first] = fleet.servers.values();
  const { peers } = await (first as TestServer).status();
  t.deepEqual(
    peers.filter((peer) => peer.id === id).map(({ address }) => address),
    named(c),
    'it is the same peer',
  );

  const moved = fleet.losses.length;
  await fleet.step(ceasing);
  t.deepEqual(fleet.losses.slice(moved), [], 'no link was down');
  await t.throwsAsync(openTls(port, next, { host: a }));

  fleet.end();
  await registering;
  await fleet.settle(false);
  for (const [ip, server] of fleet.servers) {
    t.deepEqual(await fleet.lackedBy(ip), []);
    t.is((await server.status()).counters.expired ?? 0, 0, 'nobody was deleted');
  }
  t.log(`${fleet.answered.length} registrations were answered`);
});

natsTest(
  'changing fleet over NATS › a secret is begun, replaced and given up while nodes register, and nobody loses sight of another',
  async (t) => {
    t.timeout(200_000);
    const port = await freePort();
    const nats = await NatsServer.start(t);
    const fleet = new Fleet(t, port);
    const base = { secret: null, fleet: parseFleet(nats.url) as FleetSetting };
    for (const ip of [a, b, c]) await fleet.start(ip, base);
    await fleet.settle(false);
    const before = fleet.losses.length;
    const registering = fleet.register();
    await fleet.step(beginning);
    await fleet.step(rotating.map((secret) => ({ secret, isEncrypted: true })));
    t.deepEqual(fleet.losses.slice(before), []);
    await fleet.step(ceasing);
    await fleet.step([...ceasing].reverse().slice(1));
    await fleet.step([{ secret: new Secret(next), isEncrypted: true }]);
    fleet.end();
    await registering;
    await fleet.settle();
    t.deepEqual(fleet.losses.slice(before), []);
    for (const [ip, server] of fleet.servers) {
      t.deepEqual(await fleet.lackedBy(ip), []);
      const { counters } = await server.status();
      t.deepEqual([counters.fleetLost, counters.expired], [0, 0]);
    }
    // One that was away meanwhile is named, and gets in with the present secret.
    await fleet.start(d, { ...base, secret: new Secret(old) });
    const reason = 'announces itself over NATS, and the Secret differs';
    const [first] = fleet.servers.values();
    await lookUntil(
      () => (first as TestServer).logged.map(({ msg }) => String(msg)),
      (lines) => lines.some((line) => line.includes(reason)),
    );
    const late = fleet.servers.get(d) as TestServer;
    late.settings.secret = new Secret(next);
    await late.reload();
    await fleet.settle();
  },
);
