// How the frame follows the store: a component draws again only when what it selected of the state changes.
import { createContext, type ReactElement, useContext, useSyncExternalStore } from 'react';
import { Lines, useTheme } from '../components/lines.tsx';
import type { ConsoleState, ConsoleStore } from '../console/console-state.ts';
import type { Theme } from '../theme.ts';

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

/** Lines that follow from the state alone, by default across the whole window. */
export function FollowingLines({
  lines,
  columns = ({ size }) => size.columns,
}: {
  lines(theme: Theme, state: ConsoleState): readonly string[];
  columns?(state: ConsoleState): number;
}): ReactElement {
  const theme = useTheme();
  const width = useSelected(columns);
  const text = useSelected((state) => lines(theme, state).join('\n'));
  return <Lines lines={text === '' ? [] : text.split('\n')} width={width} steady />;
}
