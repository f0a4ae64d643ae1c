// How the frame follows the store: a component draws again only when what it selected of the state changes.
import { createContext, useContext, useSyncExternalStore } from 'react';
import type { ConsoleState, ConsoleStore } from '../console/console-state.ts';

export const StoreContext = createContext<ConsoleStore | null>(null);

/** @throws Error outside of a `StoreContext` */
export function useStore(): ConsoleStore {
  const store = useContext(StoreContext);
  if (store === null) throw new Error('a component of the console was drawn outside of its store');
  return store;
}

/** @param select returns a part of the state as it is there, never a new object */
export function useSelected<T>(select: (state: ConsoleState) => T): T {
  const store = useStore();
  return useSyncExternalStore(store.subscribe, () => select(store.get()));
}
