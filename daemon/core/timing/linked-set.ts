// A set in the order in which its items came, linked through the items. A Set leaves something behind: when items come and
// go, V8 makes its table anew, and each former table refers to its successor. As soon as one of them is in the old
// generation, whatever passes through the set stays until the next full collection. With a connection for each request,
// collections of young garbage kept, and copied, half of what the connections had left.

/** An item's place in a set. Sets that share the links of their items have each item in one of them at a time. */
export class Link<T> {
  readonly item: T;
  set: { delete(item: T): boolean } | null = null;
  before: Link<T> | null = null;
  after: Link<T> | null = null;

  constructor(item: T) {
    this.item = item;
  }
}

/** Finds the link of each item, for items that have none themselves. They stay as long as in a Set, so it is for few. */
export function linksByItem<T extends object, L extends Link<T>>(
  makeLink: (item: T) => L,
): (item: T) => L {
  const links = new WeakMap<T, L>();
  return (item) => {
    const known = links.get(item);
    if (known !== undefined) return known;
    const link = makeLink(item);
    links.set(item, link);
    return link;
  };
}

/** Every operation but `items` takes constant time. */
export class LinkedSet<T, L extends Link<T> = Link<T>> {
  size = 0;
  private readonly linkOf: (item: T) => L;
  private head: L | null = null;
  private tail: L | null = null;

  constructor(linkOf: (item: T) => L) {
    this.linkOf = linkOf;
  }

  /** The link of the item that came first; null: the set is empty. */
  get first(): L | null {
    return this.head;
  }

  has(item: T): boolean {
    return this.linkOf(item).set === this;
  }

  /**
   * Appends the item, which leaves the set that its link was in.
   * @returns its link; null: it was here, and stays where it is
   */
  add(item: T): L | null {
    const link = this.linkOf(item);
    if (link.set === this) return null;
    link.set?.delete(item);
    link.set = this;
    link.before = this.tail;
    if (this.tail === null) this.head = link;
    else this.tail.after = link;
    this.tail = link;
    this.size++;
    return link;
  }

  /** @returns false: it was not here */
  delete(item: T): boolean {
    const link = this.linkOf(item);
    if (link.set !== this) return false;
    const before = link.before as L | null;
    const after = link.after as L | null;
    if (before === null) this.head = after;
    else before.after = after;
    if (after === null) this.tail = before;
    else after.before = before;
    link.set = null;
    // An old link that is garbage would keep alive all that came after it.
    link.before = null;
    link.after = null;
    this.size--;
    return true;
  }

  /** A copy, first come first. */
  items(): T[] {
    const items: T[] = [];
    for (let link = this.head; link !== null; link = link.after as L | null) items.push(link.item);
    return items;
  }
}
