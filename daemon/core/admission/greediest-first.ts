// Connections in the order in which they came to a place, by source. The one to give way is the longest there of the
// source with most. Every operation takes constant time, because a flood is when it is needed.
import { Link, LinkedSet, linksByItem } from '../timing/linked-set.ts';

/** What is queued. `source`: as `sourceOf` names it. */
export interface FromSource {
  readonly source: string;
}

/** Sources that are kept although none of their items is left: those whose connections come one after the other. */
const keptEmpty = 16;

/** The items of one source. */
class Queue<T> extends LinkedSet<T> {
  readonly source: string;
  /** among the queues of its size */
  readonly level = new Link<Queue<T>>(this);

  constructor(source: string, linkOf: (item: T) => Link<T>) {
    super(linkOf);
    this.source = source;
  }
}

/** A set of items, by source. */
export class GreediestFirst<T extends FromSource> {
  private readonly linkOf: (item: T) => Link<T>;
  private readonly bySource = new Map<string, Queue<T>>();
  /** at index n the queues of n items, the longest there first */
  private readonly levels: LinkedSet<Queue<T>>[] = [];
  private most = 0;
  private count = 0;

  /** `linkOf`: the link of an item, where the item has it; it is in one such set at a time then. */
  constructor(linkOf = linksByItem((item: T) => new Link(item))) {
    this.linkOf = linkOf;
  }

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
    const { source } = item;
    let queue = this.bySource.get(source);
    if (queue === undefined) {
      queue = new Queue(source, this.linkOf);
      this.bySource.set(source, queue);
    }
    if (queue.add(item) === null) return;
    this.levelOf(queue.size).add(queue);
    this.most = Math.max(this.most, queue.size);
    this.count++;
  }

  delete(item: T): void {
    const queue = this.bySource.get(item.source);
    if (queue === undefined || !queue.delete(item)) return;
    this.count--;
    this.levelOf(queue.size).add(queue);
    if (queue.size === 0) this.dropEmpty();
    // The source is one level lower now.
    if (this.levelOf(this.most).size === 0) this.most--;
  }

  /** The longest there of the source with most; undefined: the set is empty. */
  first(): T | undefined {
    return this.levelOf(this.most).first?.item.first?.item;
  }

  /** The longest there of one source. */
  firstOf(source: string): T | undefined {
    return this.bySource.get(source)?.first?.item;
  }

  private levelOf(size: number): LinkedSet<Queue<T>> {
    let level = this.levels[size];
    if (level === undefined) {
      level = new LinkedSet(({ level: link }) => link);
      this.levels[size] = level;
    }
    return level;
  }

  private dropEmpty(): void {
    const empty = this.levelOf(0);
    const { first } = empty;
    if (first === null || empty.size <= keptEmpty) return;
    empty.delete(first.item);
    this.bySource.delete(first.item.source);
  }
}
