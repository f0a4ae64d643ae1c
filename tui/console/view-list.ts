// The list of the view on the screen and where its rows are, for clicks on them.
import type { AsideLayout } from '../components/layout.ts';
import type { ListPosition } from '../state/list-position.ts';
import { backlogLayout, backlogPosition, shownBacklog } from '../views/backlog/backlog-state.ts';
import { configLayout, configPosition, settingRows } from '../views/config/config-state.ts';
import { hostsLayout, moveBy } from '../views/hosts/hosts-state.ts';
import { peerPosition, peersLayout, shownPeers } from '../views/peers/peers-state.ts';
import {
  redirectsLayout,
  redirectsPosition,
  shownRedirects,
} from '../views/redirects/redirects-state.ts';
import type { ConsoleAction, ConsoleState } from './console-state.ts';

/** A list whose rows can be selected. */
export interface ViewList {
  layout: AsideLayout;
  /** top row, and selected row; null: none is selected */
  position: Omit<ListPosition, 'cursor'> & { cursor: number | null };
  rows: number;
  /** the action that moves the selection by so many rows, from the top row if none is selected */
  move(by: number): ConsoleAction;
}

/** The list of the view on the screen; null where nothing can be selected. */
export function viewList(state: ConsoleState): ViewList | null {
  switch (state.view) {
    case 'hosts':
      return {
        layout: hostsLayout(state),
        position: state.hosts,
        rows: state.hosts.matched,
        move: (by) => ({ type: 'hosts', change: (hosts) => moveBy(hosts, by) }),
      };
    case 'peers':
      return {
        layout: peersLayout(state),
        position: peerPosition(state),
        rows: shownPeers(state).length,
        move: (by) => ({ type: 'peers-move', move: { by } }),
      };
    case 'redirects': {
      const position = redirectsPosition(state);
      // If none is selected, the first step selects the top row.
      const first = position.cursor === null ? 1 : 0;
      return {
        layout: redirectsLayout(state),
        position,
        rows: shownRedirects(state).length,
        move: (by) => ({ type: 'redirects-move', move: { by: by + first } }),
      };
    }
    case 'backlog':
      return {
        layout: backlogLayout(state),
        position: backlogPosition(state),
        rows: shownBacklog(state).length,
        move: (by) => ({ type: 'backlog-move', move: { by } }),
      };
    case 'config':
      if (state.config.review !== null) return null;
      return {
        layout: configLayout(state),
        position: configPosition(state),
        rows: settingRows(state.config).length,
        move: (by) => ({ type: 'config-move', move: { by } }),
      };
    default:
      return null;
  }
}
