// Keys of the Backlog view.
import type { Binding } from '../../keys/binding.ts';
import { ask, copyKey, filterKeys, hostsKey, moveKeys } from '../../keys/common-keys.ts';
import { type BacklogAction, selectedConnection, type WithBacklog } from './backlog-state.ts';

const scope = 'backlog';

export const backlogKeys: readonly Binding<WithBacklog, BacklogAction>[] = [
  {
    scope,
    keys: ['x', 'delete'],
    shown: 'x Del',
    label: 'close',
    help: 'close the selected connection (asks first)',
    changes: true,
    enabled: (state) => selectedConnection(state) !== null,
    run: (target) => {
      const entry = selectedConnection(target.state());
      if (entry) ask(target, { action: 'close', id: entry.id, source: entry.source });
    },
  },
  hostsKey(scope, 'connection', (state: WithBacklog) => selectedConnection(state)?.source ?? null),
  copyKey(scope, 'copy the source of the selected connection', (state: WithBacklog) => {
    const entry = selectedConnection(state);
    return entry === null ? [] : [entry.source];
  }),
  ...filterKeys(scope, ({ backlog }: WithBacklog) => backlog.filter),
  ...moveKeys(scope, (move): BacklogAction => ({ type: 'backlog-move', move })),
];
