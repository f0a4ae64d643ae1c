// A peer as consoles and other parts of this server see it.
import type { Unable } from '../../../shared/protocol/sync-message.ts';
import type { Clocks } from '../timing/timing.ts';
import type { OutboundSession } from './outbound-session.ts';
import type { Load, Peer, PeerState } from './peer.ts';
import { formerTrouble, troubleOf } from './peer-trouble.ts';

/** What a peer reports and what is measured of it; null: unknown. */
interface PeerFigures {
  roundTripMs: number | null;
  /** its wall clock less this server's */
  clockMs: number | null;
  load: Load | null;
}

/** A peer as this server sees it now; figures of a peer that is silent are null. */
export interface PeerView extends PeerFigures {
  /** as configured, `ip:port` */
  address: string;
  id: string | null;
  version: string | null;
  state: PeerState;
  /** of a peer that is silent: when its last message came, ms since 1970, and the figures until then */
  last: ({ at: number } & PeerFigures) | null;
  /** what is wrong with it, for operators */
  trouble: string | null;
  sharesWork: boolean;
  /** of the connection that this server opened, or of what the peer says to everybody; null: neither is there */
  encrypted: boolean | null;
  /**
   * Entries of this server that it has not acknowledged, and the age of the oldest change among them, ms; of one that
   * says to everybody what it lacks, that, whoever has it, and for how long.
   */
  lag: number | null;
  lagMs: number | null;
}

/**
 * What consoles are shown of a peer.
 * @param session the one with it; null: there is none
 * @param with `twin`: another peer with its id; `unable`: hosts that it cannot judge; null: none. `former`: addresses
 *   where it is named, too, and is not any more
 */
export function viewOf(
  peer: Peer,
  session: OutboundSession | null,
  { mono, wall }: Clocks,
  { twin, unable, former }: { twin: Peer | null; unable: Unable | null; former: readonly string[] },
): PeerView {
  const { address, id, version, roundTripMs, clockMs, load, loadAt, heardAt } = peer;
  const state = peer.state(mono);
  const isSilent = state !== 'alive';
  const isPulsing = !peer.isNamed && peer.isPulsing(mono);
  const figures: PeerFigures = isSilent
    ? { roundTripMs: null, clockMs: null, load: null }
    : {
        roundTripMs: session === null && !isPulsing ? null : roundTripMs,
        clockMs,
        load: loadAt === null ? null : load,
      };
  const lag = isPulsing ? peer.lag(mono) : (session?.lag(wall) ?? null);
  return {
    ...{ address, id, version, state, ...figures },
    trouble: troubleOf(peer, twin, figures.clockMs, unable) ?? formerTrouble(former),
    last: isSilent && heardAt !== null ? { at: heardAt, roundTripMs, clockMs, load } : null,
    sharesWork: peer.isCounted(mono) && peer.cannotJudge !== 'all',
    encrypted: session?.carrier.isEncrypted ?? (isPulsing ? peer.isHeardEncrypted : null),
    lag: lag?.entries ?? null,
    lagMs: lag === null ? null : Math.round(lag.ms),
  };
}
