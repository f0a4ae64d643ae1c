// The orders in which hosts can be listed. Each ends with the address, so no two rows are equal. A row's sort
// key, one number, decides most comparisons.
import { type ListedState, listedStates } from '../../../shared/listed-state.ts';
import { addressWords, isIpv4 } from '../../../shared/protocol/address.ts';
import type { Standings } from '../expiry/standing.ts';
import { nodeIdKey } from '../registry/node-ids.ts';
import type { Registry } from '../registry/registry.ts';
import type { CompareRows } from './bounded-heap.ts';
import { stateOf } from './host-filter.ts';

/** Columns by which hosts can be sorted. */
export type SortColumn = 'address' | 'nodeId' | 'firstSeen' | 'lastSeen' | 'state';

/** The hosts that are ordered. */
export interface OrderedHosts {
  registry: Registry;
  standings: Standings;
}

/** An order of rows. */
export interface RowOrder {
  /** The sort key of a row, which has no larger one than a row after it. */
  keyOf(row: number): number;
  /** Writes the sort keys of the rows from `from` to before `end` to `keys`: of many at once, which is quicker. */
  keysOf(from: number, end: number, keys: Float64Array): void;
  compare: CompareRows;
}

/** The ascending order by a column, and then by address. */
export function hostOrder({ registry, standings }: OrderedHosts, by: SortColumn): RowOrder {
  const { addresses, nodeIds } = registry;
  const byAddress = (a: number, b: number) =>
    compareWords(addresses, a * addressWords, addresses, b * addressWords);
  switch (by) {
    case 'address':
      return {
        keyOf: (row) => addressKey(addresses, row * addressWords),
        keysOf: (from, end, keys) => {
          for (let row = from, at = from * addressWords; row < end; row++, at += addressWords)
            keys[row - from] = addressKey(addresses, at);
        },
        compare: byAddress,
      };
    case 'nodeId':
      return {
        keyOf: (row) => nodeIds.key(row),
        keysOf: (from, end, keys) => {
          for (let row = from; row < end; row++) keys[row - from] = nodeIds.key(row);
        },
        compare: (a, b) => nodeIds.compare(a, b) || byAddress(a, b),
      };
    case 'firstSeen':
    case 'lastSeen': {
      const column = registry[by];
      return {
        keyOf: (row) => column.at(row),
        keysOf: (from, end, keys) => {
          for (let row = from; row < end; row++) keys[row - from] = column.at(row);
        },
        compare: (a, b) => column.at(a) - column.at(b) || byAddress(a, b),
      };
    }
    case 'state': {
      const key = (row: number) => stateKey(stateOf(registry, standings, row));
      return {
        keyOf: key,
        keysOf: (from, end, keys) => {
          for (let row = from; row < end; row++) keys[row - from] = key(row);
        },
        compare: (a, b) => key(a) - key(b) || byAddress(a, b),
      };
    }
  }
}

/** The sort key of a state: how close its hosts are to being gone. */
function stateKey(state: string): number {
  return listedStates.indexOf(state as ListedState);
}

/** The same order, descending. */
export function reversed({ keyOf, keysOf, compare }: RowOrder): RowOrder {
  return {
    keyOf: (row) => -keyOf(row),
    keysOf: (from, end, keys) => {
      keysOf(from, end, keys);
      for (let i = 0; i < end - from; i++) keys[i] = -(keys[i] as number);
    },
    compare: (a, b) => compare(b, a),
  };
}

/** A place in an order. Its host may be gone from the registry. */
export interface Anchor {
  /** the sort key at that place */
  key: number;
  /** Negative for a row before the anchor, positive for one after it, zero for its own row. */
  sideOf(row: number): number;
}

/**
 * The anchor of the host with this address and this value of the column.
 * @param value ignored for the column `address`
 * @returns null when the column cannot have that value
 */
export function anchorAt(
  { registry, standings }: OrderedHosts,
  by: SortColumn,
  address: Uint32Array,
  value: string,
): Anchor | null {
  const byAddress = (row: number) =>
    compareWords(registry.addresses, row * addressWords, address, 0);
  switch (by) {
    case 'address':
      return { key: addressKey(address, 0), sideOf: byAddress };
    case 'nodeId':
      return {
        key: nodeIdKey(value),
        sideOf: (row) => {
          const nodeId = registry.nodeIds.get(row);
          return nodeId < value ? -1 : nodeId > value ? 1 : byAddress(row);
        },
      };
    case 'firstSeen':
    case 'lastSeen': {
      const time = Number(value);
      if (value === '' || Number.isNaN(time)) return null;
      const column = registry[by];
      return { key: time, sideOf: (row) => column.at(row) - time || byAddress(row) };
    }
    case 'state': {
      const key = stateKey(value);
      if (key < 0) return null;
      const sideOf = (row: number) =>
        stateKey(stateOf(registry, standings, row)) - key || byAddress(row);
      return { key, sideOf };
    }
  }
}

/** Compares two packed addresses word by word: negative if the first one is smaller. */
function compareWords(a: Uint32Array, aAt: number, b: Uint32Array, bAt: number): number {
  for (let i = 0; i < addressWords; i++) {
    const difference = (a[aAt + i] as number) - (b[bAt + i] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}

const portBits = 2 ** 16;
/** Larger than the sort key of every IPv4 address with its port. */
const aboveIpv4 = 2 ** 48;

/** The sort key of an address: an IPv4 address has its own; IPv6 addresses with the same first word share one. */
function addressKey(words: Uint32Array, at: number): number {
  if (isIpv4(words, at)) return (words[at + 3] as number) * portBits + (words[at + 4] as number);
  return compareWords(words, at, firstIpv4, 0) < 0 ? -1 : aboveIpv4 + (words[at] as number);
}

/** 0.0.0.0 as an IPv4-mapped address (RFC 4291, 2.5.5.2). */
const firstIpv4 = Uint32Array.of(0, 0, 0xffff, 0, 0);
