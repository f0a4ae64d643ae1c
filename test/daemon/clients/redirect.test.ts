// Two name servers with real sockets, one of which has little room, or none, or is drained, or stops.
// Deadlines stand still, so that slow clients keep their places however slow the machine is.
import test, { type ExecutionContext } from 'ava';
import { ipcErrors } from '../../../shared/ipc/contract.ts';
import type { Redirect } from '../../../shared/ipc/status-contract.ts';
import { freePort } from '../../fixture/free-port.ts';
import { startTestServer, type TestServer } from '../../fixture/name-server.ts';
import { openDeafClients, openSlowClients } from '../../fixture/slow-clients.ts';
import { exchange, sendAndWait, TcpClient } from '../../fixture/tcp-client.ts';

const hosts = ['127.0.0.2', '127.0.0.3'] as const;

class Pair {
  readonly t: ExecutionContext;
  readonly port: number;
  readonly servers: TestServer[] = [];

  /** Both running, and each with a report of the other. */
  static async start(t: ExecutionContext, { backlog = 8, advertise = null as string | null } = {}) {
    const pair = new Pair(t, await freePort());
    const { port, servers } = pair;
    for (const [index, host] of hosts.entries())
      servers.push(
        await startTestServer(t, {
          monotonic: () => 0,
          settings: {
            interface: host,
            port,
            backlog,
            nameServers: [`${hosts[1 - index]}:${port}`],
            advertise: index === 1 ? advertise : null,
          },
        }),
      );
    for (const server of servers)
      await server.until(({ peers: [peer] }) => peer?.load?.limit === backlog && peer.lag === 0);
    return pair;
  }

  private constructor(t: ExecutionContext, port: number) {
    this.t = t;
    this.port = port;
  }

  at(index: number): TestServer {
    return this.servers[index] as TestServer;
  }

  address(index: number): string {
    return `${hosts[index]}:${this.port}`;
  }

  /** Sends a request as a host of loopback and resolves with all that comes until the end. */
  ask(index: number, request: string, from = '127.0.9.1'): Promise<string> {
    return exchange(this.port, request, { host: hosts[index] as string, from });
  }

  /** As the first nodes do. */
  askOld(index: number, request: string, from = '127.0.9.1'): Promise<string> {
    return sendAndWait(this.port, request, { host: hosts[index] as string, from });
  }

  async fill(index: number, count: number): Promise<TcpClient[]> {
    const { port, t } = this;
    return openSlowClients(t, count, { port, host: hosts[index] as string });
  }

  /** Fills it with complete requests; returns how many hosts are known then. */
  async fillWithDeaf(index: number, count: number): Promise<number> {
    const { port, t } = this;
    const server = this.at(index);
    const at = { port, host: hosts[index] as string };
    await openDeafClients(t, count, at, await server.attach());
    return (await server.status()).hosts.live;
  }

  /** What was recorded, without when. */
  async recorded(index: number): Promise<Partial<Redirect>[]> {
    const { recent } = await (await this.at(index).attach()).redirects();
    return recent.map(({ asker, dialect, to, why }) => ({ asker, dialect, to, why }));
  }
}

test.serial(
  'redirect › newcomers are redirected to the other server when there is little room',
  async (t) => {
    const pair = await Pair.start(t);
    const there = pair.address(1);
    t.is(await pair.ask(1, 'alive known 5000\n', '127.0.9.9'), 'ok\n');
    await pair.at(0).until((status) => status.hosts.live === 1);
    await pair.fill(0, 6);
    t.is(await pair.ask(0, 'query new 4000\n'), `redirect ${there}\n`);
    t.regex(
      await pair.ask(1, 'query new 4000 hop=1\n'),
      /^hosts 127\.0\.9\.9:5000\nend 1 \S+(?: full| partial)\n$/,
    );
    t.is(await pair.askOld(0, '1/old/4001/'), `4/ddnsd/127.0.0.3,${pair.port}/`);
    t.is(await pair.askOld(1, '1/old/4001/'), '127.0.9.9:5000;127.0.9.1:4000;');
    // Those who know something are served here, and so is whoever only registers.
    t.regex(
      await pair.ask(0, 'have 127.0.9.9:5000\nquery b 4002\n', '127.0.9.2'),
      /^hosts .*\nend 2 \S+\n$/,
    );
    t.is(await pair.ask(0, 'alive c 4003\n', '127.0.9.3'), 'ok\n');
    t.is(await pair.askOld(0, '3/d/4004/', '127.0.9.4'), '');
    const { counters, backlog, redirecting, redirects } = await pair.at(0).status();
    t.deepEqual(
      [counters.redirected, counters.busy, counters.queries, counters.alives, backlog.current],
      [2, 0, 1, 2, 6],
    );
    t.true(redirecting.isLoaded);
    t.deepEqual(redirects, { total: 2, targets: [{ address: there, count: 2 }] });
    t.deepEqual(await pair.recorded(0), [
      { asker: '127.0.9.1:4000', dialect: 'native', to: there, why: 'load' },
      { asker: '127.0.9.1:4001', dialect: 'legacy', to: there, why: 'load' },
    ]);
  },
);

