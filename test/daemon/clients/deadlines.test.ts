// Deadlines on a clock of the test's own, over real sockets: the server looks at it a few times a
// second, so an hour costs a moment.
import test, { type ExecutionContext } from 'ava';
import {
  idleTimeoutMs,
  requestDeadlineMs,
  writeDeadlineMs,
} from '../../../shared/protocol/limits.ts';
import { startTestServer } from '../../fixture/name-server.ts';
import { exchange, TcpClient } from '../../fixture/tcp-client.ts';

async function startWithClock(t: ExecutionContext, maxHosts?: number) {
  const clock = { now: 0 };
  const server = await startTestServer(t, {
    monotonic: () => clock.now,
    settings: maxHosts === undefined ? {} : { maxHosts },
  });
  return { clock, server };
}

const late = 'error timeout the request was not complete after 10 s; send it whole\n';

test('deadlines › a silent connection is closed without a reply', async (t) => {
  const { clock, server } = await startWithClock(t);
  const client = await TcpClient.open(server.port);
  await server.until(({ connections }) => connections.open === 1);
  clock.now = requestDeadlineMs;
  t.is(await client.closed, '');
  t.is((await server.status()).counters.timedOut, 1);
});

test('deadlines › half a request gets an error', async (t) => {
  const { clock, server } = await startWithClock(t);
  const client = await TcpClient.open(server.port);
  const pong = await client.ask('ping\nquery a 40');
  clock.now = requestDeadlineMs;
  t.is(await client.closed, pong + late);
  const { counters, hosts } = await server.status();
  t.deepEqual([counters.timedOut, hosts.live], [1, 0]);
});

test('deadlines › more bytes do not extend a deadline', async (t) => {
  const { clock, server } = await startWithClock(t);
  const client = await TcpClient.open(server.port);
  const watcher = await TcpClient.open(server.port);
  const pong = await client.ask('ping\n');
  for (const byte of 'have 10.0') {
    clock.now += 1_000;
    client.send(byte);
    // By its answer the byte has been read as well: it was sent before.
    await watcher.ask('ping\n');
  }
  clock.now = 1_000 + requestDeadlineMs;
  t.is(await client.closed, pong + late);
});

test('deadlines › each request has a deadline of its own, from its first byte', async (t) => {
  const { clock, server } = await startWithClock(t);
  const client = await TcpClient.open(server.port);
  const pong = await client.ask('ping\npin');
  clock.now = requestDeadlineMs - 1;
  await client.ask('g\npin');
  clock.now += requestDeadlineMs - 1;
  t.is(await client.ask('g\nping\n', 2), pong + pong);
  t.is((await server.status()).counters.timedOut, 0);
});

test('deadlines › an idle connection is closed', async (t) => {
  const { clock, server } = await startWithClock(t);
  const client = await TcpClient.open(server.port);
  const pong = await client.ask('ping\n');
  await server.until(({ backlog }) => backlog.current === 0);
  clock.now = idleTimeoutMs;
  t.is(await client.closed, pong);
});

test('deadlines › a client that does not read its reply is closed and counted', async (t) => {
  const { clock, server } = await startWithClock(t, 110_000);
  const requests = Array.from({ length: 50_000 }, (_, index) => `alive n ${index + 1}\n`);
  await exchange(server.port, requests.join(''), { from: '127.0.0.2' });
  const client = await TcpClient.open(server.port);
  client.socket.pause();
  client.send('query a 1\n'.repeat(50));
  await server.until(({ counters }) => counters.queries === 50);
  clock.now = writeDeadlineMs;
  const { counters } = await server.until(({ connections }) => connections.open === 0);
  t.is(counters.aborted, 1);
});

test('deadlines › a client that does not close after its last reply is closed', async (t) => {
  const { clock, server } = await startWithClock(t);
  const client = await TcpClient.open(server.port, { allowHalfOpen: true });
  const refusal = await client.ask('nonsense\n');
  t.regex(refusal, /^error malformed /);
  t.is((await server.status()).connections.open, 1);
  clock.now = 2_000;
  const { counters } = await server.until(({ connections }) => connections.open === 0);
  t.deepEqual([counters.aborted, counters.timedOut], [0, 0]);
  client.destroy();
});
