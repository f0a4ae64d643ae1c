// Prometheus, where it is installed, scrapes name servers that work, and some alerts fire for their faults. All of the
// faults, one after the other, are in fire-alerts.ts: `npm run alerts`.
import { readFileSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { framed, queryOf } from '../../fixture/dns-client.ts';
import { lookUntil } from '../../fixture/look-until.ts';
import { exchange } from '../../fixture/tcp-client.ts';
import { makeFolder } from '../../fixture/temp-folder.ts';
import { alertFaults, pair, repeat, type Scene } from './alert-faults.ts';
import { hasPrometheus, Prometheus } from './prometheus.ts';

const dashboard = readFileSync(
  new URL('../../../daemon/monitoring/dashboard.json', import.meta.url),
  'utf8',
);

/** Asks what holds only now and then: their answer may be empty. */
const isOccasional = /[=>] ?[01]$|ddns_dns_failures|ddns_changes_refused/;

/** Each needs the machine for itself: Prometheus waits half a second for a page. */
const { serial } = test;

/** Null: there is no Prometheus here. */
async function sceneOf(t: ExecutionContext): Promise<Scene | null> {
  if (!hasPrometheus) {
    t.log('not tried: no Prometheus here (Debian: prometheus)');
    t.pass();
    return null;
  }
  let lasts = true;
  t.teardown(() => {
    lasts = false;
  });
  return {
    t,
    prometheus: await Prometheus.start(t, makeFolder(t)),
    folder: () => makeFolder(t),
    smallDisk: () => null,
    lasts: () => lasts,
  };
}

serial(
  'Prometheus › scrapes name servers under load, and answers every query of the dashboard',
  async (t) => {
    const scene = await sceneOf(t);
    if (scene === null) return;
    const { prometheus } = scene;
    // The oldest contact is known after a pass over the registry: a sixtieth of the TTL.
    const servers = await pair(scene, { lines: ['TTL=2m'] });
    for (const [index, { port }] of servers.entries()) {
      let next = 1;
      repeat(scene, async () => {
        const lines = Array.from(
          { length: 50 },
          () => `alive n${index}-${++next} ${1 + (next % 60_000)}\n`,
        );
        await exchange(port, `${lines.join('')}query q ${1 + index}\nping\n`);
        await exchange(port, framed(queryOf('dynamo', 'A'), queryOf('nobody.dynamo', 'A')));
      });
    }
    await lookUntil(
      () => prometheus.query('min(rate(ddns_registrations_total{result="new"}[5s]))'),
      ([least]) => (least?.value ?? 0) > 0,
    );
    await lookUntil(
      () =>
        prometheus.query(
          'min(ddns_peer_round_trip_seconds) and min(ddns_oldest_contact_age_seconds)',
        ),
      (samples) => samples.length > 0,
    );
    for (const [, text = ''] of dashboard.matchAll(/"expr": ("(?:[^"\\]|\\.)*")/g)) {
      const expression = (JSON.parse(text) as string)
        .replaceAll('$__rate_interval', '5s')
        .replaceAll('$instance', '.*');
      const samples = await prometheus.query(expression);
      if (!isOccasional.test(expression)) t.true(samples.length > 0, `${expression}: no answer`);
    }
    const [slowest] = await prometheus.query('max(max_over_time(scrape_duration_seconds[30s]))');
    const [series] = await prometheus.query('max(scrape_samples_scraped)');
    t.log(`${series?.value} series, ${((slowest?.value ?? 0) * 1_000).toFixed(0)} ms at most`);
    t.true((series?.value ?? 0) > 100);
  },
);

serial('Prometheus › alerts fire for real faults', async (t) => {
  const scene = await sceneOf(t);
  if (scene === null) return;
  const names = ['DdnsDown', 'DdnsRegistryFull', 'DdnsPeerFailing', 'DdnsClockWrong'];
  const fired = names.map(async (name) => {
    const port = await alertFaults[name]?.(scene);
    if (typeof port !== 'number') throw new TypeError(`${name}: ${port}`);
    const { labels } = await scene.prometheus.fires(name, port);
    t.is(labels.instance, `127.0.0.1:${port}`, name);
  });
  await Promise.all(fired);
});
