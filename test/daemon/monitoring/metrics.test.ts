// What /metrics says, of a name server that runs. The titles that name a project say what broke there.
import { statSync } from 'node:fs';
import test from 'ava';
import { HostStore } from '../../../daemon/store/host-store.ts';
import { counterFamilies } from '../../../shared/counters.ts';
import { framed, queryOf } from '../../fixture/dns-client.ts';
import { lookUntil } from '../../fixture/look-until.ts';
import { ask, samplesOf, scrape } from '../../fixture/metrics-page.ts';
import { startTestServer } from '../../fixture/name-server.ts';
import { createRandom } from '../../fixture/random.ts';
import { addresses, registryOf } from '../../fixture/registry.ts';
import { exchange } from '../../fixture/tcp-client.ts';
import { makeFolder } from '../../fixture/temp-folder.ts';

const metrics = '127.0.0.1:0';

async function start(t: Parameters<typeof startTestServer>[0], settings = {}) {
  const server = await startTestServer(t, { settings: { metrics, ...settings } });
  const { port } = server.metricsAddress as { port: number };
  return { server, page: () => scrape(port), port };
}

test('metrics › every counter has its series from the start, and every family its help and type', async (t) => {
  const { port } = await start(t, { nameServers: ['127.0.0.1:9'] });
  const { body, headers } = await ask(port, '/metrics');
  t.is(headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
  const samples = samplesOf(body);
  for (const { metric, counters } of counterFamilies) {
    t.true(body.includes(`\n# TYPE ${metric} counter\n`), metric);
    t.true(body.includes(`\n# HELP ${metric} `), metric);
    const series = [...samples.keys()].filter((name) => name.split('{')[0] === metric);
    t.is(series.length, Object.keys(counters).length, metric);
  }
});

test('metrics › what is not known has no series, and nothing is NaN (prometheus#11433)', async (t) => {
  const { page } = await start(t, { nameServers: ['127.0.0.1:9'] });
  const samples = await page();
  t.deepEqual(
    [...samples].filter(([, value]) => !Number.isFinite(value)),
    [],
  );
  t.false(samples.has('ddns_oldest_contact_age_seconds'));
  t.false(samples.has('ddns_peer_round_trip_seconds{peer="127.0.0.1:9"}'));
  t.is(samples.get('ddns_peer_state{peer="127.0.0.1:9",state="connecting"}'), 1);
});

test('metrics › requests are counted by dialect and type, and hosts by state', async (t) => {
  const { server, page } = await start(t);
  await exchange(server.port, 'query a 4000\nalive b 4001\nping\nleave b 4001\n');
  await exchange(server.port, '127.0.0.1/c\n');
  await exchange(server.port, framed(queryOf('dynamo', 'SRV'), queryOf('dynamo', 'NS')));
  const samples = await page();
  const queries = (dialect: string, type: string) =>
    samples.get(`ddns_queries_total{dialect="${dialect}",type="${type}"}`);
  t.deepEqual(
    ['query', 'alive', 'leave', 'ping'].map((type) => queries('native', type)),
    [1, 1, 1, 1],
  );
  t.deepEqual([queries('dns', 'SRV'), queries('dns', 'other')], [1, 1]);
  t.is(
    samples.get('ddns_registrations_total{result="new"}'),
    (samples.get('ddns_hosts{state="live"}') as number) + 1,
  );
  t.is(samples.get('ddns_departures_total{reason="left"}'), 1);
  t.is(samples.get('ddns_hosts{state="gone"}'), 1);
  t.true((samples.get('ddns_commit_duration_seconds_count') ?? 0) > 0);
});

test('metrics › the write-ahead log has the size of its file', async (t) => {
  const { server, page } = await start(t);
  await exchange(server.port, 'alive a 4000\n');
  const { size } = statSync(`${server.settings.database}-wal`);
  t.true(size > 0);
  t.is((await page()).get('ddns_write_ahead_log_bytes'), size);
});

test('metrics › nothing that clients send makes a series (coredns#4507)', async (t) => {
  const { server, page, port } = await start(t);
  const before = [...(await page()).keys()];
  const random = createRandom(7);
  const word = () => Math.floor(random() * 2 ** 40).toString(36);
  for (let i = 0; i < 50; i++) {
    await exchange(server.port, `${word()} ${word()} 4000\n`);
    await exchange(server.port, `alive ${word()} ${1 + i}\n`);
    await ask(port, `/${word()}`);
  }
  const types = ['A', 'AAAA', 'TXT', 'CAA', 'HINFO', 'NULL', 'SSHFP', 'ANY', 'MX'];
  await exchange(server.port, framed(...types.map((type) => queryOf(`${word()}.dynamo`, type))));
  t.deepEqual(
    [...(await page()).keys()].filter((name) => !name.startsWith('ddns_oldest')),
    before,
  );
});

test('metrics › a page costs the same with 200,000 hosts as with none', async (t) => {
  const folder = makeFolder(t);
  const store = new HostStore(`${folder}/hosts.db`);
  store.commit(registryOf(addresses(200_000)));
  store.close();
  const server = await startTestServer(t, { folder, settings: { metrics, maxHosts: 200_000 } });
  const { port } = server.metricsAddress as { port: number };
  let made = 0;
  // A page is kept for a moment: what counts is how long one takes that is made anew.
  const timed = async () => {
    const began = performance.now();
    const samples = await scrape(port);
    const [ms, before] = [performance.now() - began, made];
    made = samples.get('process_cpu_seconds_total') as number;
    t.is(samples.get('ddns_hosts{state="live"}'), 200_000);
    return { ms, isNew: made !== before };
  };
  const { ms } = await lookUntil(timed, ({ ms, isNew }) => isNew && ms < 20);
  t.log(`${ms.toFixed(1)} ms`);
});
