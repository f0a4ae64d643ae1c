// A fleet of real daemons, over each transport, that changes while nodes register: servers come and go, one moves to another
// address, and a secret is begun, replaced and given up. `npm run fleet` has 300 registrations a second and a TTL that ends several times, and expects
// no connection to be down for longer than two seconds; the test has fewer, whatever the machine does beside it.
import { createServer } from 'node:net';
import ava, { type ExecutionContext } from 'ava';
import type { IpcClient } from '../../../shared/ipc/client.ts';
import type { Status } from '../../../shared/ipc/status-contract.ts';
import { lookUntil } from '../../fixture/look-until.ts';
import { NatsServer, natsTest } from '../../fixture/nats-server.ts';
import { exchange } from '../../fixture/tcp-client.ts';
import { Daemons } from '../daemons.ts';

const isLong = process.env.FLEET_RATE !== undefined;
const perSecond = Number(process.env.FLEET_RATE ?? 20);

/** In the long run hosts are due for pings while the fleet changes. */
const ttl = isLong ? '60s' : '10m';

/** Registrations that are answered in each state of the fleet, at least: those of ten seconds in the long run. */
const perState = isLong ? 10 * perSecond : 3;

const mostDownMs = 2_000;

/** Fewer than the MaxHosts of `Daemons`; then the first ones register again. */
const mostHosts = 15_000;

/** Registrations without an answer at once: more would measure this process. */
const mostWaiting = 300;

const [old, next] = ['the secret before the change', 'the secret after the change'];

/** The lines of the secret file, or none, in the steps that begin, replace and give up a secret. */
const beginning = [`none\n${old}`, `${old}\nnone`, old];
const replacing = [`${old}\n${next}`, `${next}\n${old}`, next];
const ceasing = [`${next}\nnone`, `none\n${next}`, null];

/** Nodes: each has an address of its own, and answers pings. */
class Nodes {
  /** those whose registration was answered */
  readonly answered = new Set<string>();
  registrations = 0;
  failed = 0;
  private waiting = 0;
  private readonly waitingAt = new Map<string, number>();
  private count = 0;
  private readonly port: number;
  private timer: NodeJS.Timeout | null = null;

  static async start(t: ExecutionContext): Promise<Nodes> {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', () => socket.end(`pong node-${socket.localAddress}\n`));
    });
    await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
    const nodes = new Nodes((server.address() as { port: number }).port);
    t.teardown(() => {
      nodes.end();
      server.close();
    });
    return nodes;
  }

  private constructor(port: number) {
    this.port = port;
  }

  /** Registers at the servers in turn; `servers` says where they are then. */
  begin(port: number, servers: () => readonly string[]): void {
    const begun = performance.now();
    this.timer = setInterval(() => {
      const due = Math.floor(((performance.now() - begun) / 1_000) * perSecond);
      for (; this.count < due && this.waiting < mostWaiting; this.count++) {
        const hosts = servers();
        void this.register(this.count, port, hosts[this.count % hosts.length] as string);
      }
    }, 20);
  }

  end(): void {
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
  }

  /** So many more are answered, unless none are registered. */
  async answer(more: number): Promise<void> {
    if (this.timer === null) return;
    const most = this.registrations + more;
    await lookUntil(
      () => this.registrations,
      (count) => count >= most,
    );
  }

  /** All that were sent to that server have been answered, or were not. */
  settled(host: string): Promise<number> {
    return lookUntil(
      () => this.waitingAt.get(host) ?? 0,
      (waiting) => waiting === 0,
    );
  }

  private async register(index: number, port: number, host: string): Promise<void> {
    const number = index % mostHosts;
    const from = `127.77.${number >> 8}.${number & 255}`;
    const count = (by: number) => {
      this.waiting += by;
      this.waitingAt.set(host, (this.waitingAt.get(host) ?? 0) + by);
    };
    count(1);
    const answer = await exchange(port, `alive node-${from} ${this.port}\n`, { host, from }).catch(
      () => '',
    );
    count(-1);
    if (answer !== 'ok\n') {
      this.failed++;
      return;
    }
    this.registrations++;
    this.answered.add(`${from}:${this.port}`);
  }
}

/** For how long connections between servers that name each other were down, by what consoles are told. */
class Links {
  longestMs = 0;
  /** the connections that are down now, `FROM TO`, and since when: null while one does not name the other */
  private readonly down = new Map<string, number | null>();
  private readonly named = new Map<string, readonly string[]>();

  /** From now on that server has these peers. */
  expect(server: string, peers: readonly string[]): void {
    this.named.set(server, peers);
    for (const [key, since] of this.down)
      this.down.set(key, this.isMutual(key) ? (since ?? performance.now()) : null);
  }

  /** Its console is told of its connections. */
  async watch(server: string, client: IpcClient): Promise<void> {
    const see = ({ peers }: Partial<Status>) => {
      for (const { address, lag } of peers ?? []) this.note(`${server} ${address}`, lag === null);
    };
    see((await client.subscribe(({ status }) => see(status))).status);
  }

  /** No connection between two that name each other is down, by what was told. */
  settled(): Promise<unknown> {
    return lookUntil(
      () => [...this.down].filter(([, since]) => since !== null),
      (down) => down.length === 0,
    );
  }