test.serial(
  'redirect › a full server reads the first chunk of a connection, and registers no host',
  async (t) => {
    t.timeout(60_000);
    const pair = await Pair.start(t);
    const idle = await TcpClient.open(pair.port, { host: hosts[0], from: '127.0.9.2' });
    const pong = await idle.ask('ping\n');
    const known = await pair.fillWithDeaf(0, 8);
    const redirect = `redirect ${pair.address(1)}\n`;
    t.is(await pair.ask(0, 'query a 4000\n'), redirect);
    t.is(await pair.ask(0, 'alive a 4000\nping\nping\n'), redirect, 'and nothing behind it');
    t.is(await pair.ask(0, 'have 10.0.0.1:1\nquery a 4000 since=a.1 hop=0\n'), redirect);
    t.is(await pair.askOld(0, '3/old/4001/'), `4/ddnsd/127.0.0.3,${pair.port}/`);
    for (const request of [
      'query a 4000 hop=1\n',
      'query a 4000 hop=3\n',
      'leave a 4000\n',
      'ping\n',
      'query a 40',
    ])
      t.regex(await pair.ask(0, request), /^busy [1-5]\n$/, request);
    t.is(await pair.askOld(0, '1/old/40'.padEnd(20, '0')), '');
    t.regex(await pair.ask(0, 'nonsense\n'), /^error malformed /);
    // One that was served before is a newcomer again.
    idle.send('query b 4000\n');
    t.is(await idle.closed, `${pong}${redirect}`);
    const { counters, backlog, hosts: registered } = await pair.at(0).status();
    t.deepEqual(
      [counters.redirected, counters.busy, counters.malformed, registered.live],
      [5, 5, 2, known],
    );
    t.deepEqual(backlog, { limit: 8, current: 8, peak: 8 });
    t.deepEqual(new Set((await pair.recorded(0)).map(({ why }) => why)), new Set(['full']));
  },
);

test.serial('redirect › a full server lets its peers in', async (t) => {
  const pair = await Pair.start(t);
  await pair.fill(0, 8);
  const peer = await TcpClient.open(pair.port, { host: hosts[0], from: hosts[1] });
  const hello = `sync hello someone 01234567 89abcdef 1 1 ${hosts[1]}:${pair.port} 0\n`;
  t.regex(await peer.ask(hello), /^welcome /);
  peer.destroy();
});

test.serial(
  'redirect › a node that was redirected often enough gets a sample while there is room',
  async (t) => {
    const pair = await Pair.start(t);
    const requests = Array.from({ length: 120 }, (_, index) => `alive n ${index + 1}\n`);
    await pair.ask(0, requests.join(''));
    await pair.fill(0, 6);
    const reply = await pair.ask(0, 'query far 4000 hop=2\n', '127.0.9.2');
    t.regex(reply, /^hosts( 127\.0\.9\.1:\d+){50}\nend 50 \S+ partial\n$/);
    t.regex(
      await pair.ask(0, 'query far 4000 hop=2 limit=3\n', '127.0.9.2'),
      /\nend 3 \S+ partial\n$/,
    );
    const { hosts: registered, counters } = await pair.at(0).status();
    t.deepEqual([registered.live, counters.redirected], [121, 0]);
  },
);

