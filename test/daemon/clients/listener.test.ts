import { createServer } from 'node:net';
import { join } from 'node:path';
import test from 'ava';
import { ListenError } from '../../../daemon/clients/listen-error.ts';
import { HostStore } from '../../../daemon/store/host-store.ts';
import { freePort } from '../../fixture/free-port.ts';
import { startTestServer } from '../../fixture/name-server.ts';
import { exchange, TcpClient } from '../../fixture/tcp-client.ts';
import { makeFolder } from '../../fixture/temp-folder.ts';

test('listener › a taken port is reported with how to find its process, and nothing stays open', async (t) => {
  const holder = createServer();
  const port = await freePort();
  await new Promise<void>((resolve) => holder.listen(port, '127.0.0.1', resolve));
  const folder = makeFolder(t);
  await t.throwsAsync(startTestServer(t, { folder, settings: { port } }), {
    instanceOf: ListenError,
    code: 'port-taken',
    message: `127.0.0.1:${port} is taken by another process. Stop it (ss -ltnp 'sport = :${port}' names it), or set another Port in ddns.conf`,
  });
  await new Promise((resolve) => holder.close(resolve));
  // The same folder, with the same database and socket, is free again.
  const server = await startTestServer(t, { folder, settings: { port } });
  t.regex(await exchange(server.port, 'ping\n'), /^pong /);
});

test('listener › an address that this machine does not have is reported', async (t) => {
  await t.throwsAsync(startTestServer(t, { settings: { interface: '192.0.2.1' } }), {
    instanceOf: ListenError,
    code: 'address-missing',
    message:
      'this machine has no address 192.0.2.1. Set Interface in ddns.conf to one it has (ip address lists them)',
  });
});

test.serial(
  'stopping › requests in flight are answered and stored, other connections are closed',
  async (t) => {
    const server = await startTestServer(t, { settings: { maxHosts: 110_000 } });
    const requests = Array.from({ length: 50_000 }, (_, index) => `alive n ${index + 1}\n`);
    await exchange(server.port, requests.join(''), { from: '127.0.0.2' });
    const silent = await TcpClient.open(server.port);
    const idle = await TcpClient.open(server.port);
    const pong = await idle.ask('ping\n');
    const half = await TcpClient.open(server.port);
    await half.ask('ping\nalive h 400');
    const reading = await TcpClient.open(server.port, { from: '127.0.0.3' });
    reading.socket.pause();
    reading.send('query r 4000\n'.repeat(20));
    await server.until(({ counters }) => counters.queries === 20);
    const closing = server.close();
    t.is(await silent.closed, '');
    t.is(await idle.closed, pong);
    t.is(await half.closed, pong);
    await t.throwsAsync(TcpClient.open(server.port), { code: 'ECONNREFUSED' });
    reading.socket.resume();
    const ends = (await reading.closed).match(/^end 50000 \S+ full$/gm);
    t.is(ends?.length, 20);
    // The one that was reading, and the half request.
    t.deepEqual(await closing, { inFlight: 2 });
    t.deepEqual(await server.close(), { inFlight: 2 });
    const store = new HostStore(join(server.settings.database));
    t.is(store.rowsUsed(), 50_001);
    store.close();
  },
);

test.serial(
  'stopping › a client that does not read its reply is waited for five seconds at most',
  async (t) => {
    const server = await startTestServer(t, { settings: { maxHosts: 110_000 } });
    const requests = Array.from({ length: 50_000 }, (_, index) => `alive n ${index + 1}\n`);
    await exchange(server.port, requests.join(''), { from: '127.0.0.2' });
    const stuck = await TcpClient.open(server.port);
    stuck.socket.pause();
    stuck.send('query r 4000\n'.repeat(20));
    await server.until(({ counters }) => counters.queries === 20);
    t.deepEqual(await server.close(), { inFlight: 1 });
    stuck.destroy();
  },
);

test.serial(
  'stopping › a stopped server frees its port, its socket and its database',
  async (t) => {
    const first = await startTestServer(t);
    await exchange(first.port, 'alive a 4000\n');
    await first.close();
    const second = await startTestServer(t, { settings: first.settings });
    t.regex(await exchange(second.port, 'query b 4001\n'), /^hosts 127\.0\.0\.1:4000\n/);
  },
);
