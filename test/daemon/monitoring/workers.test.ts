// Metrics with Threads=2: one page for all processes, whichever of them counted.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { freePort } from '../../fixture/free-port.ts';
import { lookUntil } from '../../fixture/look-until.ts';
import { scrape } from '../../fixture/metrics-page.ts';
import { exchange } from '../../fixture/tcp-client.ts';
import { gone, makeFolder, startDdnsd, workersOf } from '../program.ts';

test('metrics › the counters of workers are in it, and never fall when one dies (prom-client#385)', async (t) => {
  const folder = await makeFolder(t);
  const [port, metrics] = [await freePort(), await freePort()];
  const conf = join(folder, 'ddns.conf');
  await writeFile(
    conf,
    `Interface=127.0.0.1\nPort=${port}\nDatabase=h.db\nSocket=s.sock\nThreads=2\nMetrics=${metrics}\n`,
  );
  const running = await startDdnsd(t, ['--conf', conf]);
  await running.line(/name server is ready/);
  const counted = async () => {
    const samples = await scrape(metrics);
    const of = (name: string) => samples.get(name) as number;
    return {
      pings: of('ddns_queries_total{dialect="native",type="ping"}'),
      alives: of('ddns_queries_total{dialect="native",type="alive"}'),
      connections: of('ddns_connections_total'),
      processes: of('ddns_accepting_processes'),
    };
  };
  const ask = async (from: number, to: number) => {
    for (let i = from; i < to; i++)
      t.regex(await exchange(port, `ping\nalive n${i} ${4_000 + i}\n`), /^pong \S+\nok\n$/);
  };
  await ask(0, 20);
  t.deepEqual(
    await lookUntil(counted, ({ pings, connections }) => pings === 20 && connections === 20),
    { pings: 20, alives: 20, connections: 20, processes: 2 },
  );
  const [first] = workersOf(running) as [number, number];
  process.kill(first, 'SIGKILL');
  await gone(first);
  const { pings, alives, connections } = await counted();
  t.deepEqual([pings, alives, connections], [20, 20, 20]);
  await ask(20, 30);
  const isWhole = (now: Awaited<ReturnType<typeof counted>>) =>
    now.pings === 30 && now.connections === 30 && now.processes === 2;
  t.is((await lookUntil(counted, isWhole)).alives, 30);
});
