// Keys of the Peers view.

import { ask } from '../../keys/ask.ts';
import type { Binding } from '../../keys/binding.ts';
import { copyKey } from '../../keys/copy-key.ts';
import { canSend, drainKeys } from '../../keys/drain-keys.ts';
import { filterKeys } from '../../keys/filter-keys.ts';
import { moveKeys } from '../../keys/move-keys.ts';
import { latestData } from '../../state/pause.ts';
import { selectedPeer } from './peers-state.ts';

const scope = 'peers';

export const peersKeys: readonly Binding[] = [
  {
    scope,
    keys: ['t'],
    shown: 't',
    label: 'send all to it',
    help: 'send every node to this one (asks first; not with --read-only)',
    enabled: (state) => {
      const peer = selectedPeer(state);
      return (
        canSend(state) && peer !== null && latestData(state)?.status.redirecting.to !== peer.address
      );
    },
    run: (target) => {
      const peer = selectedPeer(target.state());
      if (peer) ask(target, { action: 'send', address: peer.address });
    },
  },
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
