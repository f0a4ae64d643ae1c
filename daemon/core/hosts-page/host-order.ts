// The orders in which a console may ask for hosts. Each ends with the address, so no two rows are equal. Most
// comparisons are decided by one number of a row, its key, and cost no more than that.
import { addressWords, isIpv4 } from '../../../shared/protocol/address.ts';
import { nodeIdKey } from '../registry/node-ids.ts';
import type { Registry } from '../registry/registry.ts';
import type { CompareRows } from './bounded-heap.ts';

/** Columns by which hosts can be sorted. */
export type SortColumn = 'address' | 'nodeId' | 'firstSeen' | 'lastSeen';

export interface RowOrder {
  /** Puts the keys of the rows `from` to `end`, without it, into `keys`: a key is never larger for a row than
   * for one that comes after it. */
  keysOf(from: number, end: number, keys: Float64Array): void;
  compare: CompareRows;
}

export function hostOrder(registry: Registry, by: SortColumn): RowOrder {
  const { addresses, nodeIds } = registry;
  const byAddress = (a: number, b: number) =>
    compareWords(addresses, a * addressWords, addresses, b * addressWords);
  switch (by) {
    case 'address':
      return {
        keysOf: (from, end, keys) => {
          for (let row = from; row < end; row++)
            keys[row - from] = addressKey(addresses, row * addressWords);
        },
        compare: byAddress,
      };
    case 'nodeId':
      return {
        keysOf: (from, end, keys) => {
          for (let row = from; row < end; row++) keys[row - from] = nodeIds.key(row);
        },
        compare: (a, b) => nodeIds.compare(a, b) || byAddress(a, b),
      };
    case 'firstSeen':
    case 'lastSeen': {
      const column = registry[by];
      return {
        keysOf: (from, end, keys) => {
          for (let row = from; row < end; row++) keys[row - from] = column.at(row);
        },
        compare: (a, b) => column.at(a) - column.at(b) || byAddress(a, b),
      };
    }
  }
}

export function reversed({ keysOf, compare }: RowOrder): RowOrder {
  return {
    keysOf: (from, end, keys) => {
      keysOf(from, end, keys);
      for (let i = 0; i < end - from; i++) keys[i] = -(keys[i] as number);
    },
    compare: (a, b) => compare(b, a),
  };
}

/** A place in an order that needs not be a row of the registry any more. */
export interface Anchor {
  key: number;
  /** Negative for a row before it, positive for one after it, zero at it. */
  sideOf(row: number): number;
}

/**
 * @param value of the column; the address has none beside it
 * @returns null when that column has no such value
 */
export function anchorAt(
  registry: Registry,
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
  }
}

/** Where the first of two addresses stands to the second, word by word. */
function compareWords(a: Uint32Array, aAt: number, b: Uint32Array, bAt: number): number {
  for (let i = 0; i < addressWords; i++) {
    const difference = (a[aAt + i] as number) - (b[bAt + i] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}

const portBits = 2 ** 16;
/** Above the key of every IPv4 address with its port. */
const aboveIpv4 = 2 ** 48;

/** An IPv4 address has a key of its own; those of IPv6 around them share one by their first word. */
function addressKey(words: Uint32Array, at: number): number {
  if (isIpv4(words, at)) return (words[at + 3] as number) * portBits + (words[at + 4] as number);
  return compareWords(words, at, firstIpv4, 0) < 0 ? -1 : aboveIpv4 + (words[at] as number);
}

/** The IPv4 address of zeros, as IPv6 has it (RFC 4291, 2.5.5.2). */
const firstIpv4 = Uint32Array.of(0, 0, 0xffff, 0, 0);
