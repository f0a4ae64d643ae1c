// What a connection manager reports of the connections in the backlog, over real sockets; requests are decided when the
// test says so.

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { Access } from '../../../daemon/clients/access.ts';
import { ConnectionManager } from '../../../daemon/clients/connection-manager.ts';
import type { PendingRequest } from '../../../daemon/clients/connection-shared.ts';
import { Datagrams } from '../../../daemon/clients/datagrams.ts';
import { Listener } from '../../../daemon/clients/listener.ts';
import { Admission } from '../../../daemon/core/admission/admission.ts';
import { GroupCommit } from '../../../daemon/group-commit.ts';
import { createCounters } from '../../../shared/counters.ts';
import type { Reply } from '../../../shared/protocol/message.ts';
import { lookUntil } from '../../fixture/look-until.ts';
import { TcpClient } from '../../fixture/tcp-client.ts';

async function open(t: ExecutionContext, datagrams: Datagrams | null = null) {
  const clock = { now: 5_000, wall: 1_000_000 };
  const asked: PendingRequest[] = [];
  const counters = createCounters();
  const manager = new ConnectionManager({
    access: new Access({ allow: [], deny: [], proxies: [] }),
    admission: new Admission({ backlog: 10, limit: 100 }),
    counters,
    groupCommit: new GroupCommit({ persist: () => null, arrivals: () => counters.connections }),
    now: () => clock.now,
    wall: () => clock.wall + clock.now,
    replies: { replyTo: () => t.fail('its reply is set by the test') as never },
    dns: null,
    decide: (request) => {
      asked.push(request);
      return null;
    },
    refused: () => {},
    greeted: () => ({ code: 'not-a-peer', text: 'nobody is' }),
    channel: null,
    handshakeFailed: () => {},
  });
  const listener = new Listener(manager, { datagrams, setting: 'Port' });
  const { port } = await listener.start({ address: '127.0.0.1', port: 0 });
  t.teardown(() => listener.close());
  /** Until it is so, which it is when the bytes that were sent are read. */
  const until = (isSo: () => boolean) => lookUntil(isSo);
  const isAsked = () => until(() => asked.length > 0);
  /** Answers what was asked first. */
  const decide = (reply: Reply = { kind: 'pong', id: 'x' }) => {
    const request = asked.shift() as PendingRequest;
    request.reply = reply;
    request.waiting.release(null);
  };
  return { clock, manager, port, until, isAsked, decide, asked };
}

test('connection manager › a connection is in the backlog from its first byte until its last reply', async (t) => {
  const { clock, manager, port, until, isAsked, decide } = await open(t);
  const client = await TcpClient.open(port);
  await until(() => manager.admission.open === 1);
  t.deepEqual(manager.backlog(), { total: 0, silent: 1, idle: 0, connections: [] });
  client.send('pi');
  await until(() => manager.admission.backlog === 1);
  clock.now += 700;
  const { localPort } = client.socket;
  const entry = {
    serial: 1,
    source: `127.0.0.1:${localPort}`,
    dialect: 'native' as const,
    encrypted: false,
    stage: 'reading' as const,
    since: 1_005_000,
    waitedMs: 700,
    requests: 0,
    bytesIn: 2,
    bytesOut: 0,
  };
  t.deepEqual(manager.backlog(), { total: 1, silent: 0, idle: 0, connections: [entry] });
  client.send('ng\n');
  await isAsked();
  clock.now += 300;
  const deciding = { ...entry, stage: 'deciding' as const, requests: 1 };
  t.deepEqual(manager.backlog().connections, [{ ...deciding, bytesIn: 5, waitedMs: 1_000 }]);
  decide();
  t.is(await client.read(), 'pong x\n');
  t.deepEqual(manager.backlog(), { total: 0, silent: 0, idle: 1, connections: [] });
});

test('connection manager › the wait of a connection counts from its last reply, not from its next request', async (t) => {
  const { clock, manager, port, isAsked, decide } = await open(t);
  const client = await TcpClient.open(port);
  client.send('ping\npi');
  await isAsked();
  clock.now += 9_000;
  t.is(manager.backlog().connections[0]?.since, 1_005_000);
  decide();
  await client.read();
  clock.now += 20;
  const [entry] = manager.backlog().connections;
  t.deepEqual([entry?.since, entry?.stage, entry?.requests], [1_014_000, 'reading', 1]);
  t.is(entry?.bytesOut, 'pong x\n'.length);
});

test('connection manager › the time that a connection waited does not depend on the wall clock', async (t) => {
  const { clock, manager, port, until } = await open(t);
  const client = await TcpClient.open(port);
  client.send('pi');
  await until(() => manager.admission.backlog === 1);
  clock.now += 700;
  clock.wall += 86_400_000;
  const closed = manager.closeConnection(1);
  t.deepEqual([closed?.waitedMs, closed?.since], [700, 1_005_000 + 86_400_000]);
  await client.closed;
});

