// Admission where the backlog is shared with other processes: its limit here is the number of permits
// that are held (permits.ts). Who begins a request when all of them are in use waits for the pool's
// word, which is a permit or that there is none. A permit that becomes free here goes to whoever waits
// here first; one that is owed goes back before.
import { Admission, type AdmissionOptions, type Guest } from './admission.ts';

/** The way to the pool. What is said arrives there in this order. */
export interface PermitSource {
  want(count: number): void;
  giveBack(permits: number, isReply: boolean): void;
  /** Somebody came, went, asked or was answered. */
  changed(): void;
}

export class SharedAdmission extends Admission {
  private readonly source: PermitSource;
  private readonly waiting = new Set<Guest>();
  private owed = 0;

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

  override waits(guest: Guest): boolean {
    this.waiting.add(guest);
    this.source.want(1);
    return true;
  }

  override answered(guest: Guest): void {
    super.answered(guest);
    this.source.changed();
    this.settle();
  }

  override leave(guest: Guest): void {
    this.waiting.delete(guest);
    super.leave(guest);
    this.source.changed();
    this.settle();
  }

  grant(permits: number): void {
    this.backlogLimit += permits;
    // Whoever wanted them goes before what was owed already: no other want is under way for them.
    for (let i = 0; i < permits && this.waiting.size > 0; i++) this.tellNext(true);
    this.settle();
  }

  deny(wants: number): void {
    for (let i = 0; i < wants && this.waiting.size > 0; i++) this.tellNext(false);
  }

  recall(): void {
    const unused = this.backlogLimit - this.backlog;
    this.backlogLimit -= unused;
    this.source.giveBack(unused, true);
  }

  owe(permits: number): void {
    this.owed += permits;
    this.settle();
  }

  private settle(): void {
    const paid = Math.min(this.owed, this.backlogLimit - this.backlog);
    if (paid > 0) {
      this.owed -= paid;
      this.backlogLimit -= paid;
      this.source.giveBack(paid, false);
    }
    while (this.waiting.size > 0 && this.backlogLimit > this.backlog) this.tellNext(true);
  }

  private tellNext(hasPermit: boolean): void {
    const [guest] = this.waiting;
    if (guest === undefined) return;
    this.waiting.delete(guest);
    guest.proceed(hasPermit);
  }
}
