// One page of hosts, filtered and sorted, with keyset pagination: any page costs one walk over the registry,
// however far into the list it is. An anchor is the sort value and the address of a row. No two rows are equal,
// so an anchor names one place even if its host is gone.
import type { ListedState } from '../../../shared/listed-state.ts';
import { addressWords, formatAddress, parseAddress } from '../../../shared/protocol/address.ts';
import type { HostRecord, HostState } from '../registry/registry.ts';
import { BoundedHeap } from './bounded-heap.ts';
import { createHostFilter, type HostFilter, stateOf } from './host-filter.ts';
import {
  type Anchor,
  anchorAt,
  hostOrder,
  type OrderedHosts,
  type RowOrder,
  reversed,
  type SortColumn,
} from './host-order.ts';

/** Rows visited between two pauses: 0.2 ms, or 2 ms where each row's standing is asked for. */
const sliceRows = 8_192;

/** Which page to find. */
export interface HostSearch {
  /** words that must occur in the address, the node id or the state; `!word` must not (host-filter.ts) */
  filter: string;
  states: readonly HostState[];
  sort: { by: SortColumn; descending: boolean };
  /** `first` or `last` of an earlier page; without it, the page begins at the first row (`backward`: the last) */
  anchor?: string;
  /** whether the page includes the row at `anchor` */
  inclusive: boolean;
  direction: 'forward' | 'backward';
  /** maximum number of rows */
  limit: number;
}

/** A host in a page. */
export interface ListedHost extends Omit<HostRecord, 'change' | 'changedAt' | 'state'> {
  state: ListedState;
  /** of a host that is due, or more: the id of the server that judges it */
  owner?: string;
  /** pings of this server that the host did not answer since its last contact; absent: none */
  failedPings?: number;
}

/** One page, in the order of `sort` whatever the direction. */
export interface FoundPage {
  rows: ListedHost[];
  /** anchors of the first and the last row; null if there are no rows */
  first: string | null;
  last: string | null;
  /** the number of hosts that match, and of those before this page */
  matched: number;
  before: number;
  /** revision of the registry when the walk began; states change without it, as time passes */
  revision: number;
}

/** The anchor is not one that this server gave. */
export class AnchorError extends Error {
  constructor(anchor: string) {
    super(`not an anchor of a page: ${anchor}; ask for a page without one`);
    this.name = 'AnchorError';
  }
}

/**
 * Finds a page. It yields at least every 2 ms so that the caller can let other work run; a host that changes meanwhile
 * is seen before or after its change.
 * @throws AnchorError
 */
export function* findPage(hosts: OrderedHosts, search: HostSearch): Generator<void, FoundPage> {
  const { registry } = hosts;
  const { revision } = registry;
  const walk = new Walk(hosts, search);
  for (let from = 0; from < registry.rowsUsed; from += sliceRows) {
    if (from > 0) yield;
    walk.visit(from, Math.min(from + sliceRows, registry.rowsUsed));
  }
  return { ...walk.page(), revision };
}

/** The walk over the registry, with what it has found so far. */
class Walk {
  private readonly hosts: OrderedHosts;
  private readonly search: HostSearch;
  private readonly order: RowOrder;
  private readonly isMatching: HostFilter | null;
  private readonly anchor: Anchor | null;
  private readonly keys = new Float64Array(sliceRows);
  /** the rows of the page so far: those nearest to the anchor */
  private readonly nearest: BoundedHeap;
  private matched = 0;
  private before = 0;

  constructor(hosts: OrderedHosts, search: HostSearch) {
    const { sort, filter, anchor, limit, direction } = search;
    const ascending = hostOrder(hosts, sort.by);
    this.hosts = hosts;
    this.search = search;
    this.order = sort.descending ? reversed(ascending) : ascending;
    this.isMatching = createHostFilter(hosts.registry, hosts.standings, filter);
    this.anchor = anchor === undefined ? null : anchorOfSearch(hosts, search, anchor);
    const fromAnchor = direction === 'forward' ? this.order : reversed(this.order);
    this.nearest = new BoundedHeap(limit, fromAnchor.compare);
  }

  /** Visits the rows from `from` to before `end`. */
  visit(from: number, end: number): void {
    const { keys, nearest, isMatching, anchor, order } = this;
    const { registry } = this.hosts;
    const { states, direction, inclusive } = this.search;
    const wantsLive = states.includes('live');
    const wantsGone = states.includes('gone');
    const isForward = direction === 'forward';
    const ahead = isForward ? 1 : -1;
    // Most rows are decided by their keys alone.
    const anchorKey = anchor?.key ?? -ahead * Number.POSITIVE_INFINITY;
    let lastKey = nearest.lastKey;
    let matched = 0;
    let before = 0;
    // A filter leaves few rows.
    if (isMatching === null) order.keysOf(from, end, keys);
    for (let row = from; row < end; row++) {
      if (registry.isLive(row) ? !wantsLive : !wantsGone || !registry.isGone(row)) continue;
      if (isMatching !== null && !isMatching(row)) continue;
      matched++;
      const key = isMatching === null ? (keys[row - from] as number) : order.keyOf(row);
      const side = key === anchorKey && anchor !== null ? anchor.sideOf(row) : key - anchorKey;
      const isInPage = side === 0 ? inclusive : side > 0 === isForward;
      if (isInPage && ahead * key <= lastKey) {
        nearest.offer(row, ahead * key);
        lastKey = nearest.lastKey;
      }
      // Forward: rows before the page. Backward: rows before its end.
      if (isInPage !== isForward) before++;
    }
    this.matched += matched;
    this.before += before;
  }

  /** The page, once all rows are visited. */
  page(): Omit<FoundPage, 'revision'> {
    const { hosts, matched, before } = this;
    const { sort, direction } = this.search;
    const rows = this.nearest.rows().sort(this.order.compare);
    const anchor = (row: number | undefined) =>
      row === undefined ? null : anchorOf(hosts, sort.by, row);
    return {
      rows: rows.map((row) => toHost(hosts, row)),
      first: anchor(rows[0]),
      last: anchor(rows.at(-1)),
      matched,
      before: direction === 'forward' ? before : before - rows.length,
    };
  }
}

/** The host in `row` as pages list it. */
export function toHost({ registry, standings }: OrderedHosts, row: number): ListedHost {
  const { change: _change, changedAt: _changedAt, ...host } = registry.record(row);
  const state = stateOf(registry, standings, row);
  if (state === 'live' || state === 'gone') return { ...host, state };
  const { owner, failedPings } = standings.judgeOf(row);
  return { ...host, state, owner, ...(failedPings > 0 ? { failedPings } : {}) };
}

/** The anchor in the order of the search. @throws AnchorError */
function anchorOfSearch(
  hosts: OrderedHosts,
  { sort: { by, descending } }: HostSearch,
  text: string,
): Anchor {
  const [addressText = '', value = ''] = text.split(' ', 2);
  const address = parseAddress(addressText);
  const anchor = address && anchorAt(hosts, by, address, value);
  if (anchor === null) throw new AnchorError(text);
  return descending ? { key: -anchor.key, sideOf: (row) => -anchor.sideOf(row) } : anchor;
}

function anchorOf({ registry, standings }: OrderedHosts, by: SortColumn, row: number): string {
  const address = formatAddress(registry.addresses, row * addressWords);
  switch (by) {
    case 'address':
      return address;
    case 'nodeId':
      return `${address} ${registry.nodeIds.get(row)}`;
    case 'state':
      return `${address} ${stateOf(registry, standings, row)}`;
    default:
      return `${address} ${registry[by].at(row)}`;
  }
}
