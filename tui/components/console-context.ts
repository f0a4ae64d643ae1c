// How components reach the store, the theme, and whether they are read out: one context for each, and a
// selector hook that makes a component draw again only when what it selected changed.
import { createContext, useContext, useSyncExternalStore } from 'react';
import type { ConsoleAction, ConsoleState } from '../console/console-state.ts';
import type { Store } from '../state/store.ts';
import { createTheme, type Theme } from '../theme.ts';

export type ConsoleStore = Store<ConsoleState, ConsoleAction>;

export const StoreContext = createContext<ConsoleStore | null>(null);
export const ThemeContext = createContext<Theme>(createTheme({}));
/** True for a screen reader. Ink has a mode for one too, but in it leaves out every transform. */
export const ReadContext = createContext(false);

/** @param select returns a part of the state as it is there, never a new object */
export function useSelected<T>(select: (state: ConsoleState) => T): T {
  const store = useContext(StoreContext);
  if (store === null) throw new Error('a component of the console was drawn outside of its store');
  return useSyncExternalStore(store.subscribe, () => select(store.get()));
}

export function useTheme(): Theme {
  return useContext(ThemeContext);
}

export function useIsRead(): boolean {
  return useContext(ReadContext);
}
