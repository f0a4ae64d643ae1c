// The stores of all name servers as one store: that of the current one, with what is shown of the others. A server's
// answers go to its own store, so a late one never reaches another server's state. The window, the clock, a pause and
// the zone of times are the same for all of them.
import type { NamedSocket } from '../daemon/socket-path.ts';
import { createStore } from '../state/common-state.ts';
import { type Fleet, noFleet } from '../state/fleet.ts';
import { hasDraft } from '../views/config/config-state.ts';
import {
  type ConsoleAction,
  type ConsoleState,
  type ConsoleStore,
  reduceConsole,
} from './console-state.ts';

interface FleetStore extends ConsoleStore {
  of(index: number): ConsoleStore;
  /** Index of the server that is shown. */
  current(): number;
}

const ofAll: ReadonlySet<ConsoleAction['type']> = new Set(['resized', 'tick', 'pause', 'zone']);

/**
 * @param sockets of the servers; a single one may be without a name
 * @param first the state of each
 * @param isOpen whether the list of servers is shown first
 */
export function createFleetStore(
  sockets: readonly Pick<NamedSocket, 'name' | 'colour'>[],
  first: ConsoleState,
  isOpen = false,
): FleetStore {
  const stores = sockets.map(() => createStore(first, reduceConsole));
  const storeOf = (index: number) => stores[index] as ConsoleStore;
  const listeners = new Set<() => void>();
  let fleet: Fleet = { ...noFleet, isOpen };
  /** null: out of date */
  let whole: ConsoleState | null = null;

  const get = (): ConsoleState => {
    if (whole !== null) return whole;
    const servers = sockets.flatMap(({ name, colour = null }, index) => {
      if (name === null) return [];
      const { config, connection, data, now, paused } = storeOf(index).get();
      const shown = { connection, data, now, paused };
      return [{ name, colour, shown, hasDraft: hasDraft(config) }];
    });
    fleet = { ...fleet, servers };
    whole = { ...storeOf(fleet.current).get(), fleet };
    return whole;
  };
  const changed = () => {
    whole = null;
    for (const listener of [...listeners]) listener();
  };
  const turn = (next: Fleet) => {
    const { view } = storeOf(fleet.current).get();
    const isOther = next.current !== fleet.current;
    fleet = next;
    // The view stays, without what was open over it.
    if (isOther) storeOf(next.current).dispatch({ type: 'view', view });
    changed();
  };
  for (const store of stores) store.subscribe(changed);
  return {
    get,
    of: storeOf,
    current: () => fleet.current,
    dispatch: (action) => {
      if (action.type === 'fleet') return turn(action.change(get().fleet, get()));
      if (action.type === 'view' && fleet.isOpen) fleet = { ...fleet, isOpen: false };
      if (ofAll.has(action.type)) for (const store of stores) store.dispatch(action);
      else storeOf(fleet.current).dispatch(action);
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
