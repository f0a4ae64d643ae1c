// One page of hosts for a console: filtered, sorted, and found by keyset, so that it costs one walk
// over the registry however far into it the page is, and the console nothing. The order of every
// column ends with the address, so no two rows are equal and an anchor names one place, also when
// its row is gone.
import type { Host, HostColumn, HostsPage, PageParams } from '../../shared/ipc/contract.ts';
import { addressWords, formatAddress, parseAddress } from '../../shared/protocol/address.ts';
import { BoundedHeap, type RowOrder } from './bounded-heap.ts';
import { createHostFilter } from './host-filter.ts';
import type { NumberColumn } from './number-column.ts';
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
  const direction = query.sort.descending ? -1 : 1;
  const compareRows = rowOrder(registry, query.sort.by);
  const order = (a: number, b: number) => direction * compareRows(a, b);
  const place = query.anchor === undefined ? null : placeOf(registry, query.sort.by, query.anchor);
  const isForward = query.direction === 'forward';
  // The heap keeps the rows nearest to the anchor; its top is the farthest of them.
  const nearest = new BoundedHeap(query.limit, isForward ? order : (a, b) => order(b, a));
  const revision = registry.revision;
  let matched = 0;
  let before = 0;
  for (let row = 0; row < registry.rowsUsed; row++) {
    if (row % sliceRows === sliceRows - 1) yield;
    const isWanted = (wantsLive && registry.isLive(row)) || (wantsGone && registry.isGone(row));
    if (!isWanted || !isMatching(row)) continue;
    matched++;
    const side = place === null ? (isForward ? 1 : -1) : direction * place(row);
    const isInPage = side === 0 ? query.inclusive : side > 0 === isForward;
    if (isInPage) nearest.offer(row);
    // Forward, what lies before the page; backward, what lies before its end.
    if (isInPage !== isForward) before++;
  }
  const rows = nearest.rows().sort(order);
  const key = (row: number | undefined) =>
    row === undefined ? null : anchorOf(registry, query.sort.by, row);
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

function rowOrder(registry: Registry, by: HostColumn): RowOrder {
  const byAddress: RowOrder = (a, b) =>
    compareWords(registry.addresses, a * addressWords, registry.addresses, b * addressWords);
  switch (by) {
    case 'address':
      return byAddress;
    case 'nodeId':
      return (a, b) => registry.nodeIds.compare(a, b) || byAddress(a, b);
    case 'firstSeen':
      return byTime(registry.firstSeen, byAddress);
    case 'lastSeen':
      return byTime(registry.lastSeen, byAddress);
  }
}

function byTime(column: NumberColumn, byAddress: RowOrder): RowOrder {
  return (a, b) => column.at(a) - column.at(b) || byAddress(a, b);
}

/** Where a row stands to the anchor: negative before it, positive after it, zero at it. */
function placeOf(registry: Registry, by: HostColumn, anchor: string): (row: number) => number {
  const [addressText, value] = splitAnchor(anchor);
  const address = parseAddress(addressText);
  if (address === null) throw new AnchorError(anchor);
  const byAddress = (row: number) =>
    compareWords(registry.addresses, row * addressWords, address, 0);
  if (by === 'address') return byAddress;
  if (by === 'nodeId')
    return (row) => {
      const nodeId = registry.nodeIds.get(row);
      return nodeId < value ? -1 : nodeId > value ? 1 : byAddress(row);
    };
  const time = Number(value);
  if (value === '' || Number.isNaN(time)) throw new AnchorError(anchor);
  const column = registry[by];
  return (row) => column.at(row) - time || byAddress(row);
}

function anchorOf(registry: Registry, by: HostColumn, row: number): string {
  const address = formatAddress(registry.addresses, row * addressWords);
  if (by === 'address') return address;
  return `${address} ${by === 'nodeId' ? registry.nodeIds.get(row) : registry[by].at(row)}`;
}

function splitAnchor(anchor: string): [string, string] {
  const [address = '', value = ''] = anchor.split(' ', 2);
  return [address, value];
}

function compareWords(a: Uint32Array, aAt: number, b: Uint32Array, bAt: number): number {
  for (let i = 0; i < addressWords; i++) {
    const difference = (a[aAt + i] as number) - (b[bAt + i] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}
