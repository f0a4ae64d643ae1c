// Keys of the Hosts view that mark hosts, and take the marks away again.
import type { Binding, Console } from '../../keys/binding.ts';
import { count, counted } from '../../text/format.ts';
import { maxMarks, toggleMark, toggleScreen, unmark } from './hosts-marks.ts';
import { type HostsAction, type HostsState, selectedHost, type WithHosts } from './hosts-state.ts';

type Target = Console<WithHosts, HostsAction>;

const scope = 'hosts';

function mark(target: Target, next: (hosts: HostsState) => HostsState): void {
  const before = target.state().hosts;
  target.dispatch({ type: 'hosts', change: next });
  if (target.state().hosts !== before) return;
  const text = `at most ${counted(maxMarks, 'host')} can be marked; Esc clears the marks`;
  target.dispatch({ type: 'notice', notice: { tone: 'warn', text } });
}

export const marksKeys: readonly Binding<WithHosts, HostsAction>[] = [
  {
    scope,
    keys: ['escape'],
    shown: 'Esc',
    label: 'unmark',
    help: 'clear marks',
    enabled: ({ hosts }) => hosts.marked.size > 0,
    run: (target) => target.dispatch({ type: 'hosts', change: (hosts) => unmark(hosts) }),
  },
  {
    scope,
    keys: [' '],
    shown: 'Space',
    label: 'mark',
    help: 'mark or unmark the selected host and move down',
    enabled: ({ hosts }) => selectedHost(hosts) !== null,
    run: (target) => mark(target, toggleMark),
  },
  {
    scope,
    keys: ['*'],
    shown: '*',
    label: '',
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
