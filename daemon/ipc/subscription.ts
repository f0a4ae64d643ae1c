// What one console is told after its snapshot: at most a few deltas a second, each with what
// changed since the one before. A console that does not take them is not queued for: deltas are
// left out, and the next one it takes covers them and says how many.
import {
  activityHistory,
  type Delta,
  type Snapshot,
  type Status,
} from '../../shared/ipc/contract.ts';
import type { IpcService } from './service.ts';

/** Four deltas a second: what an eye follows, and a fraction of what a console can draw. */
export const deltaIntervalMs = 250;

export class Subscription {
  private readonly service: IpcService;
  private readonly send: (delta: Delta) => Promise<void>;
  /** JSON of each status member as it was sent last. */
  private readonly sent = new Map<string, string>();
  private sampledAt = 0;
  private seq = 0;
  private redirectSeq = 0;
  private dropped = 0;
  private isSending = false;

  /** `send` resolves when the console has taken the delta. */
  constructor(service: IpcService, send: (delta: Delta) => Promise<void>) {
    this.service = service;
    this.send = send;
  }

  snapshot(now: number): Snapshot {
    const { status, ...rest } = this.takeChanges();
    return { at: now, status: status as Status, ...rest };
  }

  /** Called every `deltaIntervalMs`. */
  tick(now: number): void {
    if (this.isSending) {
      this.dropped++;
      this.service.countDropped();
      return;
    }
    const changes = this.takeChanges();
    const { status, samples, activity, redirects } = changes;
    const lengths = [samples, activity, redirects].map(({ length }) => length);
    if (Object.keys(status).length === 0 && lengths.every((length) => length === 0)) return;
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

  private takeChanges(): Pick<Delta, 'status' | 'samples' | 'activity' | 'redirects'> {
    const samples = this.service.samplesAfter(this.sampledAt);
    const activity = this.service.activityAfter(this.seq).slice(-activityHistory);
    this.sampledAt = samples.at(-1)?.at ?? this.sampledAt;
    this.seq = activity.at(-1)?.seq ?? this.seq;
    const redirects = this.service.redirectsAfter(this.redirectSeq);
    this.redirectSeq = redirects.at(-1)?.seq ?? this.redirectSeq;
    return { status: this.takeStatus(), samples, activity, redirects };
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
