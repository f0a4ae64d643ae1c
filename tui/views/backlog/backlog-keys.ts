// Keys of the Backlog view.
import { bindingsOf } from '../../keys/binding.ts';
import { ask, copyKey, filterKeys, hostsKey, moveKeys } from '../../keys/common-keys.ts';
import { moveBacklog, selectedConnection, type WithBacklog } from './backlog-state.ts';

const sourceOf = (state: WithBacklog) => selectedConnection(state)?.source ?? null;

export const backlogKeys = bindingsOf<WithBacklog>('backlog', [
  {
    keys: ['x', 'delete'],
    label: 'close',
    help: 'close the selected connection (asks first)',
    changes: true,
    asks: true,
    enabled: (state) => selectedConnection(state) !== null,
    run: (target) => {
      const entry = selectedConnection(target.state());
      if (entry) ask(target, { action: 'close', id: entry.id, source: entry.source });
    },
  },
  hostsKey('connection', sourceOf),
  copyKey('copy the source of the selected connection', sourceOf),
  ...filterKeys(({ backlog }: WithBacklog) => backlog.filter),
  ...moveKeys('backlog', moveBacklog),
]);
