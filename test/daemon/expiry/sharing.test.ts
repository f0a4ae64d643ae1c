// Pings shared by real name servers, with a TTL of seconds: which server pings a host is counted at
// the host.
import { createServer, type Server } from 'node:net';
import type { ExecutionContext } from 'ava';
import { participant, rank } from '../../../daemon/core/expiry/rendezvous.ts';
import type { Status } from '../../../shared/ipc/status-contract.ts';
import { lookUntil } from '../../fixture/look-until.ts';
import { packed } from '../../fixture/registry.ts';
import { TcpClient } from '../../fixture/tcp-client.ts';
import { Daemons } from '../daemons.ts';
import { ways } from '../ways.ts';

const ips = ['127.0.0.2', '127.0.0.3', '127.0.0.4'] as const;

const ttlMs = 2_000;
const hostCount = 150;
const dying = 15;

/** Hosts on ports of one address, which answer pings and count their senders. */
class Hosts {
  readonly ip = '127.0.9.1';
  /** per host: pings by the server that sent them */
  private pings: Map<string, number>[] = [];
  readonly ports: number[] = [];
  private readonly servers: Server[] = [];
  private total = 0;
  private awaited: { total: number; done: () => void } | null = null;

  static async start(t: ExecutionContext, count: number): Promise<Hosts> {
    const hosts = new Hosts();
    for (let index = 0; index < count; index++) await hosts.add();
    t.teardown(() => {
      for (const server of hosts.servers) server.close();
    });
    return hosts;
  }

  address(index: number): string {
    return `${this.ip}:${this.ports[index]}`;
  }

  /** The host stops answering. */
  stop(index: number): void {
    this.servers[index]?.close();
  }

  /**
   * Who pings each host more than any other does, of the next `count` pings. Canaries and second opinions are pings
   * too, but whoever sends them does not own the host.
   */
  async pingersOf(count: number): Promise<string[]> {
    this.pings = this.ports.map(() => new Map());
    await new Promise<void>((done) => {
      this.awaited = { total: this.total + count, done };
    });
    return this.pings.map(
      (from) => [...from].toSorted(([, a], [, b]) => b - a)[0]?.[0] ?? 'nobody',
    );
  }

  private async add(): Promise<void> {
    const index = this.ports.length;
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', () => socket.end(`pong node-${this.ports[index]}\n`));
      const from = socket.remoteAddress ?? '';
      const pings = this.pings[index];
      pings?.set(from, (pings.get(from) ?? 0) + 1);
      if (++this.total === this.awaited?.total) this.awaited.done();
    });
    await new Promise<void>((resolve) => server.listen(0, this.ip, resolve));
    this.servers.push(server);
    this.ports.push((server.address() as { port: number }).port);
  }
}

/** Registers hosts spread over a TTL: registered at once, they would always be due at once. */
async function registerAll(fleet: Daemons, hosts: Hosts): Promise<void> {
  const client = await TcpClient.open(fleet.port, { from: hosts.ip, host: ips[0] });
  const begun = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    const due = Math.min(hostCount, ((performance.now() - begun) / ttlMs) * hostCount);
    let requests = '';
    for (; sent < due; sent++) requests += `alive node-${hosts.ports[sent]} ${hosts.ports[sent]}\n`;
    if (requests !== '') client.send(requests);
    if (sent === hostCount) clearInterval(timer);
  }, 10);
  await client.read(hostCount);
  client.destroy();
}

