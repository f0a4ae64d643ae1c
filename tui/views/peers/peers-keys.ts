// Keys of the Peers view.

import type { Binding } from '../../keys/binding.ts';
import { copyKey, drainKeys, filterKeys, moveKeys, sendKey } from '../../keys/common-keys.ts';
import { type PeersAction, selectedPeer, type WithPeers } from './peers-state.ts';

const scope = 'peers';

export const peersKeys: readonly Binding<WithPeers, PeersAction>[] = [
  sendKey(
    scope,
    'drain to the selected peer (asks first)',
    (state: WithPeers) => selectedPeer(state)?.address ?? null,
  ),
  {
    scope,
    keys: ['S'],
    shown: 'S',
    label: 'sync now',
    help: 'sync with the selected peer now',
    changes: true,
    enabled: (state) => selectedPeer(state) !== null,
    run: (target) => target.syncSelected(),
  },
  ...drainKeys(scope),
  copyKey(scope, 'copy the address of the selected peer', (state: WithPeers) => {
    const peer = selectedPeer(state);
    return peer === null ? [] : [peer.address];
  }),
  ...filterKeys(scope, ({ peers }: WithPeers) => peers.filter),
  ...moveKeys(scope, (move): PeersAction => ({ type: 'peers-move', move })),
];
