import { getEventListeners, once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import test, { type ExecutionContext } from 'ava';
import { hostsOf, isOwnTrouble, limitPings, pingHost } from '../../../daemon/expiry/pinger.ts';
import { freePort } from '../../fixture/free-port.ts';
import { lookUntil } from '../../fixture/look-until.ts';

/** Starts a host that calls `answer` for each connection; resolves with its address. */
async function startHost(
  t: ExecutionContext,
  answer: (socket: Socket) => void,
  ip = '127.0.0.1',
): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    answer(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, ip, resolve));
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `${ip}:${(server.address() as { port: number }).port}`;
}

test('pinger › an error of this machine is not counted against the host', async (t) => {
  // Linux returns EINVAL: there is no route from that address to the other, and nothing is sent.
  const outcome = await pingHost('192.0.2.1:9', 'native', { from: '127.0.0.1' });
  t.false(outcome.answered);
  t.true(isOwnTrouble(outcome), String(outcome.errorCode));
  t.true(['EINVAL', 'EACCES', 'EPERM', 'EMFILE'].every((errorCode) => isOwnTrouble({ errorCode })));
  t.false(['ECONNREFUSED', 'ETIMEDOUT', null].some((errorCode) => isOwnTrouble({ errorCode })));
});

test('pinger › a link-local host is pinged on the link of Interface, or on all links', (t) => {
  const link = (address: string, internal = false) => ({ address, internal }) as never;
  const interfaces = {
    lo: [link('::1', true), link('fe80::9', true)],
    eth0: [link('10.0.0.1'), link('fe80::1')],
    eth1: [link('10.1.0.1')],
    eth2: [link('fe80::2'), link('fd00::2')],
  };
  t.deepEqual(hostsOf('fe80::7', undefined, interfaces), ['fe80::7%eth0', 'fe80::7%eth2']);
  t.deepEqual(hostsOf('fe80::7', '::', interfaces), ['fe80::7%eth0', 'fe80::7%eth2']);
  t.deepEqual(hostsOf('fe80::7', 'fe80::1%eth0', interfaces), ['fe80::7%eth0']);
  t.deepEqual(hostsOf('fe80::7', undefined, {}), ['fe80::7']);
  t.deepEqual(hostsOf('fd00::7', undefined, interfaces), ['fd00::7']);
});

test('pinger › a host that answers pong is alive', async (t) => {
  const asked: string[] = [];
  const address = await startHost(t, (socket) =>
    socket.on('data', (chunk) => {
      asked.push(chunk.toString());
      socket.write('po');
      socket.write('ng some-node\n');
    }),
  );
  const { answered, reason, roundTripMs } = await pingHost(address, 'native');
  t.deepEqual([answered, reason, asked], [true, null, ['ping\n']]);
  t.true(roundTripMs !== null && roundTripMs >= 0 && roundTripMs < 5_000);
});

test('pinger › a legacy host is alive when it accepts a connection', async (t) => {
  const silent = await startHost(t, () => {});
  const closing = await startHost(t, (socket) => socket.destroy());
  for (const address of [silent, closing]) {
    const { answered, reason } = await pingHost(address, 'legacy');
    t.deepEqual([answered, reason], [true, null]);
  }
});

test('pinger › a pong with another node id does not count', async (t) => {
  const address = await startHost(t, (socket) => socket.end('pong some-node\n'));
  t.like(await pingHost(address, 'native', { nodeId: 'some-node' }), {
    answered: true,
    answeredBy: 'some-node',
  });
  t.like(await pingHost(address, 'native', { nodeId: 'victim' }), {
    answered: false,
    reason: 'another node has this address: its id is some-node',
    isAccepted: true,
    answeredBy: 'some-node',
  });
  t.like(await pingHost(address, 'native'), { answered: true });
});

test('pinger › a pong without a valid node id does not count', async (t) => {
  for (const said of ['pong \n', 'pong a b\n', 'pong \x1b[2J\n', `pong ${'x'.repeat(65)}\n`]) {
    const address = await startHost(t, (socket) => socket.end(said));
    t.like(await pingHost(address, 'native'), {
      answered: false,
      reason: 'the answer was not a pong',
      answeredBy: null,
    });
  }
});

test('pinger › a closed port is a result with a reason', async (t) => {
  const port = await freePort();
  for (const dialect of ['native', 'legacy'] as const)
    t.like(await pingHost(`127.0.0.1:${port}`, dialect), {
      answered: false,
      roundTripMs: null,
      reason: 'connection refused',
    });
});

test('pinger › a host that answers something else, or nothing, is not alive', async (t) => {
  const cases: [answer: (socket: Socket) => void, reason: string, timeoutMs?: number][] = [
    [(socket) => socket.write('HTTP/1.1 400 Bad Request\r\n'), 'the answer was not a pong'],
    [(socket) => socket.write('pong\n'), 'the answer was not a pong'],
    [(socket) => socket.write('x'.repeat(100_000)), 'the answer was not a pong'],
    [(socket) => socket.end(), 'connection closed without an answer'],
    [(socket) => socket.end('pong half'), 'connection closed without an answer'],
    [() => {}, 'no answer within 50 ms', 50],
    [(socket) => socket.write('pong without an end'), 'no answer within 50 ms', 50],
  ];
  for (const [answer, reason, timeoutMs = 60_000] of cases)
    t.like(await pingHost(await startHost(t, answer), 'native', { timeoutMs }), {
      answered: false,
      roundTripMs: null,
      reason,
    });
});

