// Everything the console knows, in one value: its size, the view on the screen, the connection, what
// the daemon said, and each view's own state. Views select from it; nothing else is shared.
import type { Delta, Snapshot } from '../../shared/ipc/status-contract.ts';
import {
  type Connection,
  type ConnectionAction,
  firstConnection,
  reduceConnection,
} from '../state/connection.ts';
import { applyDelta, type DaemonData, dataFromSnapshot } from '../state/daemon-data.ts';
import type { ListMove } from '../state/list-position.ts';
import { latestData, type Pause, togglePause, withLatest, withTick } from '../state/pause.ts';
import { type Prompt, promptAfterAttach, reducePrompt } from '../state/prompt.ts';
import type { ViewName } from '../state/views.ts';
import {
  type BacklogState,
  firstBacklog,
  forgetBacklog,
  moveBacklog,
} from '../views/backlog/backlog-state.ts';
import { type ConfigState, firstConfig, moveConfig } from '../views/config/config-state.ts';
import { firstHosts, type HostsState, setStale } from '../views/hosts/hosts-state.ts';
import { scrollLog } from '../views/log/log-scroll.ts';
import { firstLog, type LogState } from '../views/log/log-state.ts';
import { firstOverview, type OverviewState } from '../views/overview/overview-state.ts';
import { firstPeers, movePeers, type PeersState } from '../views/peers/peers-state.ts';
import {
  firstRedirects,
  moveRedirects,
  type RedirectsState,
} from '../views/redirects/redirects-state.ts';
import { withFilter } from './filters.ts';

/** One line about what an action brought; it goes with the next key. */
export interface Notice {
  tone: 'good' | 'warn' | 'bad';
  text: string;
}

export interface ConsoleState {
  size: { columns: number; rows: number };
  view: ViewName;
  /** whether the `?` help covers the view, and how far it is scrolled */
  help: { open: boolean; top: number };
  prompt: Prompt | null;
  notice: Notice | null;
  readOnly: boolean;
  /** whether the mouse is the console's, or the terminal's to select text with; none: there is no use for it */
  mouse: 'on' | 'off' | 'none';
  connection: Connection;
  data: DaemonData | null;
  overview: OverviewState;
  hosts: HostsState;
  peers: PeersState;
  redirects: RedirectsState;
  backlog: BacklogState;
  config: ConfigState;
  log: LogState;
  /** the console's monotonic clock that is shown, in milliseconds: the one of the last tick, unless paused */
  now: number;
  /** null while the screen follows what the daemon says */
  paused: Pause | null;
}

export type ConsoleAction =
  | { type: 'resized'; size: ConsoleState['size'] }
  | { type: 'tick'; now: number }
  | { type: 'pause' }
  | { type: 'mouse' }
  | { type: 'view'; view: ViewName }
  | { type: 'help'; open: boolean }
  | { type: 'help-scroll'; by: number }
  | { type: 'prompt'; prompt: Prompt | null }
  | { type: 'filter'; text: string }
  | { type: 'notice'; notice: Notice | null }
  | { type: 'snapshot'; snapshot: Snapshot; now: number }
  | { type: 'delta'; delta: Delta; now: number }
  | { type: 'connection'; change: ConnectionAction }
  | { type: 'overview'; change: (overview: OverviewState) => OverviewState }
  | { type: 'hosts'; change: (hosts: HostsState) => HostsState }
  | { type: 'peers-move'; move: ListMove }
  | { type: 'redirects-move'; move: ListMove }
  | { type: 'backlog'; change: (backlog: BacklogState) => BacklogState }
  | { type: 'backlog-move'; move: ListMove }
  | { type: 'config'; change: (config: ConfigState) => ConfigState }
  | { type: 'config-move'; move: ListMove }
  | { type: 'log'; change: (log: LogState) => LogState }
  | { type: 'log-scroll'; move: ListMove };

export function firstState(options: {
  size: ConsoleState['size'];
  view: ViewName;
  readOnly: boolean;
  mouse?: ConsoleState['mouse'];
  now: number;
}): ConsoleState {
  return {
    mouse: 'off',
    ...options,
    help: { open: false, top: 0 },
    prompt: null,
    notice: null,
    connection: firstConnection,
    data: null,
    overview: firstOverview,
    hosts: firstHosts,
    peers: firstPeers,
    redirects: firstRedirects,
    backlog: firstBacklog,
    config: firstConfig,
    log: firstLog,
    paused: null,
  };
}

export function reduceConsole(state: ConsoleState, action: ConsoleAction): ConsoleState {
  switch (action.type) {
    case 'resized':
      return { ...state, size: action.size };
    case 'tick':
      return withTick(state, action.now);
    case 'view':
      return {
        ...state,
        view: action.view,
        prompt: null,
        help: { open: false, top: 0 },
        backlog: forgetBacklog(state.backlog),
      };
    case 'help':
      return { ...state, help: { open: action.open, top: 0 } };
    case 'help-scroll':
      return {
        ...state,
        help: { ...state.help, top: Math.max(0, state.help.top + action.by) },
      };
    case 'prompt':
      return reducePrompt(state, action.prompt);
    case 'filter':
      return withFilter(state, action.text);
    case 'notice':
      return state.notice === action.notice ? state : { ...state, notice: action.notice };
    case 'snapshot':
      return {
        ...withLatest(state, dataFromSnapshot(action.snapshot, action.now), action.now),
        connection: reduceConnection(state.connection, { type: 'attached', now: action.now }),
        hosts: setStale(state.hosts),
        backlog: forgetBacklog(state.backlog),
        prompt: promptAfterAttach(state.prompt),
      };
    case 'delta': {
      const data = latestData(state);
      if (data === null) return state;
      return withLatest(state, applyDelta(data, action.delta, action.now), action.now);
    }
    case 'pause':
      return togglePause(state);
    case 'mouse':
      return { ...state, mouse: state.mouse === 'on' ? 'off' : 'on' };
    case 'connection':
      return { ...state, connection: reduceConnection(state.connection, action.change) };
    case 'overview':
      return { ...state, overview: action.change(state.overview) };
    case 'hosts': {
      const hosts = action.change(state.hosts);
      return hosts === state.hosts ? state : { ...state, hosts };
    }
    case 'peers-move':
      return { ...state, peers: movePeers(state, action.move) };
    case 'redirects-move':
      return { ...state, redirects: moveRedirects(state, action.move) };
    case 'backlog':
      return { ...state, backlog: action.change(state.backlog) };
    case 'backlog-move':
      return { ...state, backlog: moveBacklog(state, action.move) };
    case 'config': {
      const config = action.change(state.config);
      return config === state.config ? state : { ...state, config };
    }
    case 'config-move':
      return { ...state, config: moveConfig(state, action.move) };
    case 'log': {
      const log = action.change(state.log);
      return log === state.log ? state : { ...state, log };
    }
    case 'log-scroll':
      return { ...state, log: scrollLog(state, action.move) };
  }
}
