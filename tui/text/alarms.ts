// What an operator should notice from anywhere, in words for the room there is: each alarm names its thing. Details
// are in the views.
import type { PeerStatus, Status } from '../../shared/ipc/status-contract.ts';
import { familyName } from '../../shared/protocol/sync-message.ts';
import { columnsOf, cut, safe } from './columns.ts';
import { count, counted } from './format.ts';
import { isPlain } from './peers.ts';
import { isAlarming, whyHeldBack } from './self-preservation.ts';

/** `bad`: nodes, or hosts, are lost until somebody acts. `warn`: somebody should look. Each has its colour. */
type Severity = 'bad' | 'warn';

export interface Alarm {
  /** what it is about; stays the same while figures change */
  about: string;
  severity: Severity;
  /** with its whole cause */
  text: string;
  short: string;
  /** where to look, when there is no room for more */
  place: string;
}

type AlarmingStatus = Pick<
  Status,
  'listen' | 'storage' | 'selfPreservation' | 'peers' | 'expiry' | 'backlog' | 'hosts' | 'refused'
>;

/** The most urgent first; empty when all is well. */
export function alarmsOf(status: AlarmingStatus): Alarm[] {
  const all = [
    ...storageAlarms(status),
    ...listenAlarms(status),
    ...fullAlarms(status),
    ...peerAlarms(status.peers),
    ...expiryAlarms(status),
    ...syncAlarms(status.peers),
  ];
  return all.toSorted((a, b) => Number(b.severity === 'bad') - Number(a.severity === 'bad'));
}

const cause = (text: string) => safe(text, 400);

function storageAlarms({ storage }: AlarmingStatus): Alarm[] {
  if (storage.state === 'ok') return [];
  const short = `storage ${safe(storage.state, 16)}`;
  const text = `${short}: ${cause(storage.reason ?? 'registrations are refused')}`;
  return [{ about: 'storage', severity: 'bad', text, short, place: 'storage' }];
}

/** Nodes and peers cannot reach this name server. */
function listenAlarms({ listen }: AlarmingStatus): Alarm[] {
  if (!listen.isLost) return [];
  const short = `${safe(listen.address, 64)} lost`;
  const text = `${short}: no link that is up has this address`;
  return [{ about: 'address', severity: 'bad', text, short, place: 'address' }];
}

/** A backlog or a registry without room, and what that cost in the last minute. */
function fullAlarms({ backlog, hosts, refused }: AlarmingStatus): Alarm[] {
  const { backlog: busy = 0, registry = 0 } = refused ?? {};
  const found: Alarm[] = [];
  if (busy > 0 || backlog.current >= backlog.limit)
    found.push({
      about: 'backlog',
      severity: busy > 0 ? 'bad' : 'warn',
      text: `backlog full: ${busy > 0 ? refusedText(busy) : `${count(backlog.current)} of ${count(backlog.limit)}`}`,
      short: 'backlog full',
      place: 'backlog',
    });
  const isFull = hosts.live >= hosts.limit;
  if (isFull || registry > 0)
    found.push({
      about: 'registry',
      severity: isFull ? 'bad' : 'warn',
      text: isFull
        ? `registry full: ${registry > 0 ? refusedText(registry) : counted(hosts.live, 'host')}`
        : `over HostsPerSource: ${refusedText(registry)}`,
      short: isFull ? 'registry full' : 'over HostsPerSource',
      place: 'hosts',
    });
  return found;
}

function refusedText(requests: number): string {
  return `${counted(requests, 'request')} refused in a minute`;
}

/** One for each peer that was there and is silent, or cannot be synced with. */
export function peerAlarms(peers: readonly PeerStatus[]): Alarm[] {
  return peers.flatMap(({ address, state, trouble }): Alarm[] => {
    const isSilent = state === 'down' || state === 'suspect';
    // One that was never reached is waited for.
    if (!isSilent && trouble === null) return [];
    const short = `${safe(address, 64)} ${isSilent ? state : 'failing'}`;
    const text = trouble === null || isSilent ? short : `${short}: ${cause(trouble)}`;
    const severity = state === 'down' ? 'bad' : 'warn';
    return [{ about: `peer ${address}`, severity, text, short, place: 'peers' }];
  });
}