test('pinger › an aborted ping is a result too, and leaves no listener behind', async (t) => {
  const silent = await startHost(t, () => {});
  const { answered } = await pingHost(silent, 'native', { signal: AbortSignal.abort() });
  t.false(answered);
  const given = new AbortController();
  const answering = await startHost(t, (socket) => socket.end('pong host\n'));
  for (let times = 0; times < 5; times++)
    t.true((await pingHost(answering, 'native', { signal: given.signal })).answered);
  t.deepEqual(getEventListeners(given.signal, 'abort'), []);
  const pending = pingHost(silent, 'native', { signal: given.signal });
  given.abort();
  t.false((await pending).answered);
});

/** On a busy machine a ping waits long for its place, and is not given up for that. */
const patient = { timeoutMs: 60_000 };

test('pinger › pings beyond the limit wait for a place', async (t) => {
  const waiting: Socket[] = [];
  let most = 0;
  const address = await startHost(t, (socket) => {
    waiting.push(socket);
    most = Math.max(most, waiting.length);
  });
  const ping = limitPings(3);
  const results = Array.from({ length: 10 }, () => ping(address, 'native', patient));
  let answered = 0;
  const all = Promise.all(results);
  while (answered < results.length) {
    // All these were accepted; more at once would show in `most`.
    await lookUntil(() => waiting.length >= Math.min(3, results.length - answered));
    waiting.shift()?.end('pong x\n');
    answered++;
  }
  t.deepEqual(new Set((await all).map((each) => each.answered)), new Set([true]));
  t.is(most, 3);
});

test('pinger › a source whose hosts accept and stay silent delays only itself', async (t) => {
  const silent: Socket[] = [];
  const tarpit = await startHost(t, (socket) => silent.push(socket), '127.0.0.2');
  const living = await startHost(t, (socket) => socket.end('pong x\n'));
  const ping = limitPings(2);
  const stuck = Array.from({ length: 8 }, () => ping(tarpit, 'native', patient));
  const asked = ping(living, 'native', patient);
  await lookUntil(() => silent.length >= 2);
  silent[0]?.destroy();
  t.true((await asked).answered);
  t.is(silent.length, 2, 'the first place that became free was for the other source');
  const over = Promise.all(stuck);
  for (let ended = 1; ended < stuck.length; ended++) {
    await lookUntil(() => silent.length > ended);
    silent[ended]?.destroy();
  }
  t.deepEqual(new Set((await over).map(({ answered }) => answered)), new Set([false]));
});

test('pinger › a ping that had to wait too long for a place is not counted against the host', async (t) => {
  const tarpit = await startHost(t, () => {});
  const living = await startHost(t, (socket) => socket.end('pong x\n'), '127.0.0.2');
  const ending = new AbortController();
  const ping = limitPings(1);
  const stuck = ping(tarpit, 'native', { signal: ending.signal });
  const outcome = await ping(living, 'native', { timeoutMs: 100 });
  t.true(isOwnTrouble(outcome));
  t.is(outcome.reason, 'not sent: 1 pings are in flight, the maximum; try again later');
  ending.abort();
  await stuck;
  t.true((await ping(living, 'native')).answered);
});

/** A host in a thread of its own, which answers a ping once it is told to. */
const laterHost = `
  const { parentPort, workerData: { cell, dialect } } = require('node:worker_threads');
  const waitFor = () => {
    Atomics.store(cell, 0, 1);
    Atomics.wait(cell, 0, 1);
  };
  if (dialect === 'udp') {
    const socket = require('node:dgram').createSocket('udp4');
    socket.on('message', (bytes, { port, address }) => {
      waitFor();
      socket.send(/id=(\\S+)/.exec(bytes)[0].replace('=', ' ') + '\\npong x\\n', port, address);
    });
    socket.bind(0, '127.0.0.1', () => parentPort.postMessage(socket.address().port));
  } else {
    const server = require('node:net').createServer((socket) =>
      socket.once('data', () => {
        waitFor();
        socket.end('pong x\\n');
      }),
    );
    server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
  }
`;

for (const dialect of ['native', 'udp'] as const)
  test.serial(
    `pinger › an answer that came while this process stood still counts, ${dialect}`,
    async (t) => {
      const cell = new Int32Array(new SharedArrayBuffer(4));
      const host = new Worker(laterHost, {
        ...{ eval: true, execArgv: [], workerData: { cell, dialect } },
      });
      t.teardown(() => host.terminate());
      const [port] = await once(host, 'message');
      const timeoutMs = 1_000;
      const outcome = pingHost(`127.0.0.1:${port}`, dialect, { timeoutMs });
      await lookUntil(() => Atomics.load(cell, 0) === 1);
      // Timers are what comes next in this turn of the event loop.
      await setImmediate();
      Atomics.store(cell, 0, 2);
      Atomics.notify(cell, 0);
      Atomics.wait(cell, 0, 2, timeoutMs);
      t.like(await outcome, { answered: true, answeredBy: 'x' });
    },
  );
