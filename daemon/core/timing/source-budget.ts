// What each source may have done at a price to everybody: so much at once, and then as fast as it comes
// back. Bounded: of many sources only those that spent something of late are kept.

/** Sources kept: some 100 bytes each. Who drops out of it has its whole budget again. */
const maxSources = 4_096;

interface Spent {
  units: number;
  at: number;
}

export class SourceBudget {
  private readonly atOnce: number;
  private readonly everyMs: number;
  /** in the order in which they spent last */
  private readonly spent = new Map<string, Spent>();

  /** `atOnce` units, one of which comes back every `everyMs`. */
  constructor(atOnce: number, everyMs: number) {
    this.atOnce = atOnce;
    this.everyMs = everyMs;
  }

  /** Takes a unit from `source` (sourceOf) at `now`, ms; false: it has none left. */
  take(source: string, now: number): boolean {
    const last = this.spent.get(source) ?? { units: 0, at: now };
    const back = Math.max(0, now - last.at) / this.everyMs;
    const units = Math.max(0, last.units - back);
    this.spent.delete(source);
    const isLeft = units + 1 <= this.atOnce;
    this.spent.set(source, { units: isLeft ? units + 1 : units, at: now });
    if (this.spent.size > maxSources) this.spent.delete(this.spent.keys().next().value as string);
    return isLeft;
  }
}
