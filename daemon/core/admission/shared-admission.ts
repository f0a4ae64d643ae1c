// Admission where the backlog is shared with other processes: its limit here is the number of permits
// that are held (permits.ts). Who begins a request when all of them are in use waits for the pool's
// word, which is a permit or that there is none. A permit that becomes free here goes to whoever waits
// here first, whole requests before unfinished ones; one that is owed goes back before.
import { Admission, type AdmissionOptions, type Guest, shareOfBacklog } from './admission.ts';

/** The way to the pool. What is said arrives there in this order. */
export interface PermitSource {
  /** For `isWhole` an unfinished request elsewhere gives way, when there is one. */
  want(count: number, isWhole: boolean): void;
  /** `unfinished`: how many of those held could be yielded */
  giveBack(permits: number, isReply: boolean, unfinished: number): void;
  /** Somebody came, went, asked or was answered. */
  changed(): void;
}

export class SharedAdmission extends Admission {
  private readonly source: PermitSource;
  private readonly waiting = { whole: new Set<Guest>(), unfinished: new Set<Guest>() };
  private owed = 0;
  /** how many permits this process would have if all were shared out evenly */
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

  override seek(guest: Guest, isWhole: boolean): null {
    this.waiting[isWhole ? 'whole' : 'unfinished'].add(guest);
    this.source.want(1, isWhole);
    return null;
  }

  override answered(guest: Guest): void {
    super.answered(guest);
    this.source.changed();
    this.settle();
  }

  override leave(guest: Guest): void {
    this.waiting.whole.delete(guest);
    this.waiting.unfinished.delete(guest);
    super.leave(guest);
    this.source.changed();
    this.settle();
  }

  override remainsUnfinished(guest: Guest): void {
    super.remainsUnfinished(guest);
    this.settle();
  }

  protected override get share(): number {
    return shareOfBacklog(this.evenPart);
  }

  /** What each process holds of the backlog on an average: a source's share is a part of that. */
  divided(evenPart: number): void {
    this.evenPart = evenPart;
  }

  grant(permits: number): void {
    this.backlogLimit += permits;
    // Whoever wanted them goes before what was owed already: no other want is under way for them.
    for (let i = 0; i < permits && this.isAwaited; i++) this.tellNext();
    this.settle();
  }

  deny(wants: number): void {
    for (let i = 0; i < wants && this.isAwaited; i++) this.refuseNext();
  }

  recall(): void {
    const unused = this.backlogLimit - this.backlog;
    this.backlogLimit -= unused;
    this.source.giveBack(unused, true, this.unfinished);
  }

  /** Whole requests wait in other processes: so many unfinished ones give way here. */
  yield(permits: number): void {
    // What became free meanwhile goes first.
    for (let free = this.backlogLimit - this.backlog; free < permits; free++)
      if (!this.dismissUnfinished()) break;
    const yielded = Math.min(permits, Math.max(0, this.backlogLimit - this.backlog));
    this.backlogLimit -= yielded;
    this.source.giveBack(yielded, true, this.unfinished);
  }

  owe(permits: number): void {
    this.owed += permits;
    this.settle();
  }

  private get isAwaited(): boolean {
    return this.waiting.whole.size > 0 || this.waiting.unfinished.size > 0;
  }

  private settle(): void {
    const paid = Math.min(this.owed, this.backlogLimit - this.backlog);
    if (paid > 0) {
      this.owed -= paid;
      this.backlogLimit -= paid;
      this.source.giveBack(paid, false, this.unfinished);
    }
    while (this.isAwaited && this.backlogLimit > this.backlog) this.tellNext();
  }

  /** There is a permit for one of those who wait. */
  private tellNext(): void {
    const { whole, unfinished } = this.waiting;
    takeFirst(whole.size > 0 ? whole : unfinished)?.proceed(true);
  }

  /** There is none for one of those who wait; among unfinished requests it may still be its turn. */
  private refuseNext(): void {
    const { whole, unfinished } = this.waiting;
    const isWhole = unfinished.size === 0;
    const guest = takeFirst(isWhole ? whole : unfinished);
    guest?.proceed(this.makeRoom(guest, isWhole));
  }
}

function takeFirst<T>(set: Set<T>): T | undefined {
  const [first] = set;
  if (first !== undefined) set.delete(first);
  return first;
}
