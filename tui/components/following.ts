// How what is drawn follows the store: a component selects what it shows of the state, and draws again only when that has
// changed.

import { isDeepStrictEqual } from 'node:util';
import { createContext, useContext, useRef, useSyncExternalStore } from 'react';
import { type CommonState, type StoreOf, zoneOf } from '../state/common-state.ts';
import { type DaemonData, daemonNow } from '../state/daemon-data.ts';
import type { Zone } from '../text/format.ts';

/** Of the console, whose state has the parts of all views; each of them knows its own. */
export const StoreContext = createContext<unknown>(null);

/** @throws Error outside of a `StoreContext` */
export function useStore<S extends CommonState>(): StoreOf<S> {
  const store = useContext(StoreContext);
  if (store === null) throw new Error('a component of the console was drawn outside of its store');
  return store as StoreOf<S>;
}

/** What `select` makes of the state. As long as it makes the same, whatever else changes, it is the same value. */
export function useSelected<S extends CommonState, T>(select: (state: S) => T): T {
  const { get, subscribe } = useStore<S>();
  const last = useRef<{ state: S; select: (state: S) => T; value: T } | null>(null);
  return useSyncExternalStore(subscribe, () => {
    const state = get();
    const known = last.current;
    if (known?.state === state && known.select === select) return known.value;
    const selected = select(state);
    const value = isDeepStrictEqual(known?.value, selected) ? (known?.value as T) : selected;
    last.current = { state, select, value };
    return value;
  });
}

/** What the daemon sent, its clock now, and the zone of times; null before the first snapshot. */
export function useDaemon(): { data: DaemonData; now: number; zone: Zone } | null {
  return useSelected(daemonOf);
}

function daemonOf({ data, now, isUtc }: CommonState) {
  return data && { data, now: daemonNow(data, now), zone: zoneOf({ isUtc, data }) };
}
