// Keys of the Peers view.

import type { Binding } from '../../keys/binding.ts';
import { copyKey, drainKeys, filterKeys, moveKeys, sendKey } from '../../keys/common-keys.ts';
import { type PeersAction, selectedPeer, type WithPeers } from './peers-state.ts';

const scope = 'peers';

export const peersKeys: readonly Binding<WithPeers, PeersAction>[] = [
  sendKey(
    scope,
    'send every node to this one (asks first; not with --read-only)',
    (state: WithPeers) => selectedPeer(state)?.address ?? null,
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
  copyKey(scope, 'copy the address of this one', (state: WithPeers) => {
    const peer = selectedPeer(state);
    return peer === null ? [] : [peer.address];
  }),
  ...filterKeys(scope, 'name servers', ({ peers }: WithPeers) => peers.filter),
  ...moveKeys(scope, (move): PeersAction => ({ type: 'peers-move', move })),
];
