// Connections in the order in which they came to a place, by source: when one has to give way, it is the one
// that has been there longest of the source that holds most. Every operation costs the same, however many
// connections and sources there are, because a flood is when it is asked.

/** What is queued: only where it comes from counts. */
export interface FromSource {
  readonly source: string;
}

export class GreediestFirst<T extends FromSource> {
  private readonly bySource = new Map<string, Set<T>>();
  /** at each index the sources that hold as many, whoever has done so longest first */
  private readonly levels: Set<Set<T>>[] = [];
  private most = 0;
  private count = 0;

  get size(): number {
    return this.count;
  }

  /** How many the source that holds most has. */
  get greediest(): number {
    return this.most;
  }

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
    // The source itself is one level lower now, unless it is gone.
    if (this.levels[this.most]?.size === 0) this.most--;
  }

  /** Who has been there longest, of the source that holds most; undefined: nobody is there. */
  first(): T | undefined {
    const [items] = this.levels[this.most] ?? [];
    return items === undefined ? undefined : firstIn(items);
  }

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
