// The state that all views have in common, the actions that change it, and the store that holds it. Each view
// adds a part of its own (`WithHosts`, `WithLog` …); tui/console puts them all together.

import type { Delta, Snapshot } from '../../shared/ipc/status-contract.ts';
import type { ColumnChoice } from '../text/column-names.ts';
import { localZone, utc, type Zone } from '../text/format.ts';
import type { Fleet } from './fleet.ts';
import type { History, Prompt } from './prompt.ts';
import type { ConnectionAction, Shown } from './shown.ts';

/**
 * The views in the order of their number keys. Names are what is typed (`ddns-tui hosts`), titles what is on the
 * screen; tabs, keys, help and command line read them here.
 */
export const views = [
  { name: 'overview', title: 'Overview', help: 'what the name server is doing' },
  { name: 'hosts', title: 'Hosts', help: 'the registry' },
  { name: 'peers', title: 'Peers', help: 'the other name servers' },
  {
    name: 'redirects',
    title: 'Redirects',
    help: 'which clients were redirected where, and why',
  },
  { name: 'backlog', title: 'Backlog', help: 'unanswered connections' },
  { name: 'config', title: 'Config', help: 'the settings, and editing them' },
  { name: 'log', title: 'Log', help: 'the log of the name server, live' },
] as const;

export type ViewName = (typeof views)[number]['name'];

export const viewNames: readonly ViewName[] = views.map(({ name }) => name);

const filteredViews = ['hosts', 'peers', 'redirects', 'backlog', 'log'] as const;

/** Whether a view has rows to filter. */
export function takesFilter(view: ViewName): view is (typeof filteredViews)[number] {
  return (filteredViews as readonly ViewName[]).includes(view);
}

/** One line about the result of an action; the next key removes it. */
export interface Notice {
  tone: 'good' | 'warn' | 'bad';
  text: string;
  /** it says how far something is, of which another one will say the outcome */
  isProgress?: true;
}

/** A notice that was shown. */
interface PastNotice extends Notice {
  /** on the daemon's clock; null: before it was heard */
  at: number | null;
}

export interface CommonState extends Shown {
  size: { columns: number; rows: number };
  view: ViewName;
  /** the help, the palette, and every line in which text is typed */
  prompt: Prompt | null;
  history: History;
  notice: Notice | null;
  /** the newest first */
  pastNotices: readonly PastNotice[];
  /** whether they are shown, until the next key */
  showsPast: boolean;
  readOnly: boolean;
  /** whether times are shown in UTC, or in the zone of this machine */
  isUtc: boolean;
  /** of tables, from the console's file */
  columns: ColumnChoice;
  fleet: Fleet;
}

/** Where the times on the screen are those of. */
export function zoneOf({ isUtc, data }: Pick<CommonState, 'isUtc' | 'data'>): Zone {
  return isUtc || data === null ? utc : localZone(data.at);
}

export type CommonAction =
  | { type: 'resized'; size: CommonState['size'] }
  | { type: 'tick'; now: number }
  | { type: 'pause' }
  | { type: 'zone' }
  | { type: 'view'; view: ViewName }
  | { type: 'prompt'; prompt: Prompt | null }
  /** closes the prompt, whose text can be recalled from now on */
  | { type: 'entered' }
  | { type: 'filter'; text: string }
  | { type: 'notice'; notice: Notice | null }
  | { type: 'past-notices' }
  | { type: 'snapshot'; snapshot: Snapshot; now: number }
  | { type: 'delta'; delta: Delta; now: number }
  | { type: 'connection'; change: ConnectionAction };

/** The names of what views have of their own of a state. */
export type PartOf<S> = Exclude<keyof S, Exclude<keyof CommonState, 'fleet'>>;

/** Changes one of these parts; the others, and what all have in common, stay as they are. */
export type PartAction<S, Part extends PartOf<S> = PartOf<S>> = {
  [Each in Part]: { type: Each; change(part: S[Each], state: S): S[Each] };
}[Part];

/** The console's store, for what knows only these parts. */
export type StoreOf<S extends CommonState> = Store<S, CommonAction | PartAction<S>>;

/** Holds a state outside of React. State is replaced, never changed in place. */
export interface Store<S, A> {
  get(): S;
  dispatch(action: A): void;
  /** @returns what ends the subscription */
  subscribe(listener: () => void): () => void;
}

/** @param reduce returns the same state where an action changes nothing: then no listener is called */
export function createStore<S, A>(initial: S, reduce: (state: S, action: A) => S): Store<S, A> {
  let state = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => state,
    dispatch: (action) => {
      const next = reduce(state, action);
      if (next === state) return;
      state = next;
      for (const listener of [...listeners]) listener();
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
