// What an operator does in the Peers view that the daemon takes time for: a notice says that it began, and
// another how it ended.
import type { IpcClient } from '../../../shared/ipc/client.ts';
import { syncPeer } from '../../daemon/actions.ts';
import type { StoreOf } from '../../state/common-state.ts';
import { selectedPeer, type WithPeers } from './peers-state.ts';

export interface PeersOperations {
  /** Has the selected name server compared with now. */
  sync(): void;
}

export function createPeersOperations(
  store: StoreOf<WithPeers>,
  client: () => IpcClient | null,
): PeersOperations {
  return {
    sync: () => {
      const peer = selectedPeer(store.get());
      if (peer === null) return;
      const text = `syncing with ${peer.address} …`;
      store.dispatch({ type: 'notice', notice: { tone: 'good', text } });
      void syncPeer(client(), peer.address).then((notice) =>
        store.dispatch({ type: 'notice', notice }),
      );
    },
  };
}
