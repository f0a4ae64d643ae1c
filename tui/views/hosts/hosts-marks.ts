// Marks in the Hosts table: which hosts an action is for. They go by address, so they stay with their
// hosts through sorting, filtering and reading anew. Only what was on the screen can be marked: nobody
// should act on rows that they have not seen.
import type { Host } from '../../../shared/ipc/contract.ts';
import { safe } from '../../text/columns.ts';
import { isFoundBy } from '../../text/host-state.ts';
import { type HostsState, hostAt, moveBy, selectedHost } from './hosts-state.ts';

/** More than anybody looks through, and few enough to keep, to copy and to act on one by one. */
export const maxMarks = 1_000;

/** Marks the selected host, or takes its mark away, and goes on to the next row. */
export function toggleMark(state: HostsState): HostsState {
  const host = selectedHost(state);
  if (host === null) return state;
  const marked = new Map(state.marked);
  if (!marked.delete(host.address)) marked.set(host.address, host);
  return marked.size > maxMarks ? state : moveBy({ ...state, marked }, 1);
}

/** Marks what is on the screen, or takes those marks away when all of it is marked. */
export function toggleScreen(state: HostsState): HostsState {
  const seen = hostsOnScreen(state);
  const marked = new Map(state.marked);
  const areAllMarked = seen.every(({ address }) => marked.has(address));
  for (const host of seen) {
    if (areAllMarked) marked.delete(host.address);
    else marked.set(host.address, host);
  }
  return marked.size > maxMarks ? state : { ...state, marked };
}

/** Takes marks away: these, or all. */
export function unmark(
  state: HostsState,
  addresses: Iterable<string> = state.marked.keys(),
): HostsState {
  const marked = new Map(state.marked);
  for (const address of addresses) marked.delete(address);
  return marked.size === state.marked.size ? state : { ...state, marked };
}

/** Whom an action is for: the marked hosts, else the selected one. */
export function chosenHosts(state: HostsState): readonly string[] {
  if (state.marked.size > 0) return [...state.marked.keys()];
  const host = selectedHost(state);
  return host === null ? [] : [host.address];
}

/** The marked hosts that the filter hides, as they were when they were marked. */
export function hiddenMarks({ marked, filter }: HostsState): Host[] {
  const isFound = isFoundBy(filter);
  return [...marked.values()].filter((host) => !isFound(host));
}

/** Several marked hosts in words, first those that the operator does not see; empty when one is chosen. */
export function markTexts(state: HostsState): string[] {
  if (state.marked.size < 2) return [];
  const hidden = new Set(hiddenMarks(state));
  const rest = [...state.marked.values()].filter((host) => !hidden.has(host));
  return [...hidden, ...rest].map(
    (host) =>
      `${safe(host.address)} (${safe(host.nodeId, 40)})${hidden.has(host) ? ', hidden by the filter' : ''}`,
  );
}

function hostsOnScreen(state: HostsState): Host[] {
  return Array.from(
    { length: state.viewport },
    (_, row) => hostAt(state, state.top + row) ?? [],
  ).flat();
}
