// The subscription of one console: a snapshot, then at most four deltas per second with the changes since the last
// one sent. Nothing is queued for a console that does not read: deltas are dropped, and the next one covers
// them and says how many were dropped.
import type { Delta, Snapshot, Status } from '../../shared/ipc/status-contract.ts';
import type { IpcService } from './service.ts';

/** Between two deltas, in ms: four per second, a fraction of what a console can draw. */
export const deltaIntervalMs = 250;

/** Collects what one console has not been sent yet. */
export class Subscription {
  private readonly service: IpcService;
  private readonly send: (delta: Delta) => Promise<void>;
  /** JSON of each status member as last sent */
  private readonly sent = new Map<string, string>();
  /** sequence numbers of the last sent entries */
  private readonly last = { samples: 0, hourSamples: 0, activity: 0, redirects: 0 };
  private dropped = 0;
  private isSending = false;

  /** `send` resolves when the console has read the delta. */
  constructor(service: IpcService, send: (delta: Delta) => Promise<void>) {
    this.service = service;
    this.send = send;
  }

  /** The full state; `now` in ms since 1970. */
  snapshot(now: number): Snapshot {
    const { status, ...rest } = this.takeChanges();
    return { at: now, status: status as Status, ...rest };
  }

  /** Sends a delta if anything changed; to be called every `deltaIntervalMs`. */
  tick(now: number): void {
    if (this.isSending) {
      this.dropped++;
      this.service.countDropped();
      return;
    }
    const changes = this.takeChanges();
    const { status, ...lists } = changes;
    const isNew = Object.values(lists).some(({ length }) => length > 0);
    if (Object.keys(status).length === 0 && !isNew) return;
    const delta: Delta = { at: now, ...changes, dropped: this.dropped };
    this.dropped = 0;
    this.isSending = true;
    // A failed write closes the connection, which ends the subscription.
    this.send(delta).then(
      () => {
        this.isSending = false;
      },
      () => {},
    );
  }

  private takeChanges(): Omit<Delta, 'at' | 'dropped'> {
    const { service, last } = this;
    const changes = {
      samples: service.samplesAfter(last.samples),
      hourSamples: service.hourSamplesAfter(last.hourSamples),
      activity: service.activityAfter(last.activity),
      redirects: service.redirectsAfter(last.redirects),
    };
    for (const kind of Object.keys(last) as (keyof typeof last)[])
      last[kind] = changes[kind].at(-1)?.seq ?? last[kind];
    return { status: this.takeStatus(), ...changes };
  }

  private takeStatus(): Partial<Status> {
    const changed = Object.entries(this.service.status()).filter(([name, value]) => {
      const json = JSON.stringify(value);
      if (this.sent.get(name) === json) return false;
      this.sent.set(name, json);
      return true;
    });
    return Object.fromEntries(changed);
  }
}
