// A server where the system allows few open files: everybody keeps to a part, and an operator is told.
import test from 'ava';
import { startTestServer } from '../../fixture/name-server.ts';
import { exchange, TcpClient } from '../../fixture/tcp-client.ts';

test('descriptors › where there are few, clients leave room for consoles, and it is said at the start', async (t) => {
  const server = await startTestServer(t, { openFiles: 96 });
  const [warning] = server.logged;
  t.is(warning?.level, 'warn');
  t.regex(
    String(warning?.msg),
    /^the limit of 96 open files leaves room for 30 clients, 5 pings, 5 connections of name servers and 5 consoles at once; raise it to \d+ \(LimitNOFILE in ddnsd\.service, or ulimit -n\) for all of them$/,
  );
  const clients: TcpClient[] = [];
  for (let index = 0; index < 40; index++)
    clients.push(await TcpClient.open(server.port, { from: `127.0.5.${index + 1}` }));
  const { connections, counters } = await server.until(({ counters }) => counters.evicted === 10);
  t.deepEqual([connections.open, connections.limit, counters.busy], [30, 30, 0]);
  t.regex(await exchange(server.port, 'ping\n'), /^pong /);
  for (const client of clients) client.destroy();
});

test('descriptors › where there are enough, nothing is said', async (t) => {
  const server = await startTestServer(t, { openFiles: 65_536 });
  t.deepEqual(
    server.logged.filter(({ level }) => level === 'warn'),
    [],
  );
});
