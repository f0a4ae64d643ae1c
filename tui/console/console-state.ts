// The console's whole state in one value: the part that all views have in common, and each view's own. Every change
// goes through `reduceConsole`.

import type {
  CommonAction,
  CommonState,
  Notice,
  PartAction,
  PartOf,
  Store,
  ViewName,
} from '../state/common-state.ts';
import { applyDelta, type DaemonData, daemonNow, dataFromSnapshot } from '../state/daemon-data.ts';
import { noFleet } from '../state/fleet.ts';
import { noHistory, promptAfterAttach, remembered } from '../state/prompt.ts';
import {
  firstConnection,
  latestData,
  reduceConnection,
  togglePause,
  withLatest,
  withTick,
} from '../state/shown.ts';
import type { ColumnChoice } from '../text/column-names.ts';
import { firstBacklog, forgetBacklog, type WithBacklog } from '../views/backlog/backlog-state.ts';
import { firstConfig, type WithConfig } from '../views/config/config-state.ts';
import {
  confirmRead,
  firstHosts,
  type HostsState,
  setFilter,
  setStale,
  type WithHosts,
} from '../views/hosts/hosts-state.ts';
import { firstLog, type LogState, setLogFilter, type WithLog } from '../views/log/log-state.ts';
import { firstOverview, type WithOverview } from '../views/overview/overview-state.ts';
import { firstPeers, type WithPeers } from '../views/peers/peers-state.ts';
import { firstRedirects, type WithRedirects } from '../views/redirects/redirects-state.ts';

export interface ConsoleState
  extends WithOverview,
    WithHosts,
    WithPeers,
    WithRedirects,
    WithBacklog,
    WithConfig,
    WithLog {}

export type ConsoleAction = CommonAction | PartAction<ConsoleState>;

export type ConsoleStore = Store<ConsoleState, ConsoleAction>;

/** How the command line opens the first view, as its keys would set it. */
export interface Opening {
  /** of the first view */
  filter?: string;
  /** of the hosts */
  sort?: HostsState['sort'];
  /** of the log */
  level?: LogState['level'];
}

export function firstState(options: {
  size: CommonState['size'];
  view: ViewName;
  readOnly: boolean;
  isUtc?: boolean;
  columns?: ColumnChoice;
  now: number;
  opening?: Opening;
}): ConsoleState {
  const { opening = {}, isUtc = false, columns = {}, ...rest } = options;
  const state: ConsoleState = {
    ...rest,
    isUtc,
    columns,
    fleet: noFleet,
    prompt: null,
    history: noHistory,
    notice: null,
    ...{ pastNotices: [], showsPast: false },
    connection: firstConnection,
    data: null,
    overview: firstOverview,
    hosts: { ...firstHosts, sort: opening.sort ?? firstHosts.sort },
    peers: firstPeers,
    redirects: firstRedirects,
    backlog: firstBacklog,
    config: firstConfig,
    log: { ...firstLog, level: opening.level ?? firstLog.level },
    paused: null,
  };
  return withFilter(state, opening.filter ?? '');
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
        backlog: forgetBacklog(state.backlog),
      };
    case 'prompt': {
      const shown = { ...state, prompt: action.prompt };
      // The filter follows what is typed.
      return action.prompt?.kind === 'filter' ? withFilter(shown, action.prompt.text) : shown;
    }
    case 'entered':
      return { ...state, prompt: null, history: remembered(state.history, state.prompt) };
    case 'filter':
      return withFilter(state, action.text);
    case 'notice':
      return withNotice(state, action.notice);
    case 'past-notices':
      return { ...state, showsPast: true };
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
      const next = withLatest(state, applyDelta(data, action.delta, action.now), action.now);
      if (hostChanges(next.data) !== hostChanges(state.data))
        return { ...next, hosts: setStale(next.hosts) };
      return state.paused === null ? { ...next, hosts: confirmRead(next.hosts, action.now) } : next;
    }
    case 'pause': {
      const next = togglePause(state);
      // During a pause the registry was not read, not even after the operator's own actions.
      return next.paused === null && next.data !== null
        ? { ...next, hosts: setStale(next.hosts) }
        : next;
    }
    case 'zone':
      return { ...state, isUtc: !state.isUtc };
    case 'connection':
      return { ...state, connection: reduceConnection(state.connection, action.change) };
    default:
      return withPart(state, action);
  }
}

function withPart<Part extends PartOf<ConsoleState>>(
  state: ConsoleState,
  { type, change }: PartAction<ConsoleState, Part>,
): ConsoleState {
  const part = change(state[type], state);
  return part === state[type] ? state : { ...state, [type]: part };
}

/** As many as the largest window shows. */
const maxPastNotices = 64;

function withNotice(state: ConsoleState, notice: Notice | null): ConsoleState {
  if (state.notice === notice && !state.showsPast) return state;
  const shown = { ...state, notice, showsPast: false };
  if (notice === null || notice.isProgress) return shown;
  const at = state.data === null ? null : daemonNow(state.data, state.now);
  const pastNotices = [{ ...notice, at }, ...state.pastNotices].slice(0, maxPastNotices);
  return { ...shown, pastNotices };
}

/** Hosts become due as time passes, without any event: so rows are read again this often, in ms. */
const hostsAgeMs = 10_000;

/** Differs whenever a row of the Hosts table may look different. */
function hostChanges(data: DaemonData | null): string | null {
  if (data === null) return null;
  const { counters, hosts, expiry } = data.status;
  return [
    counters.registered,
    counters.refreshed,
    counters.left,
    counters.removed,
    counters.expired,
    counters.pingsSent,
    counters.pingsAnswered,
    hosts.live,
    expiry.due,
    expiry.suspects,
    expiry.condemned,
    Math.floor(data.at / hostsAgeMs),
  ].join(' ');
}

/** Each view keeps its own filter, so that returning to a view finds it as it was left. */
function withFilter(state: ConsoleState, filter: string): ConsoleState {
  switch (state.view) {
    case 'hosts':
      return { ...state, hosts: setFilter(state.hosts, filter) };
    case 'peers':
      return { ...state, peers: { ...state.peers, row: 0, filter } };
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
