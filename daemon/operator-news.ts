// What operators are told about a running name server, in the log and in the activity that consoles show: refused
// requests, trouble with files, and once a minute a summary of the requests that failed. Operators want to know
// that requests fail, not to read each of ten thousand refusals.

import type { CounterName, Counters } from '../shared/counters.ts';
import { printable } from '../shared/output/printable.ts';
import { sourceOfIp } from '../shared/protocol/address-kind.ts';
import type { Refusal } from '../shared/protocol/message.ts';
import { wallNow } from '../shared/wall-clock.ts';
import type { History } from './core/stats/history.ts';
import type { Logger } from './log.ts';
import { clocks } from './machine/clocks.ts';
import type { StorageTrouble } from './store/committer.ts';

/** Between two summaries, in ms. */
const summaryIntervalMs = 60_000;

/** The words for each counter that grew: `3 refused: backlog full`. */
const failures: Partial<Record<CounterName, string>> = {
  malformed: 'malformed',
  timedOut: 'timed out',
  evicted: 'closed while idle, to make room',
  displaced: 'displaced in the backlog by a whole request',
  busy: 'refused: backlog full',
  aborted: 'aborted by the client',
  registryFull: 'refused: MaxHosts or HostsPerSource reached',
  tooManyNew: 'told to come back: too many new hosts of a source or network',
  crowdedOut: 'replaced: registry full, host unproved',
};

/** Reports single events. */
export class OperatorNews {
  private readonly history: History;
  private readonly log: Logger;
  private socketTrouble: string | null = null;

  constructor(history: History, log: Logger) {
    this.history = history;
    this.log = log;
  }

  /** A request from `source` (an IP) was refused. */
  refused(source: string, refusal: Refusal): void {
    const text = printable(`${refusal.code}: ${refusal.text}`);
    this.history.addOf(sourceOfIp(source), clocks(), 'refused', source, text);
    this.log.debug({ source, code: refusal.code }, text);
  }

  /** Commits began to fail, or succeed again (null). */
  storageChanged(trouble: StorageTrouble): void {
    const recovered = 'storage recovered: registrations are accepted again';
    if (trouble === null) this.log.info(recovered);
    else this.log.error({ reason: trouble.reason }, 'storage failed: registrations are refused');
    this.history.add(wallNow(), 'storage', null, printable(trouble?.reason ?? recovered, 300));
  }

  /** A file that was deleted or replaced under the daemon has been written again. */
  mended(text: string): void {
    this.log.error(printable(text, 1_000));
    this.history.add(wallNow(), 'storage', null, printable(text, 300));
  }

  /** Another program keeps the log of the database from being shortened. */
  held(text: string): void {
    this.log.warn(printable(text, 1_000));
    this.history.add(wallNow(), 'storage', null, printable(text, 300));
  }

  /** Checks the IPC socket; reports once why consoles cannot attach, until the reason changes. */
  async lookAtSocket(ipc: { look(): Promise<string | null> }): Promise<void> {
    try {
      const mended = await ipc.look();
      if (mended === null) return;
      this.mended(mended);
      this.socketTrouble = null;
    } catch (error) {
      const { message } = error as Error;
      if (message !== this.socketTrouble) this.log.error(message);
      this.socketTrouble = message;
    }
  }
}

/** Reports failed requests: the first ones at once, further ones once a minute. */
export class Summary {
  private readonly counters: Counters;
  private readonly log: Pick<Logger, 'warn'>;
  private last: Counters;
  private dueAt = Number.NEGATIVE_INFINITY;

  constructor(counters: Counters, log: Pick<Logger, 'warn'>) {
    this.counters = counters;
    this.log = log;
    this.last = { ...counters };
  }

  /** To be called once a second with the monotonic time in ms. */
  tick(mono: number): void {
    if (mono < this.dueAt) return;
    const grown = (Object.keys(failures) as CounterName[])
      .map((name) => [name, this.counters[name] - this.last[name]] as const)
      .filter(([, by]) => by > 0);
    if (grown.length === 0) return;
    this.dueAt = mono + summaryIntervalMs;
    this.last = { ...this.counters };
    const parts = grown.map(([name, by]) => `${by} ${failures[name]}`);
    this.log.warn(Object.fromEntries(grown), `requests failed: ${parts.join('; ')}`);
  }
}
