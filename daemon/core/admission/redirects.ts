// Who was sent where, and why: the latest redirects and how many there were, for whoever watches.
import {
  type Redirect,
  type Redirects as RedirectList,
  redirectHistory,
  type Status,
} from '../../../shared/ipc/status-contract.ts';
import { RingBuffer } from '../stats/history.ts';

export class Redirects {
  private readonly recent = new RingBuffer<Redirect>(redirectHistory);
  private readonly counts = new Map<string, number>();

  add(redirect: Omit<Redirect, 'seq'>): void {
    this.recent.add(redirect);
    this.counts.set(redirect.to, (this.counts.get(redirect.to) ?? 0) + 1);
  }

  after(seq: number): Redirect[] {
    return this.recent.after(seq);
  }

  status(): Status['redirects'] {
    const targets = [...this.counts].map(([address, count]) => ({ address, count }));
    return { total: this.recent.total, targets: targets.toSorted((a, b) => b.count - a.count) };
  }

  view(): RedirectList {
    return { ...this.status(), recent: this.after(0) };
  }
}
