// Keys of the Hosts view.
import type { HostColumn } from '../../../shared/ipc/contract.ts';
import type { Binding } from '../../keys/binding.ts';
import { ask, copyKey, filterKeys, moveKeys } from '../../keys/common-keys.ts';
import type { ListMove } from '../../state/list-position.ts';
import { chosenHosts } from './hosts-marks.ts';
import {
  type HostsAction,
  type HostsState,
  moveBy,
  movePage,
  moveToEnd,
  setSort,
  type WithHosts,
} from './hosts-state.ts';
import { marksKeys } from './marks-keys.ts';

const scope = 'hosts';

function change(
  keys: readonly string[],
  shown: string,
  help: string,
  next: (hosts: HostsState) => HostsState,
  label = '',
): Binding<WithHosts, HostsAction> {
  return {
    scope,
    keys,
    shown,
    label,
    help,
    run: (target) => target.dispatch({ type: 'hosts', change: next }),
  };
}

function sortKey(key: string, by: HostColumn, what: string): Binding<WithHosts, HostsAction> {
  return change([key], key, `sort by ${what}; again to reverse`, (hosts) => setSort(hosts, by));
}

function moveHosts(hosts: HostsState, move: ListMove): HostsState {
  if ('end' in move) return moveToEnd(hosts, move.end);
  return 'by' in move ? moveBy(hosts, move.by) : movePage(hosts, move.pages);
}

export const hostsKeys: readonly Binding<WithHosts, HostsAction>[] = [
  ...marksKeys,
  ...filterKeys(scope, ({ hosts }: WithHosts) => hosts.filter),
  change(
    ['enter'],
    'Enter',
    'show or hide details of the selected host',
    (hosts) => ({ ...hosts, detail: !hosts.detail }),
    'details',
  ),
  {
    scope,
    keys: ['P'],
    shown: 'P',
    label: 'ping',
    help: 'ping the marked hosts, or the selected one',
    enabled: (state) => chosenHosts(state.hosts).length > 0,
    run: (target) => target.pingHosts(chosenHosts(target.state().hosts)),
  },
  {
    scope,
    keys: ['x', 'delete'],
    shown: 'x Del',
    label: 'remove',
    help: 'remove the marked hosts, or the selected one (asks first; not with --read-only)',
    enabled: (state) => !state.readOnly && chosenHosts(state.hosts).length > 0,
    run: (target) =>
      ask(target, { action: 'remove', addresses: chosenHosts(target.state().hosts) }),
  },
  copyKey(
    scope,
    'copy the addresses of the marked hosts, or of the selected one',
    (state: WithHosts) => chosenHosts(state.hosts),
  ),
  { ...sortKey('a', 'address', 'address'), label: 'sort', hint: 'a n f s' },
  sortKey('n', 'nodeId', 'node id'),
  sortKey('f', 'firstSeen', 'first seen'),
  sortKey('s', 'lastSeen', 'last seen'),
  ...moveKeys(
    scope,
    (move): HostsAction => ({ type: 'hosts', change: (hosts) => moveHosts(hosts, move) }),
  ),
];
