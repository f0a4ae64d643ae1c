// What operators are told when something about a peer goes wrong, or is right again; while it lasts, it is the peer's
// trouble (peer-trouble.ts).
import type { Unable } from '../../../shared/protocol/sync-message.ts';
import type { Peer } from './peer.ts';
import type { PeerEvent } from './peer-session.ts';
import { ableAgain, clockRight, clockTrouble, twinTrouble, unableTrouble } from './peer-trouble.ts';

/**
 * What has changed about the peer since the last call, which is noted in it.
 * @param twin another peer with its id
 * @param unable hosts that it cannot judge; null: none
 */
export function newsOf(peer: Peer, twin: Peer | null, unable: Unable | null): PeerEvent[] {
  const news: PeerEvent[] = [];
  const tell = (kind: PeerEvent['kind'], text: string) =>
    news.push({ kind, address: peer.address, text });
  const trouble = clockTrouble(peer.clockMs);
  if ((trouble !== null) !== peer.isClockWrong) tell('clock', trouble ?? clockRight);
  peer.isClockWrong = trouble !== null;
  // Where no server can judge hosts any more, nothing is wrong with this one; that is no good news of it.
  const isGoodNews = unable === null && peer.cannotJudge === null;
  if (unable !== peer.wasUnable && (unable !== null || isGoodNews))
    tell('unable', unable === null ? ableAgain : unableTrouble(unable));
  peer.wasUnable = unable;
  if ((twin !== null) !== peer.hasTwin)
    tell('twin', twin === null ? 'is the only one with its id again' : twinTrouble(peer, twin));
  peer.hasTwin = twin !== null;
  return news;
}
