// The alert rules and the dashboard: they name what is exported, and each rule fires for its figures and for no others.
// promtool runs the rules in its own time, with their real durations.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { ask, samplesOf } from '../../fixture/metrics-page.ts';
import { startTestServer } from '../../fixture/name-server.ts';
import { makeFolder } from '../../fixture/temp-folder.ts';

const folder = new URL('../../../daemon/monitoring/', import.meta.url);
const rulesFile = new URL('alerts.yaml', folder).pathname;
const rules = readFileSync(rulesFile, 'utf8');
const dashboard = readFileSync(new URL('dashboard.json', folder), 'utf8');
const operating = readFileSync(new URL('../OPERATING.md', folder), 'utf8');
const alerts = [...rules.matchAll(/- alert: (\w+)/g)].map(([, name]) => name as string);

/** The queries of the dashboard. */
const queries = [...dashboard.matchAll(/"expr": ("(?:[^"\\]|\\.)*")/g)].map(
  ([, text = '']) => JSON.parse(text) as string,
);

const promtool = (...args: string[]) => spawnSync('promtool', args, { encoding: 'utf8' });
const hasPromtool = promtool('--version').error === undefined;

/** The page of a name server with a peer and a host. */
async function healthyPage(t: Parameters<typeof startTestServer>[0]): Promise<string> {
  const server = await startTestServer(t, {
    settings: { metrics: '127.0.0.1:0', nameServers: ['127.0.0.1:9'] },
  });
  const { port } = server.metricsAddress as { port: number };
  return (await ask(port, '/metrics')).body;
}

/** What a text names: each metric with its matchers. */
function selectorsIn(text: string): { metric: string; matchers: string }[] {
  return [...text.matchAll(/\b((?:ddns|process)_\w+)(?:\{([^}]*)\})?/g)].map(
    ([, metric = '', matchers = '']) => ({ metric, matchers }),
  );
}

/** Whether a series, `name{label="value"}`, has what the matchers ask for; variables of the dashboard match. */
function hasLabels(series: string, matchers: string): boolean {
  return [...matchers.matchAll(/(\w+)(=~|!=|=)"([^"]*)"/g)]
    .filter(
      ([, label, , value]) => label !== 'job' && label !== 'instance' && !value?.startsWith('$'),
    )
    .every(([, label, operator, value = '']) => {
      const found = new RegExp(`[{,]${label}="([^"]*)"`).exec(series)?.[1];
      if (found === undefined) return false;
      if (operator === '!=') return true;
      return operator === '=' ? found === value : new RegExp(`^(?:${value})$`).test(found);
    });
}

/** Not known of a server without hosts, whose peer never came; their HELP is there. */
const unknownHere = /^ddns_(oldest_contact_age|peer_(lag|round_trip|clock))/;

test('alert rules and dashboard › every metric and label that they name is exported', async (t) => {
  const page = await healthyPage(t);
  const series = [...samplesOf(page).keys()];
  const names = [...page.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name);
  const missing = [rules, ...queries].flatMap((text) =>
    selectorsIn(text).filter(({ metric, matchers }) =>
      unknownHere.test(metric)
        ? !names.includes(metric)
        : !series.some((each) => each.split('{')[0] === metric && hasLabels(each, matchers)),
    ),
  );
  t.true(queries.length > 15);
  t.deepEqual(missing, []);
});

test('alert rules › OPERATING says what each alert means and what to do', (t) => {
  const explained = [...operating.matchAll(/^\| `(Ddns\w+)` \|/gm)].map(
    ([, name]) => name as string,
  );
  t.deepEqual(explained.toSorted(), alerts.toSorted());
});