for (const { over, test, lines } of ways) {
  test(`sharing${over} › each server pings its share, another takes over without a false deletion, and dead hosts are deleted everywhere`, async (t) => {
    t.timeout(110_000);
    const fleet = await Daemons.prepare(t, ips, [`TTL=${ttlMs / 1_000}s`, ...(await lines(t))]);
    const hosts = await Hosts.start(t, hostCount);
    const areSharing = (servers: number, indexes: number[]) =>
      Promise.all(
        indexes.map((index) =>
          fleet.statusUntil(index, ({ expiry }) => expiry.servers === servers),
        ),
      );
    const shared = async (indexes: number[]) => {
      const statuses = await Promise.all(
        indexes.map((index) => fleet.statusUntil(index, () => true)),
      );
      const ipOf = new Map(statuses.map(({ server: { id } }, at) => [id, ips[indexes[at] ?? 0]]));
      const participants = [...ipOf.keys()].map(participant);
      const isOwner = (ip: string, at: number) =>
        ip === ipOf.get(rank(packed(hosts.address(at)), 0, participants)[0] ?? '');
      // Pings that are under way when a server comes or goes are still shared as before; and what a server on a busy
      // machine does not get done in time, another one does.
      const owned = async () => {
        const pingers = await hosts.pingersOf(2 * hostCount);
        return pingers.filter(isOwner).length / hostCount;
      };
      await lookUntil(owned, (share) => share >= 0.9);
    };

    for (const index of [0, 1]) await fleet.start(index);
    await areSharing(2, [0, 1]);
    await registerAll(fleet, hosts);
    await shared([0, 1]);

    await fleet.start(2);
    await areSharing(3, [0, 1, 2]);
    await shared([0, 1, 2]);

    await fleet.kill(2);
    await areSharing(2, [0, 1]);
    await shared([0, 1]);
    for (const index of [0, 1]) {
      const { counters, hosts: known } = await fleet.statusUntil(index, () => true);
      t.deepEqual([counters.expired, known.live], [0, hostCount], 'no false delete');
    }

    await fleet.start(2);
    await areSharing(3, [0, 1, 2]);
    const dead = Array.from({ length: dying }, (_, index) => index * (hostCount / dying));
    for (const index of dead) hosts.stop(index);
    for (const index of [0, 1, 2])
      await fleet.statusUntil(index, (status) => status.hosts.live === hostCount - dying);
    const expected = hosts.ports
      .map((_, index) => hosts.address(index))
      .filter((_, index) => !dead.includes(index));
    for (const index of [0, 1, 2])
      t.deepEqual([...(await fleet.hosts(index))].toSorted(), expected.toSorted());
    const counted = await Promise.all([0, 1, 2].map((each) => fleet.statusUntil(each, () => true)));
    const sum = (of: (counters: (typeof counted)[number]['counters']) => number) =>
      counted.reduce((total, { counters }) => total + of(counters), 0);
    const expired = sum((counters) => counters.expired);
    t.log(`${expired} deletes for ${dying} dead hosts`);
    // A server that had a later contact than the one judged publishes it; then the host is judged again.
    t.true(expired >= dying && expired < 2 * dying, `${expired} deletes`);
    t.true(sum((counters) => counters.opinionsGiven) >= dying, 'and found dead by a second one');
  });

  test(`sharing${over} › both servers report the same, correct shares`, async (t) => {
    // No host is due while this runs, and the registry is scanned every two seconds.
    const fleet = await Daemons.prepare(t, ips.slice(0, 2), ['TTL=2m', ...(await lines(t))]);
    for (const index of [0, 1]) await fleet.start(index);
    // They answer, since a server whose canaries are silent has no share.
    const hosts = await Hosts.start(t, 200);
    const { ports } = hosts;
    const client = await TcpClient.open(fleet.port, { from: hosts.ip, host: ips[0] });
    client.send(ports.map((port) => `alive node-${port} ${port}\n`).join(''));
    await client.read(ports.length);
    client.destroy();

    const isCounted = ({ shares: { complete, servers } }: Status) =>
      complete &&
      servers.length === 2 &&
      servers.reduce((sum, each) => sum + each.hosts, 0) === ports.length;
    const told = await Promise.all([0, 1].map((index) => fleet.statusUntil(index, isCounted)));
    const ids = told.map(({ server }) => server.id);
    const owners = ports.map(
      (_, index) => rank(packed(hosts.address(index)), 0, ids.map(participant))[0],
    );
    const expected = ids.map((id, index) => ({
      id,
      address: `${ips[index]}:${fleet.port}`,
      hosts: owners.filter((owner) => owner === id).length,
    }));
    t.deepEqual(told[0]?.shares, { complete: true, servers: expected });
    t.deepEqual(told[1]?.shares, { complete: true, servers: expected.toReversed() });
  });
}
