// Admission where processes share the backlog: its limit in each is the number of permits it holds (permits.ts). A
// connection that begins a request when all permits are in use waits until the pool grants or denies it one. A permit
// that becomes free goes back if it is reclaimed, else to a connection that waits, complete requests first.
import { Admission, type AdmissionOptions, type Guest, shareOfBacklog } from './admission.ts';

/** The way to the pool, which keeps the order of the calls. */
export interface PermitSource {
  /** `isComplete`: the request is complete, so an incomplete one elsewhere may give way. */
  want(count: number, isComplete: boolean): void;
  /** `isReply`: to `recall` or `yield`; `incomplete`: how many of the permits still held could be yielded. */
  giveBack(permits: number, isReply: boolean, incomplete: number): void;
  /** A connection came, went, asked or was answered. */
  changed(): void;
}

/** The admission of one process of several. */
export class SharedAdmission extends Admission {
  private readonly source: PermitSource;
  private readonly waiting = { complete: new Set<Guest>(), incomplete: new Set<Guest>() };
  /** permits to give back as they become free */
  private reclaimed = 0;
  /** permits that each process would have if they were divided evenly */
  private evenPart = 0;

  constructor(options: Omit<AdmissionOptions, 'backlog'>, source: PermitSource) {
    super({ ...options, backlog: 0 });
    this.source = source;
  }

  override enter(guest: Guest): boolean {
    this.source.changed();
    return super.enter(guest);
  }

  override ask(guest: Guest): boolean {
    this.source.changed();
    return super.ask(guest);
  }

  override seek(guest: Guest, isComplete: boolean): null {
    this.waiting[isComplete ? 'complete' : 'incomplete'].add(guest);
    this.source.want(1, isComplete);
    return null;
  }

  override answered(guest: Guest): void {
    super.answered(guest);
    this.source.changed();
    this.settle();
  }

  override leave(guest: Guest): void {
    this.waiting.complete.delete(guest);
    this.waiting.incomplete.delete(guest);
    super.leave(guest);
    this.source.changed();
    this.settle();
  }

  override remainsIncomplete(guest: Guest): void {
    super.remainsIncomplete(guest);
    this.settle();
  }

  protected override get share(): number {
    return shareOfBacklog(this.evenPart);
  }

  /** A source's share is a part of what each process has of the backlog on average. */
  divided(evenPart: number): void {
    this.evenPart = evenPart;
  }

  grant(permits: number): void {
    this.backlogLimit += permits;
    // Waiting requests come before reclaimed permits: no other want is under way for them.
    for (let i = 0; i < permits && this.isAwaited; i++) this.admitNext();
    this.settle();
  }

  deny(wants: number): void {
    for (let i = 0; i < wants && this.isAwaited; i++) this.refuseNext();
  }

  recall(): void {
    const unused = this.backlogLimit - this.backlog;
    this.backlogLimit -= unused;
    this.source.giveBack(unused, true, this.incomplete);
  }

  /** Complete requests wait in other processes: as many incomplete ones give way here. */
  yield(permits: number): void {
    // Permits that became free in the meantime go first.
    for (let free = this.backlogLimit - this.backlog; free < permits; free++)
      if (!this.dismissIncomplete()) break;
    const yielded = Math.min(permits, Math.max(0, this.backlogLimit - this.backlog));
    this.backlogLimit -= yielded;
    this.source.giveBack(yielded, true, this.incomplete);
  }

  reclaim(permits: number): void {
    this.reclaimed += permits;
    this.settle();
  }

  private get isAwaited(): boolean {
    return this.waiting.complete.size > 0 || this.waiting.incomplete.size > 0;
  }

  private settle(): void {
    const repaid = Math.min(this.reclaimed, this.backlogLimit - this.backlog);
    if (repaid > 0) {
      this.reclaimed -= repaid;
      this.backlogLimit -= repaid;
      this.source.giveBack(repaid, false, this.incomplete);
    }
    while (this.isAwaited && this.backlogLimit > this.backlog) this.admitNext();
  }

  /** There is a permit for one of those that wait. */
  private admitNext(): void {
    const { complete, incomplete } = this.waiting;
    takeFirst(complete.size > 0 ? complete : incomplete)?.proceed(true);
  }

  /** There is none for one of those that wait; it may still go before an incomplete request here. */
  private refuseNext(): void {
    const { complete, incomplete } = this.waiting;
    const isComplete = incomplete.size === 0;
    const guest = takeFirst(isComplete ? complete : incomplete);
    guest?.proceed(this.makeRoom(guest, isComplete));
  }
}

function takeFirst<T>(set: Set<T>): T | undefined {
  const [first] = set;
  if (first !== undefined) set.delete(first);
  return first;
}
