// Connections in the order in which they came to a place, by source. The one to give way is the longest there of the
// source with most. Every operation takes constant time, because a flood is when it is needed.

/** What is queued. `source`: as `sourceOf` names it. */
export interface FromSource {
  readonly source: string;
}

/** A set of items, by source. */
export class GreediestFirst<T extends FromSource> {
  private readonly bySource = new Map<string, Set<T>>();
  /** at index n the sources with n items, the longest there first */
  private readonly levels: Set<Set<T>>[] = [];
  private most = 0;
  private count = 0;

  get size(): number {
    return this.count;
  }

  /** How many items the source with most has. */
  get greediest(): number {
    return this.most;
  }

  /** How many items the source has. */
  of(source: string): number {
    return this.bySource.get(source)?.size ?? 0;
  }

  add(item: T): void {
    let items = this.bySource.get(item.source);
    if (items === undefined) {
      items = new Set();
      this.bySource.set(item.source, items);
    }
    if (items.has(item)) return;
    this.levels[items.size]?.delete(items);
    items.add(item);
    this.enterLevel(items);
    this.most = Math.max(this.most, items.size);
    this.count++;
  }

  delete(item: T): void {
    const items = this.bySource.get(item.source);
    if (items === undefined || !items.has(item)) return;
    this.levels[items.size]?.delete(items);
    items.delete(item);
    this.count--;
    if (items.size > 0) this.enterLevel(items);
    else this.bySource.delete(item.source);
    // The source is one level lower now, unless it is gone.
    if (this.levels[this.most]?.size === 0) this.most--;
  }

  /** The longest there of the source with most; undefined: the set is empty. */
  first(): T | undefined {
    const [items] = this.levels[this.most] ?? [];
    return items === undefined ? undefined : firstIn(items);
  }

  /** The longest there of one source. */
  firstOf(source: string): T | undefined {
    const items = this.bySource.get(source);
    return items === undefined ? undefined : firstIn(items);
  }

  private enterLevel(items: Set<T>): void {
    let level = this.levels[items.size];
    if (level === undefined) {
      level = new Set();
      this.levels[items.size] = level;
    }
    level.add(items);
  }
}

function firstIn<T>(items: ReadonlySet<T>): T | undefined {
  const [first] = items;
  return first;
}
