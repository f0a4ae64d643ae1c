// Compares the registry with that of peers at once, for an operator, and reports the result.
import { ipcErrors, type PeerSync, type SyncResult } from '../../shared/ipc/contract.ts';
import { printable } from '../../shared/output/printable.ts';
import { maxServerName } from '../../shared/protocol/server-name.ts';
import { wallNow } from '../../shared/wall-clock.ts';
import type { History } from '../core/stats/history.ts';
import type { ComparisonEnd } from '../core/sync/comparisons.ts';
import type { Logger } from '../log.ts';
import type { ReplicationService } from '../replication/replication-service.ts';
import { ServiceError } from './service.ts';

export interface ComparisonServiceOptions {
  peers: Pick<ReplicationService, 'compare' | 'view'>;
  history: History;
  log: Logger;
}

/** Answers the compare requests of all consoles. */
export class ComparisonService {
  private readonly options: ComparisonServiceOptions;

  constructor(options: ComparisonServiceOptions) {
    this.options = options;
  }

  /** Compares with the peer at `wanted`; null: with all. @throws ServiceError without a connection to any of them */
  async compare(wanted: string | null): Promise<SyncResult> {
    const known = this.options.peers.view();
    const chosen = wanted === null ? known : known.filter(({ address }) => address === wanted);
    if (chosen.length === 0) throw noPeer(unknownText(wanted));
    const comparing = chosen.map(({ address }) => this.compareWith(address));
    if (comparing.every((each) => each === null)) {
      const [only] = chosen;
      throw noPeer(
        chosen.length > 1 || only === undefined
          ? 'not connected to any of the other name servers; ddns-tui peers shows why'
          : `not connected to ${only.address}${troubleText(only.trouble)}; ddns-tui peers shows its state`,
      );
    }
    const peers = await Promise.all(
      comparing.map((each, index) => each ?? away(chosen[index]?.address ?? '')),
    );
    return { peers };
  }

  private compareWith(address: string): Promise<PeerSync> | null {
    const { peers, history, log } = this.options;
    const comparison = peers.compare(address);
    if (comparison === null) return null;
    return comparison.then(({ end, received, sent }) => {
      const text = `compared for an operator: ${received} hosts received, ${sent} sent, ${ends[end]}`;
      history.add(wallNow(), 'peer', address, text);
      log.info({ peer: address }, `peer ${address} ${text}`);
      return { address, outcome: end, received, sent };
    });
  }
}

const ends: Record<ComparisonEnd, string> = {
  equal: 'now equal',
  unfinished: 'not equal yet',
  lost: 'connection lost',
};

function away(address: string): PeerSync {
  return { address, outcome: 'away', received: 0, sent: 0 };
}

function noPeer(text: string): ServiceError {
  return new ServiceError(ipcErrors.noPeer, text);
}

function unknownText(wanted: string | null): string {
  return wanted === null
    ? 'no other name server to compare with: NameServers in ddns.conf is empty'
    : `${printable(wanted, maxServerName)} is not one of the other name servers; ddns-tui peers lists them`;
}

function troubleText(trouble: string | null): string {
  return trouble === null ? '' : `: ${printable(trouble, 300)}`;
}
