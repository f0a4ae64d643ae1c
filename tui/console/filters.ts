// The filter of the view on the screen. Each view keeps its own, so that coming back to one finds it as
// it was left; here is which views have one.

import type { ViewName } from '../state/views.ts';
import { setFilter } from '../views/hosts/hosts-state.ts';
import { setLogFilter } from '../views/log/log-state.ts';
import type { ConsoleState } from './console-state.ts';

const filteredViews = ['hosts', 'peers', 'redirects', 'backlog', 'log'] as const;
export type FilteredView = (typeof filteredViews)[number];

export function takesFilter(view: ViewName): view is FilteredView {
  return (filteredViews as readonly ViewName[]).includes(view);
}

/** Empty: everything is shown. */
export function filterOf(state: ConsoleState): string {
  return takesFilter(state.view) ? state[state.view].filter : '';
}

export function withFilter(state: ConsoleState, filter: string): ConsoleState {
  switch (state.view) {
    case 'hosts':
      return { ...state, hosts: setFilter(state.hosts, filter) };
    case 'peers':
      return { ...state, peers: { ...state.peers, filter } };
    case 'redirects':
      return { ...state, redirects: { ...state.redirects, filter } };
    case 'backlog':
      return { ...state, backlog: { ...state.backlog, filter } };
    case 'log':
      return { ...state, log: setLogFilter(state.log, filter) };
    default:
      return state;
  }
}
