// What deserves attention whatever is on the screen: told once when it begins, and when it is over. Pure.
import type { Status } from '../../shared/ipc/status-contract.ts';
import type { ConsoleState } from '../console/console-state.ts';
import { isSilent, latestData } from '../state/shown.ts';
import { peerAlarms } from '../text/alarms.ts';
import { safe } from '../text/columns.ts';
import { redirectingText, sendsEverybody } from '../text/redirecting.ts';

export interface Attention {
  /** Tells apart what may be going on at the same time. */
  about: string;
  text: string;
  /** What is said once it is over. */
  over: string;
}

export function attentionOf(state: ConsoleState): Attention[] {
  const data = latestData(state);
  return [
    ...(state.paused === null ? [] : [pause]),
    ...(state.connection.phase === 'lost' ? [lost] : []),
    ...(isSilent(state) ? [silence] : []),
    ...(data === null ? [] : attentionOfStatus(data.status)),
  ];
}

const pause: Attention = {
  about: 'pause',
  text: 'Paused: what is read stays as it is.',
  over: 'Not paused any more.',
};

const lost: Attention = {
  about: 'connection',
  text: 'Connection lost; what is read is from before. Trying again until it is back.',
  over: 'Connected again.',
};

const silence: Attention = {
  about: 'silence',
  text: 'No word from the name server for some seconds; what is read is from before. It is stopped or very busy.',
  over: 'The name server answers again.',
};

function attentionOfStatus(status: Status): Attention[] {
  const { storage, selfPreservation, expiry, redirecting, peers } = status;
  const found: Attention[] = [];
  if (storage.state !== 'ok')
    found.push({
      about: 'storage',
      text: `Storage ${storage.state}: ${safe(storage.reason ?? 'commits fail', 400)}`,
      over: 'Storage is ok again.',
    });
  // Right after a start nothing is deleted as a matter of course.
  if (selfPreservation.active && selfPreservation.reason !== 'starting')
    found.push({
      about: 'self-preservation',
      text: `No host is deleted now: ${safe(selfPreservation.reason ?? 'no reason given')}`,
      over: 'Hosts that do not answer are deleted again.',
    });
  if (expiry.nobodyAnswers)
    found.push({
      about: 'reachability',
      text: 'No host has ever answered a ping of this server: a firewall between, or all nodes behind NAT.',
      over: 'Hosts answer pings now.',
    });
  const [contest] = expiry.contested ?? [];
  if (contest !== undefined)
    found.push({
      about: 'contest',
      text: `Two nodes register as ${safe(contest.address)}: ${contest.nodeIds.map((id) => safe(id)).join(' and ')}. Give each a port of its own.`,
      over: 'No two nodes register under one address any more.',
    });
  if (sendsEverybody(redirecting))
    found.push({
      about: 'redirecting',
      text: sentence(redirectingText(redirecting)),
      over: 'Nodes are taken here again.',
    });
  const alarms = peerAlarms(peers);
  if (alarms.length > 0)
    found.push({
      about: 'peers',
      text: sentence(alarms.map(({ text }) => text).join(', ')),
      over: 'No trouble with peers any more.',
    });
  return found;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
