// Name servers together, as processes: what one is told the others serve, the one that was killed
// catches up by itself, and one that joins later holds everything.
import test from 'ava';
import { exchange, TcpClient } from '../../fixture/tcp-client.ts';
import { areAlive, Daemons } from '../daemons.ts';
import { ways } from '../ways.ts';

const ips = ['127.0.0.2', '127.0.0.3', '127.0.0.4', '127.0.0.5'] as const;

/** Hosts registered to measure how soon they are everywhere, and how many a second. */
const registrations = 2_000;
const perSecond = 1_000;

/** Longer than a busy machine takes to pass a change on, and less than the 30 s until a comparison would bring it. */
const soonMs = 10_000;

/** Registers hosts at one server, at a steady rate; tells when each was answered. */
async function registerSteadily(fleet: Daemons, index: number): Promise<Map<string, number>> {
  const from = '127.0.9.1';
  const client = await TcpClient.open(fleet.port, { from, host: ips[index] as string });
  const answeredAt = new Map<string, number>();
  const begun = performance.now();
  let sent = 0;
  let read = 0;
  await new Promise<void>((resolve) => {
    client.socket.on('data', () => {
      const end = client.received.lastIndexOf('\n') + 1;
      const lines = client.received.slice(read, end).split('\n').length - 1;
      read = end;
      for (let i = 0; i < lines; i++)
        answeredAt.set(`${from}:${answeredAt.size + 1}`, performance.now());
      if (answeredAt.size === registrations) resolve();
    });
    const timer = setInterval(() => {
      const due = Math.min(registrations, ((performance.now() - begun) / 1_000) * perSecond);
      let requests = '';
      for (; sent < due; sent++) requests += `alive node-${sent + 1} ${sent + 1}\n`;
      if (requests !== '') client.send(requests);
      if (sent === registrations) clearInterval(timer);
    }, 5);
  });
  client.socket.destroy();
  return answeredAt;
}

/** Follows a server's list by cursor, and notes when each host is in it first. */
async function follow(fleet: Daemons, index: number, count: number): Promise<Map<string, number>> {
  const client = await TcpClient.open(fleet.port, {
    from: '127.0.8.2',
    host: ips[index] as string,
  });
  const seenAt = new Map<string, number>();
  let read = 0;
  client.send('query follower 65535\n');
  await new Promise<void>((resolve) => {
    client.socket.on('data', () => {
      for (;;) {
        const end = client.received.indexOf('\n', read);
        if (end === -1) return;
        const words = client.received.slice(read, end).split(' ');
        read = end + 1;
        if (words[0] === 'hosts')
          for (const host of words.slice(1))
            if (host.startsWith('127.0.9.') && !seenAt.has(host))
              seenAt.set(host, performance.now());
        if (words[0] !== 'end') continue;
        if (seenAt.size >= count) resolve();
        else client.send(`query follower 65535 since=${words[2]}\n`);
      }
    });
  });
  client.socket.destroy();
  return seenAt;
}

for (const { over, test, isNats, lines } of ways)
  test(`fleet${over} › a host that registers at one server is served by all; a killed server catches up; a new one gets everything`, async (t) => {
    t.timeout(110_000);
    const fleet = await Daemons.prepare(t, ips, await lines(t));
    for (const index of [0, 1, 2]) await fleet.start(index);
    const { peers } = await fleet.peersUntil(0, areAlive(2));
    t.deepEqual(
      peers.map(({ state }) => state),
      isNats ? ['alive', 'alive'] : ['alive', 'alive', 'connecting'],
      'it has left itself out',
    );

    const followers = [1, 2].map((index) => follow(fleet, index, registrations));
    const answeredAt = await registerSteadily(fleet, 0);
    for (const [at, follower] of followers.entries()) {
      const seenAt = await follower;
      const late = [...answeredAt].map(([host, at]) => (seenAt.get(host) ?? Infinity) - at);
      late.sort((a, b) => a - b);
      const [p50, p99] = [0.5, 0.99].map((share) =>
        Math.round(late[late.length * share] as number),
      );
      t.log(`propagation to ${ips[at + 1]}: p50 ${p50} ms, p99 ${p99} ms after the answer`);
      t.true((p99 as number) < soonMs, `p99 ${p99} ms`);
    }

    await fleet.kill(1);
    const host = '127.0.9.2';
    const change = async (request: string) =>
      t.is(await exchange(fleet.port, request, { from: host, host: ips[2] }), 'ok\n');
    for (const port of [1, 2, 3]) await change(`alive other-${port} ${port}\n`);
    await change('leave other-3 3\n');
    await fleet.hostsUntil(0, registrations + 2);
    await fleet.start(1);
    const caughtUp = await fleet.hostsUntil(1, registrations + 2);
    t.deepEqual([...caughtUp].filter((each) => each.startsWith(host)).toSorted(), [
      `${host}:1`,
      `${host}:2`,
    ]);
    await fleet.peersUntil(1, areAlive(2));

    await fleet.start(3);
    const joined = await fleet.hostsUntil(3, registrations + 2);
    t.deepEqual([...joined].toSorted(), [...caughtUp].toSorted());
    const { peers: all } = await fleet.peersUntil(
      0,
      // The load comes with the first heartbeat.
      (each) => areAlive(3)(each) && each.every(({ lag, load }) => lag === 0 && load !== null),
    );
    t.deepEqual(
      all.map(({ id, clockMs, load, trouble }) => [
        id === null,
        Math.abs(clockMs ?? 99_999) < 5_000,
        load?.limit,
        trouble,
      ]),
      Array(3).fill([false, true, 100, null]),
    );
  });

test('fleet › sync from an address that is not in NameServers is refused and counted', async (t) => {
  const fleet = await Daemons.prepare(t, ips);
  await fleet.start(0);
  const hello = 'sync hello stranger 01234567 89abcdef 1 1 127.0.0.9:1 0\n';
  const refused = await exchange(fleet.port, hello, { from: '127.0.0.9', host: ips[0] });
  t.is(
    refused,
    'error not-a-peer 127.0.0.9 is not in NameServers here; add it to ddns.conf of both name servers\n',
  );
  const older = hello.replace('89abcdef 1', '89abcdef 9');
  t.regex(
    await exchange(fleet.port, older, { from: ips[1], host: ips[0] }),
    /^error sync-version sync 9 is not spoken here, only 1;/,
  );
  const { counters, backlog } = await (await fleet.attach(0)).status();
  t.is(counters.peersRefused, 2);
  t.is(backlog.current, 0);
});