function expiryAlarms({ selfPreservation, expiry }: AlarmingStatus): Alarm[] {
  const { condemned, nobodyAnswers = false, contested = [], massDeletion = null } = expiry;
  const { cannotJudge = null } = expiry;
  const found: Alarm[] = [];
  if (isAlarming(selfPreservation))
    found.push({
      about: 'deletions',
      severity: 'warn',
      text: `deletions held back${condemned > 0 ? `, ${count(condemned)} to be deleted` : ''}: ${whyHeldBack(selfPreservation)}`,
      short: 'no deletes',
      place: 'expiry',
    });
  if (massDeletion !== null)
    found.push({
      about: 'mass deletion',
      severity: 'bad',
      text: `${count(massDeletion.deleted)} of ${counted(massDeletion.of, 'host')} deleted within a TTL`,
      short: `${count(massDeletion.deleted)} hosts deleted`,
      place: 'expiry',
    });
  if (nobodyAnswers)
    found.push({
      about: 'pings',
      severity: 'warn',
      text: 'no host has ever answered a ping',
      short: 'no host answers',
      place: 'pings',
    });
  // That too few hosts are heard at all has alarms of its own.
  if (cannotJudge !== null && cannotJudge !== 'all')
    found.push({
      about: 'family',
      severity: 'warn',
      text: `cannot ping ${familyName(cannotJudge)} hosts`,
      short: `no ${familyName(cannotJudge)}`,
      place: 'pings',
    });
  const [contest] = contested;
  if (contest !== undefined)
    found.push({
      about: 'contest',
      severity: 'warn',
      text: `two nodes register as ${safe(contest.address, 64)}`,
      short: `two nodes at ${safe(contest.address, 64)}`,
      place: 'hosts',
    });
  return found;
}

function syncAlarms(peers: readonly PeerStatus[]): Alarm[] {
  if (!peers.some(isPlain)) return [];
  const text = 'sync unencrypted';
  return [{ about: 'sync', severity: 'warn', text, short: text, place: 'peers' }];
}

/** Columns of one alarm in a line: enough to tell it from others; the views have all of it. */
const maxText = 74;

/** A part of a line, in the colour of its severity. */
interface AlarmPart {
  text: string;
  severity: Severity;
}

/**
 * As much as fits into `width` columns, as the parts of one line: all alarms in full or in short, else the most urgent
 * ones and how many more there are, else where to look.
 */
export function alarmLine(alarms: readonly Alarm[], width: number): AlarmPart[] {
  const [first] = alarms;
  if (first === undefined) return [];
  const inFull = ({ text }: Alarm) => cut(text, maxText);
  const inShort = ({ short }: Alarm) => short;
  // More things named say more than one of them in full.
  const candidates = [
    parts(alarms, alarms.length, inFull),
    ...alarms.slice(1).map((_, index) => parts(alarms, alarms.length - index, inShort)),
    parts(alarms, 1, inFull),
    parts(alarms, 1, inShort),
  ];
  const fitting = candidates.find((each) => lineColumns(each) <= width);
  return fitting ?? [{ text: `! ${first.place}`, severity: first.severity }];
}

/** Columns that the most urgent alarm needs in short, beside the number of the others. */
export function shortColumns(alarms: readonly Alarm[]): number {
  return lineColumns(parts(alarms, 1, ({ short }) => short));
}

function parts(
  alarms: readonly Alarm[],
  shown: number,
  textOf: (alarm: Alarm) => string,
): AlarmPart[] {
  const rest = alarms.length - shown;
  return alarms.slice(0, shown).map((alarm, index) => {
    const sign = index === 0 ? '! ' : '';
    const end = index < shown - 1 ? ', ' : rest > 0 ? ` +${count(rest)}` : '';
    return { text: `${sign}${textOf(alarm)}${end}`, severity: alarm.severity };
  });
}

function lineColumns(line: readonly AlarmPart[]): number {
  return line.reduce((sum, { text }) => sum + columnsOf(text), 0);
}
