// Threads=2: connections that a worker cannot serve go to the main process, and not a byte of them
// is lost on the way: those of other name servers, in the clear and inside TLS, and those of clients
// that come inside TLS.
import { once } from 'node:events';
import { Duplex } from 'node:stream';
import test from 'ava';
import { lookUntil } from '../../fixture/look-until.ts';
import { exchange, TcpClient } from '../../fixture/tcp-client.ts';
import { connectedSocket, openTls, shakeHands } from '../../fixture/tls-client.ts';
import { areAlive, Daemons } from '../daemons.ts';

/** On one core there is one process. */
const { serial } = test;

const secret = 'a secret of some length, shared';
const [a, b] = ['127.0.0.2', '127.0.0.3'] as const;

/** A registration at one of them, and then the other's list. */
async function registerAndFind(daemons: Daemons, index: number, host: string): Promise<void> {
  const client = await TcpClient.open(daemons.port, {
    host: daemons.ips[index] as string,
    from: '127.0.9.1',
  });
  await client.ask(`alive node-${host} ${host}\n`);
  client.destroy();
  await lookUntil(
    () => daemons.hosts(1 - index),
    (hosts) => hosts.has(`127.0.9.1:${host}`),
  );
}

for (const [how, settings] of [
  ['in the clear', []],
  ['inside TLS', [`Secret=${secret}`]],
] as const)
  serial(`workers › two servers sync through their workers ${how}`, async (t) => {
    t.timeout(60_000);
    const daemons = await Daemons.prepare(t, [a, b], ['Threads=2', ...settings]);
    await daemons.start(0);
    await daemons.start(1);
    for (const index of [0, 1]) {
      const { peers, threads } = await daemons.peersUntil(
        index,
        (each) => areAlive(1)(each) && each.some(({ encrypted }) => encrypted !== null),
      );
      t.is(threads.running, 2);
      t.is(peers.find(({ state }) => state === 'alive')?.encrypted, settings.length > 0);
    }
    await registerAndFind(daemons, 0, '4000');
    await registerAndFind(daemons, 1, '4001');
    // The connection came back through a worker, too.
    await daemons.kill(1);
    await daemons.start(1);
    await daemons.peersUntil(0, areAlive(1));
    await registerAndFind(daemons, 0, '4002');
  });

/** The side of `socket` that a client speaks to, whose first bytes are sent one by one, by `between`. */
function inPieces(socket: Duplex, pieces: number, between: () => Promise<unknown>): Duplex {
  let sent = 0;
  const near: Duplex = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      void (async () => {
        let at = 0;
        for (; sent < pieces && at < chunk.length - 1; at++, sent++) {
          socket.write(chunk.subarray(at, at + 1));
          await between();
        }
        socket.write(chunk.subarray(at));
        done();
      })();
    },
  });
  socket.on('data', (chunk) => near.push(chunk));
  socket.on('close', () => near.destroy());
  return near;
}

serial(
  'workers › clients inside TLS are served, whatever pieces their hello arrives in',
  async (t) => {
    t.timeout(60_000);
    const daemons = await Daemons.prepare(t, [a], ['Threads=2', `Secret=${secret}`]);
    await daemons.start(0);
    const whole = await openTls(daemons.port, secret, { host: a, from: '127.0.9.2' });
    t.is(await whole.ask('alive node 4000\n'), 'ok\n');
    t.regex(await whole.ask('ping\n'), /^pong /);
    whole.destroy();
    for (const pieces of [1, 2, 6]) {
      const socket = await connectedSocket(daemons.port, { host: a, from: '127.0.9.3' });
      // A look at the status takes both processes: what was sent is read by then.
      const near = inPieces(socket, pieces, () => daemons.statusUntil(0, () => true));
      const client = await shakeHands(near, secret);
      t.is(await client.ask(`alive node ${4000 + pieces}\n`), 'ok\n');
      socket.destroy();
      await once(near, 'close');
    }
    const { counters, hosts } = await daemons.statusUntil(0, ({ hosts }) => hosts.live === 4);
    t.deepEqual([hosts.live, counters.malformed], [4, 0]);
  },
);

serial('workers › a connection that ended its side and waited for room is passed on', async (t) => {
  const daemons = await Daemons.prepare(t, [a], ['Threads=2', 'Backlog=1']);
  await daemons.start(0);
  const asking = await TcpClient.open(daemons.port, { host: a, from: '127.0.9.1' });
  asking.send('query');
  await daemons.statusUntil(0, ({ backlog }) => backlog.current === 1);
  const hello = 'sync hello stranger 01234567 89abcdef 1 1 127.0.0.9:1 0\n';
  const strangers = Array.from({ length: 40 }, () =>
    exchange(daemons.port, hello, { host: a, from: '127.0.0.9' }),
  );
  for (const told of await Promise.all(strangers)) t.regex(told, /^error not-a-peer 127\.0\.0\.9 /);
  asking.destroy();
});

serial(
  'workers › a client without the secret is refused as by one process, and counted',
  async (t) => {
    const daemons = await Daemons.prepare(t, [a], ['Threads=2', `Secret=${secret}`]);
    await daemons.start(0);
    await t.throwsAsync(openTls(daemons.port, `another ${secret}`, { host: a }));
    const plain = await TcpClient.open(daemons.port, { host: a });
    plain.send('sync hello stranger 01234567 89abcdef 1 1 127.0.0.9:1 0\n');
    t.regex(await plain.closed, /^error not-a-peer sync must be encrypted here/);
    // The third connection is its own: NameServers lists it, too, and on a busy machine it may dial once more.
    // A worker tells of them later than of what came in them.
    const { counters } = await daemons.statusUntil(
      0,
      ({ counters }) => counters.malformed === 2 && counters.connections >= 3,
    );
    t.is(counters.peersRefused, 1);
  },
);
