// Prometheus as Debian packages it, on loopback, scraping name servers that come and go. Durations of the alert rules
// are shortened, so that a fault that would have to last for minutes has to last for seconds.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../fixture/free-port.ts';
import { lookUntil } from '../../fixture/look-until.ts';
import { ask } from '../../fixture/metrics-page.ts';
import type { Cleanup } from '../program.ts';

const rulesFile = new URL('../../../daemon/monitoring/alerts.yaml', import.meta.url);

/** Between two scrapes, and two looks at the rules. */
const interval = '500ms';

export const hasPrometheus = spawnSync('prometheus', ['--version']).error === undefined;

/** The rules with a second for each `for`, and seconds instead of minutes in each range. */
function shortened(rules: string): string {
  return rules
    .replace(/\bfor: \w+/g, 'for: 1s')
    .replace('[15m]', '[30s]')
    .replaceAll('[5m]', '[5s]')
    .replace('ddns_peer_lag_seconds > 60', 'ddns_peer_lag_seconds > 3');
}

/** A sample of a query's answer. */
export interface Sample {
  labels: Record<string, string>;
  value: number;
}

export class Prometheus {
  private readonly port: number;
  private readonly folder: string;
  private readonly targets = new Set<string>();

  /** Starts it in `folder`, with nothing to scrape; it ends with the test. */
  static async start(t: Cleanup, folder: string): Promise<Prometheus> {
    const port = await freePort();
    const prometheus = new Prometheus(port, join(folder, 'prometheus'));
    await prometheus.run(t);
    return prometheus;
  }

  private constructor(port: number, folder: string) {
    this.port = port;
    this.folder = folder;
  }

  private async run(t: Cleanup): Promise<void> {
    const { folder, port } = this;
    mkdirSync(folder);
    writeFileSync(join(folder, 'alerts.yaml'), shortened(readFileSync(rulesFile, 'utf8')));
    // JSON is YAML.
    const configuration = {
      global: {
        scrape_interval: interval,
        scrape_timeout: interval,
        evaluation_interval: interval,
      },
      rule_files: ['alerts.yaml'],
      scrape_configs: [{ job_name: 'ddnsd', file_sd_configs: [{ files: ['targets.json'] }] }],
    };
    writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify(configuration));
    writeFileSync(join(folder, 'targets.json'), '[]');
    const child = spawn(
      'prometheus',
      [
        `--config.file=${join(folder, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--log.level=error',
      ],
      { stdio: 'ignore' },
    );
    t.teardown(() => {
      child.kill('SIGKILL');
    });
    const isReady = () =>
      ask(port, '/-/ready').then(
        ({ status }) => status === 200,
        () => false,
      );
    await lookUntil(isReady, (ready) => ready);
  }

  /** Scrapes these ports of 127.0.0.1, too, from now on; resolves when each was scraped. */
  async scrape(ports: readonly number[]): Promise<void> {
    for (const port of ports) this.targets.add(`127.0.0.1:${port}`);
    this.announce();
    const areUp = async () => {
      const up = await this.query('up == 1');
      const instances = new Set(up.map(({ labels }) => labels.instance));
      return ports.every((port) => instances.has(`127.0.0.1:${port}`));
    };
    await lookUntil(areUp, (all) => all);
  }

  /** Scrapes nothing any more. */
  forget(): void {
    this.targets.clear();
    this.announce();
  }

  private announce(): void {
    const file = join(this.folder, 'targets.json');
    const targets = [...this.targets];
    writeFileSync(`${file}.new`, JSON.stringify(targets.length === 0 ? [] : [{ targets }]));
    renameSync(`${file}.new`, file);
  }

  /** @throws what Prometheus says of a query that it cannot answer */
  async query(expression: string): Promise<Sample[]> {
    const { body } = await ask(this.port, `/api/v1/query?query=${encodeURIComponent(expression)}`);
    const answer = JSON.parse(body) as {
      status: string;
      error?: string;
      data: { result: { metric: Record<string, string>; value: [number, string] }[] };
    };
    if (answer.status !== 'success') throw new Error(`${expression}: ${answer.error}`);
    return answer.data.result.map(({ metric, value }) => ({
      labels: metric,
      value: Number(value[1]),
    }));
  }

  /** Resolves when the alert fires, for the name server with that metrics port if one is given. */
  async fires(alertname: string, port: number | null): Promise<Sample> {
    const of = port === null ? '' : `,instance="127.0.0.1:${port}"`;
    const query = `ALERTS{alertstate="firing",alertname="${alertname}"${of}}`;
    const [found] = await lookUntil(
      () => this.query(query),
      (samples) => samples.length > 0,
    );
    return found as Sample;
  }
}
