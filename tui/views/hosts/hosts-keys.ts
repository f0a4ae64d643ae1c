// Keys of the Hosts view: filtering, sorting, marking, pinging and removing hosts.

import type { HostColumn } from '../../../shared/ipc/contract.ts';
import { bindingsOf, type Console, type Keys } from '../../keys/binding.ts';
import { ask, changing, copyKey, filterKeys, moveKeys } from '../../keys/common-keys.ts';
import type { ListMove } from '../../state/list-position.ts';
import { latestData } from '../../state/shown.ts';
import { safe } from '../../text/columns.ts';
import { count, counted } from '../../text/format.ts';
import {
  chosenHosts,
  hiddenMarks,
  markTexts,
  maxMarks,
  toggleMark,
  toggleScreen,
  unmark,
} from './hosts-marks.ts';
import {
  type HostsState,
  hostsLayout,
  moveBy,
  movePage,
  moveToEnd,
  selectedHost,
  setSort,
  type WithHosts,
} from './hosts-state.ts';

function sortKey(key: string, by: HostColumn, what: string): Keys<WithHosts> {
  return {
    keys: [key],
    help: `sort by ${what}; again to reverse`,
    run: changing('hosts', (hosts) => setSort(hosts, by)),
  };
}

function moveHosts({ hosts }: WithHosts, move: ListMove): HostsState {
  if ('end' in move) return moveToEnd(hosts, move.end);
  return 'by' in move ? moveBy(hosts, move.by) : movePage(hosts, move.pages);
}

function mark(target: Console<WithHosts>, next: (hosts: HostsState) => HostsState): void {
  const before = target.state().hosts;
  target.dispatch({ type: 'hosts', change: next });
  if (target.state().hosts !== before) return;
  const text = `at most ${counted(maxMarks, 'host')} can be marked; Esc clears the marks`;
  target.dispatch({ type: 'notice', notice: { tone: 'warn', text } });
}

const marksKeys: readonly Keys<WithHosts>[] = [
  {
    keys: ['escape'],
    label: 'unmark',
    help: 'clear marks',
    enabled: ({ hosts }) => hosts.marked.size > 0,
    run: changing('hosts', (hosts) => unmark(hosts)),
  },
  {
    keys: [' '],
    label: 'mark',
    help: 'mark or unmark the selected host and move down',
    enabled: ({ hosts }) => selectedHost(hosts) !== null,
    run: (target) => mark(target, toggleMark),
  },
  {
    keys: ['*'],
    help: 'mark or unmark every host on the screen',
    enabled: ({ hosts }) => selectedHost(hosts) !== null,
    run: (target) => {
      const before = target.state().hosts.marked.size;
      mark(target, toggleScreen);
      const { size } = target.state().hosts.marked;
      if (size === before) return;
      const change =
        size > before
          ? `marked ${counted(size - before, 'host')} on this screen`
          : `unmarked ${counted(before - size, 'host')}`;
      const notice = { tone: 'good', text: `${change}, ${count(size)} in total` } as const;
      target.dispatch({ type: 'notice', notice });
    },
  },
];

export const hostsKeys = bindingsOf<WithHosts>('hosts', [
  ...marksKeys,
  ...filterKeys(({ hosts }: WithHosts) => hosts.filter),
  {
    keys: ['enter'],
    label: 'details',
    help: 'show or hide details of the selected host (in a narrow window)',
    enabled: (state) => hostsLayout(state).place !== 'side',
    run: changing('hosts', (hosts) => ({ ...hosts, detail: !hosts.detail })),
  },
  {
    keys: ['P'],
    label: 'ping',
    help: 'ping the marked hosts, or the selected one',
    asks: true,
    enabled: (state) => chosenHosts(state.hosts).length > 0,
    run: (target) => target.pingHosts(chosenHosts(target.state().hosts)),
  },
  {
    keys: ['x', 'delete'],
    label: 'remove',
    help: 'remove the marked hosts, or the selected one (asks first)',
    changes: true,
    asks: true,
    enabled: (state) => chosenHosts(state.hosts).length > 0,
    refusal: (state) => {
      const storage = latestData(state)?.status.storage;
      if (storage === undefined || storage.state === 'ok') return null;
      return `cannot remove: storage ${safe(storage.state, 16)}: ${safe(storage.reason ?? 'commits fail', 400)}`;
    },
    run: (target) =>
      ask(
        target,
        {
          action: 'remove',
          addresses: chosenHosts(target.state().hosts),
          hidden: hiddenMarks(target.state().hosts).length,
        },
        markTexts(target.state().hosts),
      ),
  },
  copyKey('copy the addresses of the marked hosts, or of the selected one', (state: WithHosts) =>
    chosenHosts(state.hosts),
  ),
  { ...sortKey('a', 'address', 'address'), label: 'sort', hint: 'a n f s t' },
  sortKey('n', 'nodeId', 'node id'),
  sortKey('f', 'firstSeen', 'first seen'),
  sortKey('s', 'lastSeen', 'last seen'),
  sortKey('t', 'state', 'state'),
  ...moveKeys('hosts', moveHosts),
]);
