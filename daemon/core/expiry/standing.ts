// How a live host stands with expiry, as far as this server knows. The server that owns a host (rendezvous.ts) pings
// it and knows most; the others see that it is due, and what they found when they were asked for an opinion.
import type { ListedState } from '../../../shared/listed-state.ts';

export type HostStanding = Exclude<ListedState, 'gone'>;

/** How the live hosts of a registry stand at one moment. */
export interface Standings {
  of(row: number): HostStanding;
  /** The id of the server that pings the host in `row`, and how many pings of this one failed since its last contact. */
  judgeOf(row: number): { owner: string; failedPings: number };
}
