// Keys of the Peers view.

import { bindingsOf } from '../../keys/binding.ts';
import { copyKey, filterKeys, moveKeys } from '../../keys/common-keys.ts';
import { drainKeys, sendKey } from '../../keys/drain-keys.ts';
import { safe } from '../../text/columns.ts';
import { movePeers, selectedPeer, type WithPeers } from './peers-state.ts';

const addressOf = (state: WithPeers) => selectedPeer(state)?.address ?? null;

export const peersKeys = bindingsOf<WithPeers>('peers', [
  sendKey('drain to the selected peer (asks first)', addressOf),
  {
    keys: ['S'],
    label: 'sync now',
    help: 'sync with the selected peer now',
    changes: true,
    asks: true,
    enabled: (state) => selectedPeer(state) !== null,
    refusal: (state) => {
      const { address = '', encrypted = null } = selectedPeer(state) ?? {};
      return encrypted === null ? `cannot sync: not connected to ${safe(address, 64)}` : null;
    },
    run: (target) => target.syncSelected(),
  },
  ...drainKeys,
  copyKey('copy the address of the selected peer', addressOf),
  ...filterKeys(({ peers }: WithPeers) => peers.filter),
  ...moveKeys('peers', movePeers),
]);
