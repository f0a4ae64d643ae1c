// Pings by datagrams, over real sockets. Each turn of the event loop is a millisecond to them: none of their answers comes
// too late because the machine is busy.
import type { Socket as DatagramSocket, RemoteInfo } from 'node:dgram';
import { getEventListeners } from 'node:events';
import { mock } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import type { PingOptions, PingOutcome } from '../../../daemon/expiry/ping-outcome.ts';
import { isOwnTrouble, pingHost } from '../../../daemon/expiry/pinger.ts';
import { createDatagramSocket } from '../../../shared/datagram-socket.ts';
import { freePort } from '../../fixture/free-port.ts';

async function ping(address: string, options: PingOptions = {}): Promise<PingOutcome> {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  try {
    let isOver = false;
    const outcome = pingHost(address, 'udp', options).finally(() => {
      isOver = true;
    });
    while (!isOver) {
      mock.timers.tick(1);
      await setImmediate();
    }
    return await outcome;
  } finally {
    mock.timers.reset();
  }
}

/** Starts a host that answers datagrams with what `answer` returns; resolves with its address. */
function startUdpHost(
  t: ExecutionContext,
  answer: (text: string, from: RemoteInfo, socket: DatagramSocket) => string | null,
  ip = '127.0.0.1',
): string {
  const socket = createDatagramSocket(ip);
  socket.on('message', (bytes, from) => {
    const reply = answer(bytes.toString('latin1'), from, socket);
    if (reply !== null) socket.send(reply, from.port, from.address);
  });
  socket.bind(0, ip);
  t.teardown(() => socket.close());
  return `${ip.includes(':') ? `[${ip}]` : ip}:${socket.address().port}`;
}

const idOf = (ping: string) => /^ping id=(\S+)\n/.exec(ping)?.[1] ?? '';
const pongTo = (ping: string, nodeId = 'some-node') => `id ${idOf(ping)}\npong ${nodeId}\n`;

test.serial('datagram ping › a host answers a padded ping with its id and node id', async (t) => {
  for (const ip of ['127.0.0.1', '::1']) {
    const asked: string[] = [];
    const address = startUdpHost(
      t,
      (text) => {
        asked.push(text);
        return pongTo(text);
      },
      ip,
    );
    const outcome = await ping(address, { nodeId: 'some-node' });
    t.like(outcome, { answered: true, answeredBy: 'some-node', reason: null, isAccepted: false });
    t.is(asked.length, 1);
    t.regex(asked[0] ?? '', /^ping id=[A-Za-z0-9_-]{16}\n{104}$/);
    t.like(await ping(address, { nodeId: 'other' }), {
      answered: false,
      answeredBy: 'some-node',
      reason: 'another node has this address: its id is some-node',
    });
  }
});

test.serial('datagram ping › one that was lost is sent again, with the same id', async (t) => {
  const ids: string[] = [];
  const address = startUdpHost(t, (text) => {
    ids.push(idOf(text));
    return ids.length < 4 ? null : pongTo(text);
  });
  t.true((await ping(address)).answered);
  t.deepEqual([ids.length, new Set(ids).size], [4, 1]);
});

test.serial(
  'datagram ping › a pong with another id, from another port, or in another form does not count',
  async (t) => {
    const stranger = createDatagramSocket('127.0.0.1').bind(0, '127.0.0.1');
    t.teardown(() => stranger.close());
    const address = startUdpHost(t, (text, from, socket) => {
      stranger.send(pongTo(text), from.port, from.address);
      for (const wrong of [
        'pong some-node\n',
        `id ${'A'.repeat(16)}\npong some-node\n`,
        `${pongTo(text)}pong some-node\n`,
        `id ${idOf(text)}\nhosts 10.0.0.1:1\n`,
        `id ${idOf(text)}\npong ${'x'.repeat(65)}\n`,
        text,
        '',
      ])
        socket.send(wrong, from.port, from.address);
      return null;
    });
    t.like(await ping(address), {
      answered: false,
      answeredBy: null,
      reason: 'no answer within 5000 ms',
    });
  },
);

test.serial(
  'datagram ping › a closed port fails the ping at once, and so does a stop',
  async (t) => {
    const stop = new AbortController();
    const address = startUdpHost(t, () => {
      stop.abort();
      return null;
    });
    t.like(await ping(address, { signal: stop.signal }), {
      answered: false,
      reason: 'stopped before an answer came',
    });
    t.like(await ping(address, { signal: AbortSignal.abort() }), { answered: false });
    t.is(getEventListeners(stop.signal, 'abort').length, 0);
    const refused = await ping(`127.0.0.1:${await freePort()}`);
    t.like(refused, { answered: false, reason: 'nobody receives datagrams there' });
    t.false(isOwnTrouble(refused));
    const unroutable = await ping('192.0.2.1:9', { from: '127.0.0.1' });
    t.true(isOwnTrouble(unroutable), String(unroutable.errorCode));
  },
);
