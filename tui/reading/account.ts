// The screen as an account for a screen reader: where the operator is, its lines, and apart from them the
// question, the notice, and what deserves attention. Pure.
import type { Status } from '../../shared/ipc/status-contract.ts';
import { bindings } from '../console/bindings.ts';
import type { ConsoleState } from '../console/console-state.ts';
import { scopesOf } from '../console/key-lookup.ts';
import { paletteOf } from '../console/palette.ts';
import { keyGroups } from '../keys/binding.ts';
import { viewNames, views } from '../state/common-state.ts';
import { confirmation, forServer } from '../state/confirmation.ts';
import { currentName } from '../state/fleet.ts';
import type { Prompt } from '../state/prompt.ts';
import { isSilent, latestData } from '../state/shown.ts';
import { alarmsOf } from '../text/alarms.ts';
import { safe } from '../text/columns.ts';
import { isRedirectingAll, redirectingText } from '../text/redirecting.ts';
import { type SpokenLine, spokenLines, wordsOf } from './spoken.ts';

/** What a screen reader can say about the screen. */
export interface Account {
  /** Names what is on the screen; when it changes, everything is read. */
  place: string;
  heading: string;
  lines: readonly SpokenLine[];
  /** The open question and what is typed so far; null: none. */
  question: SpokenQuestion | null;
  /** The result of the last action. */
  notice: string | null;
  attention: readonly Attention[];
}

/** @param drawn the lines that were drawn for `state` with the reading theme */
export function accountOf(state: ConsoleState, drawn: readonly string[]): Account {
  const around = accountOfView(state, drawn);
  const { prompt } = state;
  if (prompt?.kind === 'help') return { ...around, place: 'help', heading: 'All keys' };
  if (prompt?.kind !== 'palette') return around;
  return { ...around, place: 'palette', heading: 'Commands', lines: chosenAction(state) };
}

/** Only the action that Enter would perform: nobody listens to all of them. */
function chosenAction(state: ConsoleState): SpokenLine[] {
  const { entries, chosen, problem } = paletteOf(bindings, state);
  const entry = entries[chosen];
  if (entry === undefined) return [{ text: wordsOf(safe(problem ?? '', 400)), isChosen: false }];
  const text = wordsOf(safe(entry.help, 400));
  return [
    { text: `${chosen + 1} of ${entries.length}, Down and Up choose`, isChosen: false },
    { text, isChosen: true },
  ];
}

function accountOfView(state: ConsoleState, drawn: readonly string[]): Account {
  const [scope] = scopesOf({ ...state, prompt: null });
  const number = (viewNames as readonly (string | undefined)[]).indexOf(scope);
  const title = keyGroups.find((group) => group.scope === scope)?.title ?? '';
  return {
    place: `${currentName(state)} ${scope} ${scope === 'review' ? state.config.review?.kind : ''}`,
    heading: number < 0 ? title : `${title}, view ${number + 1} of ${views.length}`,
    lines: spokenLines(drawn),
    question: questionOf(state),
    notice: noticeOf(state),
    attention: attentionOf(state),
  };
}

function noticeOf({ notice, pastNotices, showsPast }: ConsoleState): string | null {
  if (notice === null && !showsPast) return null;
  const told = notice === null ? pastNotices : [notice];
  return told.map(({ text }) => wordsOf(safe(text, 400))).join('; ');
}

export interface SpokenQuestion {
  asked: string;
  /** what is typed, made safe to print; a secret as asterisks */
  text: string;
}

export function questionOf({ prompt, fleet }: ConsoleState): SpokenQuestion | null {
  if (prompt === null) return null;
  const text = safe(prompt.text, 8_192);
  switch (prompt.kind) {
    case 'confirm':
      return { asked: askedOf(prompt, currentName({ fleet })), text };
    case 'setting': {
      const isHidden = prompt.name === 'Secret';
      return { asked: `${safe(prompt.name)}: `, text: isHidden ? '*'.repeat(text.length) : text };
    }
    case 'palette':
      return { asked: 'command: ', text };
    case 'help':
      return { asked: 'find a key: ', text };
    default:
      return { asked: `${prompt.kind}: `, text };
  }
}

/** Hits that are named: nobody listens to all of them. */
const maxHits = 5;

function askedOf({ asked, hits = [] }: Prompt & { kind: 'confirm' }, server: string): string {
  const { title, outcome, word } = confirmation(asked);
  const rest = hits.length - maxHits;
  const more = rest > 0 ? ` and ${rest} more` : '';
  const listed = hits.length === 0 ? '' : ` ${hits.slice(0, maxHits).join(', ')}${more}.`;
  return `${forServer(server)}${title}${listed} ${outcome} Type ${word}: `;
}

/** Something that is said when it begins and when it is over, whatever is on the screen. */
export interface Attention {
  /** Names the subject: each has at most one entry. */
  about: string;
  text: string;
  /** The text without figures, which change all the time: it is said again when this changes. */
  short: string;
  /** What is said when it is over. */
  over: string;
}

export function attentionOf(state: ConsoleState): Attention[] {
  const { status } = latestData(state) ?? {};
  return [
    ...(state.paused === null ? [] : [pause]),
    ...(state.connection.phase === 'lost' ? [lost] : []),
    ...(isSilent(state) ? [silence] : []),
    ...(status === undefined ? [] : alarmsOf(status)).map(
      ({ about, text, short }): Attention => ({
        ...{ about, text: sentence(text), short, over: `Resolved: ${short}.` },
      }),
    ),
    ...(status && isRedirectingAll(status.redirecting) ? [drain(status)] : []),
  ];
}

function attention(about: string, text: string, over: string): Attention {
  return { about, text, short: text, over };
}

const pause = attention('pause', 'Paused: updates are buffered.', 'Resumed.');
const lost = attention(
  'connection',
  'Disconnected; the data is old. Reconnecting.',
  'Reconnected.',
);
const silence = attention(
  'silence',
  'No update from the name server for some seconds: it is stopped or overloaded. The data is old.',
  'The name server answers again.',
);
const drain = ({ redirecting, peers }: Status) =>
  attention(
    'redirecting',
    sentence(redirectingText(redirecting, peers)),
    'Nodes are no longer redirected.',
  );

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