test.serial(
  'redirect › a draining server redirects every node, and its peers redirect none to it',
  async (t) => {
    const pair = await Pair.start(t);
    const redirect = `redirect ${pair.address(1)}\n`;
    const kept = await TcpClient.open(pair.port, { host: hosts[0], from: '127.0.9.1' });
    t.is(await kept.ask('alive kept 4000\n'), 'ok\n');
    const console = await pair.at(0).attach();
    await t.throwsAsync(console.drain('127.0.0.9:1'), {
      code: ipcErrors.noPeer,
      message: '127.0.0.9:1 is not one of the other name servers; ddns-tui peers lists them',
    });
    const drained = await console.drain();
    t.deepEqual({ ...drained, since: 0 }, { mode: 'drain', to: null, since: 0, isLoaded: false });
    kept.send('alive kept 4000\n');
    t.is(await kept.closed, `ok\n${redirect}`);
    t.is(await pair.ask(0, 'query a 4000\n'), redirect);
    t.regex(await pair.ask(0, 'ping\n'), /^pong /);
    t.is(await pair.ask(0, 'leave kept 4000\n'), 'ok\n');
    t.regex(await pair.ask(0, 'query a 4000 hop=1\n'), /^end 0 \S+(?: full| partial)\n$/);
    await pair.at(1).until(({ peers: [peer] }) => peer?.load?.limit === 0);
    const other = await pair.at(1).attach();
    await t.throwsAsync(other.drain(pair.address(0)), {
      code: ipcErrors.noPeer,
      message: `${pair.address(0)} accepts no nodes now: it is down or draining; ddns-tui peers shows its state`,
    });
    await t.throwsAsync(other.drain(), {
      message: 'no other name server accepts nodes now; ddns-tui peers shows their states',
    });
    t.is((await console.undrain()).mode, 'load');
    t.is(await pair.ask(0, 'alive a 4000\n'), 'ok\n');
    await pair.at(1).until(({ peers: [peer] }) => peer?.load?.limit === 8);
    t.is((await other.drain(pair.address(0))).to, pair.address(0));
    t.is(await pair.ask(1, 'query a 4000\n'), `redirect ${pair.address(0)}\n`);
    t.deepEqual(
      [...(await pair.recorded(0)), ...(await pair.recorded(1))].map(({ why }) => why),
      ['drain', 'drain', 'chosen'],
    );
  },
);

test.serial('redirect › a draining server without a peer serves', async (t) => {
  const pair = await Pair.start(t);
  const console = await pair.at(0).attach();
  await console.drain(pair.address(1));
  await pair.at(1).close();
  await pair.at(0).until(({ peers: [peer] }) => peer?.load === null);
  t.is(await pair.ask(0, 'alive a 4000\n'), 'ok\n');
  t.is((await console.status()).redirecting.mode, 'chosen');
});

test.serial('redirect › nodes are redirected to the address that the peer reports', async (t) => {
  const pair = await Pair.start(t, { advertise: '203.0.113.7:99' });
  await (await pair.at(0).attach()).drain();
  t.is(await pair.ask(0, 'query a 4000\n'), 'redirect 203.0.113.7:99\n');
});

test.serial(
  'redirect › a stopping server redirects nodes while a request is unanswered',
  async (t) => {
    const pair = await Pair.start(t);
    const redirect = `redirect ${pair.address(1)}\n`;
    const kept = await TcpClient.open(pair.port, { host: hosts[0], from: '127.0.9.1' });
    const pong = await kept.ask('ping\n');
    const [slow] = await pair.fill(0, 1);
    const closing = pair.at(0).close();
    await pair.at(1).until(({ peers: [peer] }) => peer?.load?.limit === 0);
    kept.send('query kept 4000\n');
    t.is(await kept.closed, `${pong}${redirect}`);
    t.is(await pair.askOld(0, '1/old/4001/'), `4/ddnsd/127.0.0.3,${pair.port}/`);
    t.deepEqual(
      (await pair.recorded(0)).map(({ why }) => why),
      ['stopping', 'stopping'],
    );
    t.is((await pair.at(0).status()).redirecting.mode, 'stopping');
    slow?.send('00\n');
    t.is(await slow?.closed, `${pong}${redirect}`);
    t.deepEqual(await closing, { inFlight: 0 });
    t.is(await pair.ask(1, 'query kept 4000 hop=1\n'), await pair.ask(1, 'query kept 4000\n'));
  },
);

test.serial('redirect › a stopping server waits two seconds at most', async (t) => {
  const pair = await Pair.start(t);
  await pair.fill(0, 1);
  t.deepEqual(await pair.at(0).close(), { inFlight: 1 });
  await t.throwsAsync(TcpClient.open(pair.port, { host: hosts[0] }), { code: 'ECONNREFUSED' });
});