/** Figures of a healthy name server that a fault changes, in promtool's notation, and the alerts that then fire. */
const faults: Record<string, { series: Record<string, string>; also?: string[] }> = {
  DdnsDown: { series: { up: '0x180' } },
  DdnsNotScraped: { series: { up: '_x180' } },
  DdnsStorageFailing: {
    series: { 'ddns_ready{condition="storage"}': '0x180' },
    also: ['DdnsNotReady'],
  },
  DdnsNotReady: { series: { 'ddns_ready{condition="serving"}': '0x180' } },
  DdnsRestarts: { series: { process_start_time_seconds: '1000+240x180' } },
  DdnsDeletionsHeldBack: { series: { 'ddns_self_preservation{reason="canaries"}': '1x180' } },
  DdnsMassDeletion: { series: { ddns_mass_deletion: '1x180' } },
  DdnsFamilyUnreachable: { series: { 'ddns_cannot_judge{hosts="ipv6"}': '1x180' } },
  DdnsHostsStale: { series: { ddns_oldest_contact_age_seconds: '3600+300x180' } },
  DdnsHostsUnreachable: {
    series: { 'ddns_hosts{state="live"}': '100x180', ddns_hosts_reachable: '40x180' },
  },
  DdnsPeerFailing: { series: { 'ddns_peer_trouble{peer="127.0.0.1:9"}': '1x180' } },
  DdnsReplicationLags: { series: { 'ddns_peer_lag_seconds{peer="127.0.0.1:9"}': '0+60x180' } },
  DdnsClockWrong: {
    series: { 'ddns_peer_clock_difference_seconds{peer="127.0.0.1:9"}': '-20x180' },
  },
  DdnsBacklogFull: { series: { 'ddns_refusals_total{reason="busy"}': '0+1x180' } },
  DdnsRegistryFull: { series: { 'ddns_refusals_total{reason="registry_full"}': '0+1x180' } },
  DdnsFlood: { series: { 'ddns_refusals_total{reason="datagram"}': '0+6000x180' } },
  DdnsEventLoopBlocked: {
    series: {
      'ddns_event_loop_delay_seconds_bucket{le="0.5"}': '0+6x180',
      'ddns_event_loop_delay_seconds_bucket{le="1"}': '0+60x180',
      'ddns_event_loop_delay_seconds_bucket{le="+Inf"}': '0+60x180',
    },
  },
  DdnsCommitsSlow: {
    series: {
      'ddns_commit_duration_seconds_bucket{le="0.25"}': '0+6x180',
      'ddns_commit_duration_seconds_bucket{le="0.5"}': '0+60x180',
      'ddns_commit_duration_seconds_bucket{le="+Inf"}': '0+60x180',
    },
  },
};

test('alert rules › there is a fault for each', (t) => {
  t.deepEqual(Object.keys(faults).toSorted(), alerts.toSorted());
});

test('alert rules › each fires for its fault and for no other, and none for a healthy server', async (t) => {
  if (!hasPromtool) {
    t.log('not tried: no promtool here (Debian: prometheus)');
    t.pass();
    return;
  }
  const healthy: Record<string, string> = { up: '1x180' };
  for (const [series, value] of samplesOf(await healthyPage(t)))
    if (rules.includes(series.split('{')[0] as string)) healthy[series] = `${value}x180`;
  // Its peer is there, unlike that of the page, and what is not known there is well.
  Object.assign(healthy, {
    'ddns_ready{condition="caught_up"}': '1x180',
    'ddns_self_preservation{reason="starting"}': '0x180',
    'ddns_peer_state{peer="127.0.0.1:9",state="connecting"}': '0x180',
    'ddns_peer_trouble{peer="127.0.0.1:9"}': '0x180',
    'ddns_peer_lag_seconds{peer="127.0.0.1:9"}': '0x180',
    'ddns_peer_clock_difference_seconds{peer="127.0.0.1:9"}': '0.2x180',
    ddns_oldest_contact_age_seconds: '3700x180',
    'ddns_hosts{state="live"}': '100x180',
    ddns_hosts_reachable: '90x180',
  });
  // Each fault has a name server of its own, and one has none.
  const seriesOf = (instance: string, changed: Record<string, string>) =>
    Object.entries({ ...healthy, ...changed }).map(([series, values]) => {
      const [name, labels = ''] = series.replace('}', '').split('{');
      const all = [`job="ddnsd",instance="${instance}"`, labels].filter((text) => text !== '');
      return { series: `${name}{${all.join()}}`, values };
    });
  const testOf = (input_series: ReturnType<typeof seriesOf>, firing: readonly string[]) => ({
    interval: '1m',
    input_series,
    promql_expr_test: [
      {
        expr: 'sum by (alertname, instance) (ALERTS{alertstate="firing"})',
        eval_time: '170m',
        exp_samples: firing.map((labels) => ({ labels: `{${labels}}`, value: 1 })),
      },
    ],
  });
  const { DdnsNotScraped: unscraped, ...ofServers } = faults;
  const file = join(makeFolder(t), 'rules.test.yaml');
  const tests = [
    testOf(
      [
        ...seriesOf('healthy', {}),
        ...Object.entries(ofServers).flatMap(([name, { series }]) => seriesOf(name, series)),
      ],
      Object.entries(ofServers).flatMap(([name, { also = [] }]) =>
        [name, ...also].map((alert) => `alertname="${alert}",instance="${name}"`),
      ),
    ),
    testOf(
      Object.entries(unscraped?.series ?? {}).map(([series, values]) => ({ series, values })),
      ['alertname="DdnsNotScraped"'],
    ),
  ];
  // JSON is YAML.
  writeFileSync(
    file,
    JSON.stringify({ rule_files: [rulesFile], evaluation_interval: '1m', tests }),
  );
  const { status, stdout, stderr } = promtool('test', 'rules', file);
  t.is(status, 0, `${stdout}${stderr}`);
  t.is(promtool('check', 'rules', rulesFile).status, 0);
});
