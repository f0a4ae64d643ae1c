// The lines between the charts and the counters, each behind its name: what is wrong with the storage; whether
// deletions are held back, why, since when, what ends that, and the key that overrides it; and which name server
// pings which share of the hosts.
import type { Status } from '../../../shared/ipc/status-contract.ts';
import type { DaemonData } from '../../state/daemon-data.ts';
import { columnsOf, cut, fitted, safe } from '../../text/columns.ts';
import { count, durationText, timeOfDay, type Zone } from '../../text/format.ts';
import { dyingText } from '../../text/host-state.ts';
import { freezeWords, isAlarming } from '../../text/self-preservation.ts';
import { wrap } from '../../text/wrap.ts';
import type { TextPart, Token } from '../../theme.ts';
import { shareLines } from './share-map.ts';

const nameColumns = 8;

export function standingLines(
  data: DaemonData,
  readOnly: boolean,
  zone: Zone,
  width: number,
): TextPart[][] {
  const room = width - nameColumns;
  return [
    ...named('Storage', storageLines(data.status, room)),
    ...named('Expiry', expiryLines(data, readOnly, zone, room)),
    ...named('Pings', shareLines(data.status, room)),
  ];
}

function named(name: string, lines: readonly (readonly TextPart[])[]): TextPart[][] {
  return lines.map((line, index) => [
    [fitted(index === 0 ? name : '', nameColumns), 'label'],
    ...line,
  ]);
}

/** At 60 columns the longest of what is said takes as many. */
const maxLines = 3;
/** The whole cause: it says what to do. */
function storageLines({ storage }: Status, width: number): TextPart[][] {
  if (storage.state === 'ok') return [];
  const lines = wrap(safe(storage.reason ?? 'commits failing', 400), width, maxLines);
  return lines.map((line) => [[line, 'bad']]);
}

/** From this width on the time and the full term are given. */
const wideColumns = 100;
/** Stays in one line. */
const hint = 'o\u00a0overrides';

export function expiryLines(
  data: DaemonData,
  readOnly: boolean,
  zone: Zone,
  width: number,
): TextPart[][] {
  const { selfPreservation, expiry } = data.status;
  if (!selfPreservation.active) {
    const text = restingText(data.status, selfPreservation, data.at, width);
    return [[[text, expiry.nobodyAnswers ? 'warn' : null]]];
  }
  const { due, suspects, condemned } = expiry;
  const counts: TextPart[][] =
    due + suspects + condemned > 0 ? [[[cut(dyingText(expiry), width), null]]] : [];
  const lines = wrap(frozenText(data.status, data.at, readOnly, zone, width), width, maxLines);
  const tone = isAlarming(selfPreservation) ? 'warn' : 'label';
  return [...lines.map((line) => frozenParts(line, tone)), ...counts];
}

/** The line, in which the key is set off. */
function frozenParts(line: string, tone: Token): TextPart[] {
  const [before = '', after] = line.split(hint);
  if (after === undefined) return [[line, tone]];
  return [
    [before, tone],
    ['o', 'accent'],
    [` overrides${after}`, tone],
  ];
}

function frozenText(
  status: Status,
  at: number,
  readOnly: boolean,
  zone: Zone,
  width: number,
): string {
  const { why, until } = freezeWords(status, at);
  const { since } = status.selfPreservation;
  const age = durationText(at - since);
  const begin =
    width < wideColumns
      ? `Deletions held back (${age})`
      : `Self-preservation: deletions held back since ${timeOfDay(since, zone)} ${zone.name} (${age})`;
  return `${begin}: ${why}. Ends ${until}${readOnly ? '' : `; ${hint}`}.`;
}

/** In the longest words that fit. */
function restingText(
  { expiry }: Status,
  { overridden, since }: Status['selfPreservation'],
  at: number,
  width: number,
): string {
  const { due, suspects, condemned, nobodyAnswers = false } = expiry;
  const all = dyingText(expiry);
  const state = nobodyAnswers
    ? 'no host has ever answered a ping'
    : overridden
      ? `self-preservation overridden (${durationText(at - since)})`
      : 'self-preservation off';
  const failing = `${count(due)} due, ${count(suspects + condemned)} failing`;
  const texts = [
    `${state} · ${all}`,
    `${state} · ${failing}`,
    ...(nobodyAnswers ? [state] : []),
    all,
    failing,
  ];
  return texts.find((text) => columnsOf(text) <= width) ?? cut(failing, width);
}
