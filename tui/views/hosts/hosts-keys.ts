// Keys of the Hosts view.
import type { HostColumn } from '../../../shared/ipc/contract.ts';
import { ask } from '../../keys/ask.ts';
import type { Binding } from '../../keys/binding.ts';
import { copyKey } from '../../keys/copy-key.ts';
import { filterKeys } from '../../keys/filter-keys.ts';
import { moveKeys } from '../../keys/move-keys.ts';
import type { ListMove } from '../../state/list-position.ts';
import { chosenHosts } from './hosts-marks.ts';
import { type HostsState, moveBy, movePage, moveToEnd, setSort } from './hosts-state.ts';
import { marksKeys } from './marks-keys.ts';

const scope = 'hosts';

function change(
  keys: readonly string[],
  shown: string,
  help: string,
  next: (hosts: HostsState) => HostsState,
  label = '',
): Binding {
  return {
    scope,
    keys,
    shown,
    label,
    help,
    run: (target) => target.dispatch({ type: 'hosts', change: next }),
  };
}

function sortKey(key: string, by: HostColumn, what: string): Binding {
  return change([key], key, `sort by ${what}; again turns the order`, (hosts) =>
    setSort(hosts, by),
  );
}

function moveHosts(hosts: HostsState, move: ListMove): HostsState {
  if ('end' in move) return moveToEnd(hosts, move.end);
  return 'by' in move ? moveBy(hosts, move.by) : movePage(hosts, move.pages);
}

export const hostsKeys: readonly Binding[] = [
  ...marksKeys,
  ...filterKeys(scope, 'hosts'),
  change(
    ['enter'],
    'Enter',
    'show or hide the details of the selected host',
    (hosts) => ({ ...hosts, detail: !hosts.detail }),
    'details',
  ),
  {
    scope,
    keys: ['P'],
    shown: 'P',
    label: 'ping',
    help: 'ping the selected host now, or the marked ones',
    enabled: (state) => chosenHosts(state.hosts).length > 0,
    run: (target) => target.pingHosts(chosenHosts(target.state().hosts)),
  },
  {
    scope,
    keys: ['x', 'delete'],
    shown: 'x Del',
    label: 'remove',
    help: 'remove the selected host, or the marked ones (asks first; not with --read-only)',
    enabled: (state) => !state.readOnly && chosenHosts(state.hosts).length > 0,
    run: (target) =>
      ask(target, { action: 'remove', addresses: chosenHosts(target.state().hosts) }),
  },
  copyKey(scope, 'copy the address of the selected host, or of the marked ones', (state) =>
    chosenHosts(state.hosts),
  ),
  { ...sortKey('a', 'address', 'address'), label: 'sort', hint: 'a n f s' },
  sortKey('n', 'nodeId', 'node id'),
  sortKey('f', 'firstSeen', 'first seen'),
  sortKey('s', 'lastSeen', 'last seen'),
  ...moveKeys(scope, (target, move) =>
    target.dispatch({ type: 'hosts', change: (hosts) => moveHosts(hosts, move) }),
  ),
];
