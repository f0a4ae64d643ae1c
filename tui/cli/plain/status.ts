// `ddns-tui status` without a screen: the status once, as one JSON object or as aligned lines.
import type { Status } from '../../../shared/ipc/status-contract.ts';
import { addressText } from '../../../shared/protocol/address-kind.ts';
import { familyName } from '../../../shared/protocol/sync-message.ts';
import { alarmsOf } from '../../text/alarms.ts';
import { safe } from '../../text/columns.ts';
import {
  ago,
  bytes,
  count,
  counted,
  durationText,
  type Zone,
  zonedTime,
} from '../../text/format.ts';
import { dyingText } from '../../text/host-state.ts';
import {
  aliveText,
  asOfNow,
  isTroubled,
  noPeersText,
  peerStateSentence,
  syncWarning,
} from '../../text/peers.ts';
import { isRedirectingAll, redirectingText } from '../../text/redirecting.ts';
import { freezeWords } from '../../text/self-preservation.ts';
import { sharesText } from '../../text/shares.ts';
import { jsonText } from './output.ts';

export function statusJson(status: Status): string {
  return jsonText(statusObject(status));
}

/** The daemon's status, and what of it is alarming. */
export function statusObject(status: Status): object {
  const alarms = alarmsOf(status).map(({ about, severity, text }) => ({ about, severity, text }));
  return { ...status, peers: status.peers.map(asOfNow), alarms };
}

type TimeText = (at: number) => string;

/** The longest names, `self-preservation` and an indented `commit failures`, and a gap. */
const nameColumns = 20;

/** @param now the daemon's clock, from which the uptime is reckoned */
export function statusText(status: Status, now: number, zone: Zone): string {
  const time = (at: number) => zonedTime(at, zone);
  const { server, listen, config, hosts, backlog, connections, threads, storage } = status;
  const alarms = alarmsOf(status).map(({ text }) => text);
  const lines: [string, string][] = [
    ['alarms', alarms.length === 0 ? 'none' : alarms.join('; ')],
    ['server', `${safe(server.id)} on ${safe(server.hostname)}, version ${safe(server.version)}`],
    [
      'process',
      `${server.pid}, since ${time(server.startedAt)} (${durationText(now - server.startedAt)})`,
    ],
    ['listen', addressText(listen)],
    [
      'config',
      `${safe(config.file)}, read ${time(config.readAt)}${restartNote(config.restartNeeded)}`,
    ],
    ['hosts', `${count(hosts.live)} live, ${count(hosts.gone)} gone, limit ${count(hosts.limit)}`],
    [
      'backlog',
      `${count(backlog.current)} of ${count(backlog.limit)}, peak ${count(backlog.peak)}`,
    ],
    ['connections', `${count(connections.open)} open, limit ${count(connections.limit)}`],
    ['threads', threadsText(threads)],
    ['storage', storageText(storage, time)],
    ['ttl', durationText(status.ttlMs)],
    ['expiry', expiryText(status.expiry)],
    ['pings', sharesText(status)],
    ['oldest contact', oldestContactText(status.expiry, now)],
    ['self-preservation', selfPreservationText(status, now, time)],
    ['peers', peersLine(status, now)],
    ['redirects', redirectsLine(status, time)],
    ['memory', `${bytes(status.memory.residentBytes)} resident`],
    ['log', `level ${safe(status.log.level)}, ${counted(status.log.lines, 'line')} since start`],
  ];
  const counters = Object.entries(status.counters).map(([name, value]): [string, string] => [
    wordsOf(name),
    count(value),
  ]);
  return `${aligned(lines)}\ncounters since start\n${aligned(counters, '  ')}`;
}

function aligned(lines: readonly [name: string, value: string][], indent = ''): string {
  return lines.map(([name, value]) => `${(indent + name).padEnd(nameColumns)}${value}\n`).join('');
}

function restartNote(settings: readonly string[]): string {
  if (settings.length === 0) return '';
  return `; ${counted(settings.length, 'setting')} pending a restart: ${settings.join(', ')}`;
}

function storageText({ state, file, reason, since }: Status['storage'], time: TimeText): string {
  if (state === 'ok') return `ok, ${safe(file)}`;
  const when = since === null ? '' : ` since ${time(since)}`;
  return `${state}${when}, ${safe(file)}: ${safe(reason ?? 'commits failing')}`;
}

function expiryText(expiry: Status['expiry']): string {
  const { pinging, nobodyAnswers = false, contested = [], cannotJudge = null } = expiry;
  const shared = contested.map(({ address }) => `two nodes register as ${safe(address)}; `);
  const family =
    cannotJudge === null || cannotJudge === 'all'
      ? ''
      : `${familyName(cannotJudge)} hosts cannot be pinged from here; `;
  const unheard = nobodyAnswers ? 'no host has ever answered a ping; ' : '';
  const warning = `${unheard}${family}${shared.join('')}`;
  return `${warning}${dyingText(expiry)}, ${count(pinging)} pinging`;
}

/** Since when the live host that was silent for longest is so. */
function oldestContactText({ oldestSeen }: Status['expiry'], now: number): string {
  return oldestSeen === null ? 'none yet' : ago(now - oldestSeen);
}

function peersLine(status: Status, now: number): string {
  const { peers } = status;
  const warning = syncWarning(status);
  if (peers.length === 0) return noPeersText;
  const notes = [
    ...peers
      .filter(isTroubled)
      .map(
        (peer) =>
          `${safe(peer.address)} ${peerStateSentence(peer, now)}${peer.trouble === null ? '' : `: ${safe(peer.trouble)}`}`,
      ),
    ...(warning === null ? [] : [warning]),
  ];
  return [`${aliveText(peers)} alive`, ...notes].join('; ');
}

function redirectsLine({ redirecting, redirects, peers }: Status, time: TimeText): string {
  const since = isRedirectingAll(redirecting) ? `, since ${time(redirecting.since)}` : '';
  return `${count(redirects.total)} since start; ${redirectingText(redirecting, peers)}${since}`;
}

function selfPreservationText(status: Status, now: number, time: TimeText): string {
  const { active, since, overridden } = status.selfPreservation;
  const override = overridden ? ', overridden' : '';
  if (!active) return `off since ${time(since)}${override}`;
  const { why, until } = freezeWords(status, now);
  return `deletions held back since ${time(since)}: ${why}; ends ${until}${override}`;
}

/** `registryFull` as `registry full`. */
function wordsOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function threadsText({ configured, running, cores }: Status['threads']): string {
  const why = cores === undefined ? '' : ` (${safe(cores)})`;
  return `${count(configured)} configured, ${count(running)} running${why}`;
}
