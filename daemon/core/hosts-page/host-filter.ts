// A filter over hosts, as an operator types it: each word must occur in the address, the node id or the state;
// `!word` must not. A word that cannot be part of an address or a UUID is not searched there. IPv4 addresses and
// UUIDs are searched as they are packed, others as bytes in a scratch buffer, so a million rows take a fraction of a
// second.
import { type FilterWord, filterWords } from '../../../shared/filter.ts';
import { type ListedState, statesNamedBy } from '../../../shared/listed-state.ts';
import {
  addressWords,
  isIpv4,
  maxAddressBytes,
  writeAddress,
} from '../../../shared/protocol/address.ts';
import { maxNodeIdLength } from '../../../shared/protocol/limits.ts';
import type { Standings } from '../expiry/standing.ts';
import type { Registry } from '../registry/registry.ts';
import { createIpv4Search, createUuidSearch, type PackedSearch } from './packed-search.ts';

interface Word {
  bytes: Uint8Array;
  isExcluded: boolean;
  /** null: no IPv4 address can contain the word */
  inIpv4: PackedSearch | null;
  fitsIpv6: boolean;
  fitsUuid: boolean;
  /** null: the word has a dash, or can be in no UUID */
  inUuid: PackedSearch | null;
  /** the states that the word names */
  states: readonly ListedState[];
}

/** Whether the host in `row` matches. */
export type HostFilter = (row: number) => boolean;

/** The filter for `text`; null if every row matches. */
export function createHostFilter(
  registry: Registry,
  standings: Standings,
  text: string,
): HostFilter | null {
  const words = filterWords(text).map(wordOf);
  if (words.length === 0) return null;
  const { addresses, nodeIds } = registry;
  const address = new Uint8Array(maxAddressBytes);
  const addressView = new DataView(address.buffer);
  const nodeId = new Uint8Array(maxNodeIdLength);
  return (row) => {
    const isV4 = isIpv4(addresses, row * addressWords);
    const isUuid = nodeIds.isUuid(row);
    // Formatted when the first word needs it.
    let addressEnd = -1;
    let nodeIdEnd = -1;
    for (const word of words) {
      let isFound =
        word.states.length > 0 && word.states.includes(stateOf(registry, standings, row));
      if (isFound) {
        // Named by its state.
      } else if (isV4) {
        isFound = word.inIpv4?.(addresses, row * addressWords) ?? false;
      } else if (word.fitsIpv6) {
        if (addressEnd < 0)
          addressEnd = writeAddress(addresses, row * addressWords, addressView, 0);
        isFound = occurs(word.bytes, address, addressEnd);
      }
      if (!isFound && isUuid && word.inUuid !== null) {
        isFound = nodeIds.has(row, word.inUuid);
      } else if (!isFound && (word.fitsUuid || !isUuid)) {
        if (nodeIdEnd < 0) nodeIdEnd = nodeIds.writeLowerCase(row, nodeId, 0);
        isFound = occurs(word.bytes, nodeId, nodeIdEnd);
      }
      if (isFound === word.isExcluded) return false;
    }
    return true;
  };
}

/** The state of the host in `row`, live or gone. */
export function stateOf(registry: Registry, standings: Standings, row: number): ListedState {
  return registry.isLive(row) ? standings.of(row) : 'gone';
}

function wordOf({ text, isExcluded }: FilterWord): Word {
  return {
    bytes: Buffer.from(text, 'utf8'),
    isExcluded,
    inIpv4: createIpv4Search(text),
    fitsIpv6: /^[0-9a-f.:[\]]+$/.test(text),
    fitsUuid: /^[0-9a-f-]+$/.test(text),
    inUuid: createUuidSearch(text),
    states: statesNamedBy(text),
  };
}

function occurs(word: Uint8Array, text: Uint8Array, end: number): boolean {
  const length = word.length;
  const last = end - length;
  const first = word[0];
  for (let start = 0; start <= last; start++) {
    if (text[start] !== first) continue;
    let i = 1;
    while (i < length && text[start + i] === word[i]) i++;
    if (i === length) return true;
  }
  return false;
}
