// Keys of the Peers view.

import type { Binding } from '../../keys/binding.ts';
import { copyKey } from '../../keys/copy-key.ts';
import { drainKeys, sendKey } from '../../keys/drain-keys.ts';
import { filterKeys } from '../../keys/filter-keys.ts';
import { moveKeys } from '../../keys/move-keys.ts';
import { selectedPeer } from './peers-state.ts';

const scope = 'peers';

export const peersKeys: readonly Binding[] = [
  sendKey(
    scope,
    'send every node to this one (asks first; not with --read-only)',
    (state) => selectedPeer(state)?.address ?? null,
  ),
  {
    scope,
    keys: ['S'],
    shown: 'S',
    label: 'sync now',
    help: 'compare with this one now, and exchange what differs (not with --read-only)',
    enabled: (state) => !state.readOnly && selectedPeer(state) !== null,
    run: (target) => target.syncSelected(),
  },
  ...drainKeys(scope),
  copyKey(scope, 'copy the address of this one', (state) => {
    const peer = selectedPeer(state);
    return peer === null ? [] : [peer.address];
  }),
  ...filterKeys(scope, 'name servers'),
  ...moveKeys(scope, (target, move) => target.dispatch({ type: 'peers-move', move })),
];