test('connection manager › a serial number identifies one connection, which can be closed while it is in the backlog', async (t) => {
  const { manager, port, until, isAsked, decide } = await open(t);
  const [slow, idle] = [await TcpClient.open(port), await TcpClient.open(port)];
  slow.send('1/an-old-node/40');
  await until(() => manager.admission.backlog === 1);
  idle.send('ping\n');
  await isAsked();
  decide();
  await idle.read();
  const [entry] = manager.backlog().connections;
  t.deepEqual([entry?.serial, entry?.dialect], [1, 'legacy']);
  for (const serial of [0, 2, 3, 1.5]) t.is(manager.closeConnection(serial), null, String(serial));
  t.deepEqual(manager.closeConnection(1), entry);
  t.is(await slow.closed, '');
  t.is(manager.closeConnection(1), null);
  t.deepEqual(manager.backlog(), { total: 0, silent: 0, idle: 1, connections: [] });
  idle.destroy();
});

test('connection manager › replies buffered in the socket of a client that ended its side are sent, however late it reads', async (t) => {
  const { clock, manager, port, until, isAsked, decide } = await open(t);
  const client = await TcpClient.open(port, { allowHalfOpen: true });
  await until(() => manager.admission.open === 1);
  const [connection] = manager.connections.items() as unknown as { socket: Socket }[];
  const socket = connection?.socket as Socket;
  client.socket.pause();
  const text = 'x'.repeat(20_000);
  let answers = 0;
  // Until the kernel takes no more, and a part of the last answer waits.
  for (; socket.writableLength === 0; answers++) {
    client.send('ping\n');
    await isAsked();
    decide({ kind: 'pong', id: text });
    await until(() => manager.admission.idle === 1);
  }
  client.end();
  await until(() => socket.readableEnded || socket.destroyed);
  const silent = await TcpClient.open(port);
  clock.now += 10_000;
  await silent.closed;
  client.socket.resume();
  t.is((await client.closed).length, answers * (text.length + 'pong \n'.length));
});

test('connection manager › all addresses of an IPv6 subnet are one source, and an IPv4 address is one', async (t) => {
  const { manager } = await open(t);
  // Sockets of loopback that say that they come from elsewhere: there is one address of IPv6 here.
  let next = '';
  const server = createServer((socket) => {
    Object.defineProperty(socket, 'remoteAddress', { value: next });
    manager.enter(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const clients: TcpClient[] = [];
  t.teardown(() => {
    for (const client of clients) client.destroy();
    server.close();
  });
  const come = async (from: string) => {
    next = from;
    const entered = once(server, 'connection');
    clients.push(await TcpClient.open(port));
    await entered;
  };
  for (const from of ['2001:db8:1:3::1', '192.0.2.1', '::ffff:192.0.2.1', '192.0.2.2'])
    await come(from);
  for (let i = 0; i < 90; i++) await come(`2001:db8:1:2:${i.toString(16)}::1`);
  const { admission } = manager;
  t.is(admission.open, 94);
  // One of those who hold most gives way to each newcomer when it is full.
  for (let i = 0; i < 10; i++) await come('192.0.2.3');
  t.deepEqual([admission.open, manager.counters.evicted], [100, 4]);
  await Promise.all(clients.slice(4, 8).map(({ closed }) => closed));
});

test('connection manager › little is read ahead of undecided requests, and every request is answered', async (t) => {
  const { manager, port, until, isAsked, decide, asked } = await open(t);
  const client = await TcpClient.open(port);
  const known = `have${' 192.0.2.1:4000'.repeat(4_000)}\n`;
  const queries = 200;
  client.send(`${known}query n 4000\n`.repeat(queries));
  await isAsked();
  let last = -1;
  let looks = 0;
  await until(() => {
    const { bytesIn = 0 } = manager.backlog().connections[0] ?? {};
    looks = bytesIn === last ? looks + 1 : 0;
    last = bytesIn;
    return looks === 500;
  });
  // Two chunks, and what the system and the stream had read by then.
  t.true(last < 1_048_576, `${last} bytes of ${client.socket.bytesWritten} were read`);
  for (let answered = 0; answered < queries; answered++) {
    await isAsked();
    decide();
  }
  t.is(await client.read(queries), 'pong x\n'.repeat(queries));
  t.is(asked.length, 0);
});

test('listener › where any port will do, one that is taken for datagrams is not the one', async (t) => {
  const taken: ReturnType<typeof createSocket>[] = [];
  t.teardown(() => {
    for (const socket of taken) socket.close();
  });
  /** As if somebody took the port a moment before. */
  class Late extends Datagrams {
    override async start(...[at, options]: Parameters<Datagrams['start']>): Promise<number> {
      if (taken.length < 2) {
        const socket = createSocket('udp4');
        taken.push(socket);
        await new Promise<void>((resolve) => socket.bind(at.port, at.address, resolve));
      }
      return super.start(at, options);
    }
  }
  const access = new Access({ allow: [], deny: [], proxies: [] });
  const datagrams = new Late({ native: null, dns: null }, { counters: createCounters(), access });
  const { port } = await open(t, datagrams);
  t.is(taken.length, 2);
  t.false(taken.map((socket) => socket.address().port).includes(port));
});
