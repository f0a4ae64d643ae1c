// One page of hosts for a console: filtered, sorted, and found by keyset, so that it costs one walk
// over the registry however far into it the page is, and the console nothing. The order of every
// column ends with the address, so no two rows are equal and an anchor names one place, also when
// its row is gone.
import type { Host, HostColumn, HostsPage, PageParams } from '../../shared/ipc/contract.ts';
import { addressWords, formatAddress, parseAddress } from '../../shared/protocol/address.ts';
import { BoundedHeap } from './bounded-heap.ts';
import { createHostFilter } from './host-filter.ts';
import { anchorAt, hostOrder, reversed } from './host-order.ts';
import type { Registry } from './registry.ts';

/** Rows looked at before the walk pauses for others: about 2 ms. */
const sliceRows = 8_192;

/** An anchor that no page of this server could have given. */
export class AnchorError extends Error {
  constructor(anchor: string) {
    super(`not an anchor of a page: ${anchor}; ask for a page without one`);
    this.name = 'AnchorError';
  }
}

/**
 * Walks the registry and returns the page. Yields now and then so that the caller can let others
 * run; rows that change meanwhile are seen before or after their change.
 * @throws AnchorError
 */
export function* findPage(registry: Registry, query: PageParams): Generator<void, HostsPage> {
  const isMatching = createHostFilter(registry, query.filter);
  const wantsLive = query.states.includes('live');
  const wantsGone = query.states.includes('gone');
  const { by, descending } = query.sort;
  const ascending = hostOrder(registry, by);
  const order = descending ? reversed(ascending) : ascending;
  const sideOf = query.anchor === undefined ? null : sides(registry, query, query.anchor);
  const isForward = query.direction === 'forward';
  const ahead = isForward ? 1 : -1;
  // The heap keeps the rows nearest to the anchor; its top is the farthest of them.
  const nearest = new BoundedHeap(query.limit, isForward ? order : reversed(order));
  const revision = registry.revision;
  let matched = 0;
  let before = 0;
  for (let row = 0; row < registry.rowsUsed; row++) {
    if (row % sliceRows === sliceRows - 1) yield;
    const isWanted = (wantsLive && registry.isLive(row)) || (wantsGone && registry.isGone(row));
    if (!isWanted || !isMatching(row)) continue;
    matched++;
    const key = order.key(row);
    const side = sideOf === null ? ahead : sideOf(row, key);
    const isInPage = side === 0 ? query.inclusive : side > 0 === isForward;
    if (isInPage) nearest.offer(row, ahead * key);
    // Forward, what lies before the page; backward, what lies before its end.
    if (isInPage !== isForward) before++;
  }
  const rows = nearest.rows().sort(order.compare);
  const key = (row: number | undefined) => (row === undefined ? null : anchorOf(registry, by, row));
  return {
    rows: rows.map((row) => toHost(registry, row)),
    first: key(rows[0]),
    last: key(rows.at(-1)),
    matched,
    before: isForward ? before : before - rows.length,
    revision,
  };
}

/** The host of a row as the contract has it. */
export function toHost(registry: Registry, row: number): Host {
  const { change: _change, changedAt: _changedAt, ...host } = registry.record(row);
  return host;
}

/**
 * On which side of the anchor a row is, given its key: negative before it, positive behind it, zero at it.
 * @throws AnchorError
 */
function sides(
  registry: Registry,
  { sort: { by, descending } }: PageParams,
  text: string,
): (row: number, key: number) => number {
  const [addressText = '', value = ''] = text.split(' ', 2);
  const address = parseAddress(addressText);
  const anchor = address && anchorAt(registry, by, address, value);
  if (anchor === null) throw new AnchorError(text);
  const direction = descending ? -1 : 1;
  const anchorKey = direction * anchor.key;
  return (row, key) => (key === anchorKey ? direction * anchor.sideOf(row) : key - anchorKey);
}

function anchorOf(registry: Registry, by: HostColumn, row: number): string {
  const address = formatAddress(registry.addresses, row * addressWords);
  if (by === 'address') return address;
  return `${address} ${by === 'nodeId' ? registry.nodeIds.get(row) : registry[by].at(row)}`;
}
