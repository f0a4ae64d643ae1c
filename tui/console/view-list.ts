// The list that a view shows, and where of the view its rows are: for whoever points at one of them.
import type { AsideLayout } from '../components/layout.ts';
import type { ListPosition } from '../state/list-position.ts';
import { backlogLayout } from '../views/backlog/backlog-layout.ts';
import { backlogPosition, shownBacklog } from '../views/backlog/backlog-state.ts';
import { configLayout } from '../views/config/config-layout.ts';
import { configPosition, settingRows } from '../views/config/config-state.ts';
import { hostsLayout } from '../views/hosts/hosts-layout.ts';
import { moveBy } from '../views/hosts/hosts-state.ts';
import { peersLayout } from '../views/peers/peers-layout.ts';
import { peerPosition, shownPeers } from '../views/peers/peers-state.ts';
import { redirectsLayout } from '../views/redirects/redirects-layout.ts';
import { redirectsPosition, shownRedirects } from '../views/redirects/redirects-state.ts';
import type { ConsoleAction, ConsoleState } from './console-state.ts';

export interface ViewList {
  layout: AsideLayout;
  /** row on top, and the selected one; null: none is */
  position: Omit<ListPosition, 'cursor'> & { cursor: number | null };
  rows: number;
  /** what moves the selection by so many rows; from the topmost row, where none is selected */
  move(by: number): ConsoleAction;
}

/** Null where nothing can be selected. */
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
      // Where none is selected, the first step selects the topmost.
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