  private note(key: string, isDown: boolean): void {
    const now = performance.now();
    const since = this.down.get(key) ?? null;
    if (isDown) this.down.set(key, since ?? (this.isMutual(key) ? now : null));
    else this.down.delete(key);
    if (!isDown && since !== null) this.longestMs = Math.max(this.longestMs, now - since);
  }

  private isMutual(key: string): boolean {
    const [from = '', to = ''] = key.split(' ');
    const names = (one: string, other: string) => this.named.get(one)?.includes(other) === true;
    return names(from, to) && names(to, from);
  }
}

for (const { over, test, prepare } of [
  { over: '', test: ava.serial, prepare: async () => null },
  {
    over: ' over NATS',
    test: natsTest,
    prepare: async (t: ExecutionContext) => (await NatsServer.start(t)).url,
  },
])
  test(`busy fleet${over} › servers come, go and move and the secret changes, and no answered registration is lost`, async (t) => {
    t.timeout(295_000);
    const nats = await prepare(t);
    const ips = ['127.0.0.2', '127.0.0.3', '127.0.0.4', '127.0.0.5', '127.0.0.6'];
    const fleet = await Daemons.prepare(t, ips);
    // The last one is the third, at another address.
    fleet.folders[4] = fleet.folders[2] as string;
    const nodes = await Nodes.start(t);
    const links = new Links();
    const consoles = new Map<number, IpcClient>();
    const running = new Set<number>();
    const at = (index: number) => `${ips[index]}:${fleet.port}`;
    const configure = async (index: number, secret: string | null) => {
      if (secret !== null) await fleet.write(index, 'secret', `${secret}\n`);
      const named = [...running].filter((each) => each !== index).map(at);
      await fleet.configure(index, [
        nats === null ? `NameServers=${named.join(' ')}` : `Fleet=${nats}`,
        ...(secret === null ? [] : ['SecretFile=secret']),
        `TTL=${ttl}`,
      ]);
      await consoles.get(index)?.reload();
      links.expect(at(index), named);
    };
    const start = async (index: number) => {
      await fleet.start(index);
      const console = await fleet.attach(index);
      consoles.set(index, console);
      await links.watch(at(index), console);
    };
    const stop = async (index: number) => {
      running.delete(index);
      links.expect(at(index), []);
      await nodes.settled(ips[index] as string);
      consoles.delete(index);
      await fleet.kill(index, 'SIGTERM');
    };
    const settle = async (isEncrypted: boolean) => {
      const addresses = [...running].map(at);
      for (const index of running)
        await fleet.peersUntil(index, (peers) => {
          // Over NATS one that is gone is shown for a day.
          const others = peers.filter(
            ({ address }) => nats === null || addresses.includes(address),
          );
          return (
            others.length === running.size - 1 &&
            others.every(
              ({ state, lag, encrypted }) =>
                state === 'alive' && lag !== null && encrypted === isEncrypted,
            )
          );
        });
      await links.settled();
      await nodes.answer(perState);
    };
    const everywhere = async (secret: string | null) => {
      for (const index of running) await configure(index, secret);
      await settle(secret !== null && !secret.startsWith('none'));
    };

    for (const index of [0, 1, 2]) running.add(index);
    for (const index of running) await configure(index, null);
    for (const index of running) await start(index);
    await settle(false);
    const upMs = links.longestMs;
    links.longestMs = 0;
    nodes.begin(fleet.port, () =>
      [...consoles.keys()].filter((each) => running.has(each)).map((each) => ips[each] as string),
    );

    for (const secret of [...beginning, ...replacing]) await everywhere(secret);
    let secretMs = links.longestMs;

    running.add(3);
    await configure(3, next);
    await start(3);
    await everywhere(next);

    await stop(1);
    await everywhere(next);

    const { id } = (await fleet.statusUntil(2, () => true)).server;
    await stop(2);
    running.add(4);
    await configure(4, next);
    await start(4);
    await everywhere(next);
    const isMoved = ({ peers }: Status) =>
      peers.filter((peer) => peer.id === id).every(({ address }) => address === at(4));
    await t.notThrowsAsync(fleet.statusUntil(0, isMoved), 'it is one peer, at its new address');

    const changesMs = links.longestMs;
    links.longestMs = 0;
    for (const secret of ceasing) await everywhere(secret);
    secretMs = Math.max(secretMs, links.longestMs);
    const longestMs = Math.max(changesMs, secretMs);

    nodes.end();
    for (const ip of ips) await nodes.settled(ip);
    let expired = 0;
    for (const index of running) {
      const missing = async () => {
        const list = await exchange(fleet.port, 'query watcher 65535\n', {
          host: ips[index],
          from: '127.0.8.1',
        });
        const listed = new Set(list.split(/\s+/));
        return [...nodes.answered].filter((address) => !listed.has(address));
      };
      t.deepEqual(await lookUntil(missing, (hosts) => hosts.length === 0), []);
      expired += (await fleet.statusUntil(index, () => true)).counters.expired;
    }
    t.is(expired, 0, 'nobody was deleted');
    t.true(nodes.registrations > 0);
    t.log(
      `${nodes.registrations} registrations of ${nodes.answered.size} hosts answered, ${nodes.failed} not, all found on ${running.size} servers; longest down: ${secretMs.toFixed(0)} ms while the secret changed, ${longestMs.toFixed(0)} ms in all (${upMs.toFixed(0)} ms at the start); ${expired} deleted`,
    );
    if (isLong) t.true(longestMs <= mostDownMs, `${longestMs} ms`);
  });
