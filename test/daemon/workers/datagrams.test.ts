// Threads=2: the workers share the UDP port, and the system gives each client's datagrams to one of them.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { connectIpc } from '../../../shared/ipc/client.ts';
import { freePort } from '../../fixture/free-port.ts';
import { lookUntil } from '../../fixture/look-until.ts';
import { exchange } from '../../fixture/tcp-client.ts';
import { UdpClient } from '../../fixture/udp-client.ts';
import { makeFolder, startDdnsd, workersOf } from '../program.ts';

/** On one core there is one process. */
const { serial } = test;

async function start(t: ExecutionContext) {
  t.timeout(60_000);
  const folder = await makeFolder(t);
  const port = await freePort();
  const conf = join(folder, 'ddns.conf');
  await writeFile(
    conf,
    `Interface=127.0.0.1\nPort=${port}\nDatabase=h.db\nSocket=s.sock\nThreads=2\nService=2\n`,
  );
  const running = await startDdnsd(t, ['--conf', conf]);
  await running.line(/name server is ready/);
  const console = await connectIpc(join(folder, 's.sock'), { name: 'test', version: '0' });
  t.teardown(() => console.close());
  return { port, running, console };
}

/** Clients from ports of their own, so that both workers have some. */
function openClients(t: ExecutionContext, port: number, count: number): Promise<UdpClient[]> {
  return Promise.all(Array.from({ length: count }, () => UdpClient.open(t, port)));
}

serial('workers › datagrams reach all workers, which accept each other’s cookies', async (t) => {
  const { port, console } = await start(t);
  const clients = await openClients(t, port, 40);
  const cookie = (await clients[0]?.cookie()) ?? '';
  const replies = await Promise.all(
    clients.map((client, index) =>
      client.ask(`alive n${index} ${4_000 + index} cookie=${cookie}\n`),
    ),
  );
  t.deepEqual(new Set(replies), new Set(['ok\n']));
  const lists = await Promise.all(
    clients.map((client, index) =>
      client.ask(`query n${index} ${4_000 + index} cookie=${cookie}\n`),
    ),
  );
  // Whichever worker has it: each has read what was committed before.
  for (const list of lists) t.regex(list, /^hosts( 127\.0\.0\.1:\d+){39}\nend 39 \S+ full\n$/);
  t.regex(await exchange(port, 'query x 1\n'), /\nend 40 \S+ full\n$/);
  const { counters, hosts } = await lookUntil(
    () => console.status(),
    ({ counters }) => counters.datagrams === 81,
  );
  t.is(hosts.live, 41);
  t.deepEqual([counters.cookiesSent, counters.queries, counters.alives], [1, 41, 40]);
  const { rows } = await console.page({ filter: 'n7' });
  t.is(rows[0]?.dialect, 'udp');
});

serial('workers › datagrams are answered while one worker is killed and replaced', async (t) => {
  const { port, running, console } = await start(t);
  const clients = await openClients(t, port, 20);
  const cookie = (await clients[0]?.cookie()) ?? '';
  process.kill(workersOf(running)[0] as number, 'SIGKILL');
  // As nodes do: a request without an answer is sent again.
  const ask = (client: UdpClient, text: string) =>
    lookUntil(
      () => {
        client.send(text);
        return client.received.length;
      },
      (received) => received > 0,
    );
  await Promise.all(
    clients.map((client, index) =>
      ask(client, `alive n${index} ${4_000 + index} cookie=${cookie}\n`),
    ),
  );
  for (const client of clients) t.is(await client.read(), 'ok\n', 'the cookie is still valid');
  const { threads, hosts } = await lookUntil(
    () => console.status(),
    ({ threads }) => threads.running === 2,
  );
  t.deepEqual([threads.running, hosts.live], [2, 20]);
});
