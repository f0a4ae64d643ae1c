// What others can watch: /metrics for Prometheus, /healthz and /readyz for load balancers, at the address of the setting
// Metrics, which applies live. Monitoring never stops the name server: an address that cannot be listened on is
// reported once, and tried again every second. What it takes is loaded when it is first wanted: the library of the
// metrics takes 50 ms, and so does node:http, with which Node loads its HTTP client.

import type { ListenAddress } from '../../shared/config/interface-address.ts';
import { addressText } from '../../shared/protocol/address-kind.ts';
import type { Readiness } from '../core/stats/readiness.ts';
import type { Logger } from '../log.ts';
import { LoopDelay } from './loop-delay.ts';
import type { Metrics, MetricsSources } from './metrics.ts';
import type { Page, PageServer, Pages } from './page-server.ts';

/** The port for monitoring. */
export class Monitoring {
  /** listened on; null: nowhere */
  address: ListenAddress | null = null;
  private readonly log: Logger;
  private readonly loopDelay = new LoopDelay();
  private sources: MetricsSources | null = null;
  private metrics: Metrics | null = null;
  /** the setting, and the setting that `server` stands for */
  private wanted: string | null = null;
  private open: string | null = null;
  private server: PageServer | null = null;
  private trouble: string | null = null;
  private settling: Promise<void> | null = null;

  constructor(log: Logger) {
    this.log = log;
  }

  /** Begins to listen at `wanted`, as `configure` does. */
  start(sources: MetricsSources, wanted: string | null): Promise<void> {
    this.sources = sources;
    return this.configure(wanted);
  }

  /** Moves to `wanted`, `ip:port`, or closes (null). Resolves once it listens there, or cannot. Never throws. */
  configure(wanted: string | null): Promise<void> {
    this.wanted = wanted;
    this.settling ??= this.settle().finally(() => {
      this.settling = null;
    });
    return this.settling;
  }

  /** To be called once a second: tries again, and notes how late the event loop was. */
  look(): void {
    if (this.wanted !== this.open) void this.configure(this.wanted);
    else if (this.open !== null) this.metrics?.delayed(this.loopDelay.take());
  }

  /** A transaction of the registry took `ms`. */
  committed(ms: number): void {
    this.metrics?.committed(ms);
  }

  /** Closes the port. */
  close(): Promise<void> {
    return this.configure(null);
  }

  private async settle(): Promise<void> {
    while (this.wanted !== this.open) {
      const { wanted, sources } = this;
      await this.server?.close();
      this.server = null;
      this.address = null;
      this.open = null;
      this.loopDelay.close();
      if (wanted === null || sources === null) this.trouble = null;
      else if (!(await this.listen(wanted, sources))) return;
      this.open = wanted;
    }
  }

  private async listen(wanted: string, sources: MetricsSources): Promise<boolean> {
    const { log } = this;
    const { PageServer } = await import('./page-server.ts');
    const server = new PageServer(await this.pages(sources), (error) =>
      log.error({ err: error }, 'a page of Metrics could not be made'),
    );
    try {
      this.address = await server.start(addressOf(wanted));
    } catch (error) {
      const { message } = error as Error;
      if (message !== this.trouble) log.error(`no metrics: ${message}`);
      this.trouble = message;
      return false;
    }
    this.server = server;
    this.trouble = null;
    this.loopDelay.start();
    log.info(`metrics at http://${addressText(this.address)}/metrics`);
    return true;
  }

  private async pages(sources: MetricsSources): Promise<Pages> {
    const [{ Metrics }, { textPage }] = await Promise.all([
      import('./metrics.ts'),
      import('./page-server.ts'),
    ]);
    const metrics = this.metrics ?? new Metrics(sources);
    this.metrics = metrics;
    const page = async (): Promise<Page> => {
      const body = await metrics.page();
      return { status: 200, contentType: metrics.contentType, body };
    };
    return new Map<string, () => Page | Promise<Page>>([
      ['/metrics', page],
      ['/healthz', () => textPage(200, 'alive')],
      ['/readyz', () => textPage(...ready(sources.readiness()))],
    ]);
  }
}

function ready(readiness: Readiness): [Page['status'], string] {
  const reasons = Object.values(readiness).filter((reason) => reason !== null);
  return reasons.length === 0
    ? [200, 'ready']
    : [503, reasons.map((reason) => `not ready: ${reason}`).join('\n')];
}

function addressOf(text: string): ListenAddress {
  const colon = text.lastIndexOf(':');
  return {
    address: text.slice(0, colon).replace(/^\[|\]$/g, ''),
    port: Number(text.slice(colon + 1)),
  };
}
