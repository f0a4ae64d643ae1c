// Keys of the Backlog view.
import { ask } from '../../keys/ask.ts';
import type { Binding } from '../../keys/binding.ts';
import { copyKey } from '../../keys/copy-key.ts';
import { filterKeys } from '../../keys/filter-keys.ts';
import { moveKeys } from '../../keys/move-keys.ts';
import { selectedConnection } from './backlog-state.ts';

const scope = 'backlog';

export const backlogKeys: readonly Binding[] = [
  {
    scope,
    keys: ['x', 'delete'],
    shown: 'x Del',
    label: 'close',
    help: 'close the selected connection (asks first; not with --read-only)',
    enabled: (state) => !state.readOnly && selectedConnection(state) !== null,
    run: (target) => {
      const entry = selectedConnection(target.state());
      if (entry) ask(target, { action: 'close', id: entry.id, source: entry.source });
    },
  },
  copyKey(scope, 'copy where the selected connection comes from', (state) => {
    const entry = selectedConnection(state);
    return entry === null ? [] : [entry.source];
  }),
  ...filterKeys(scope, 'connections'),
  ...moveKeys(scope, (target, move) => target.dispatch({ type: 'backlog-move', move })),
];
