// What there is on the screen, for somebody who listens: where they are, the lines of it, and apart from
// them what the console asks, tells and warns of. Pure.

import { bindings, keyGroups } from '../console/bindings.ts';
import type { ConsoleState } from '../console/console-state.ts';
import { scopesOf } from '../console/key-lookup.ts';
import { paletteOf } from '../console/palette.ts';
import { viewNames, views } from '../state/views.ts';
import { safe } from '../text/columns.ts';
import { type Attention, attentionOf } from './attention.ts';
import { type Question, questionOf } from './question.ts';
import { type SpokenLine, spokenLines, wordsOf } from './spoken.ts';

export interface Account {
  /** What is on the screen: another one is read as a whole. */
  place: string;
  heading: string;
  lines: readonly SpokenLine[];
  /** What the operator is asked and has typed so far. */
  question: Question | null;
  /** What the last action brought. */
  notice: string | null;
  attention: readonly Attention[];
}

/** @param drawn the lines that were drawn for `state` with the reading theme */
export function accountOf(state: ConsoleState, drawn: readonly string[]): Account {
  const around = accountOfView(state, drawn);
  const { prompt } = state;
  if (prompt?.kind !== 'palette') return around;
  return { ...around, place: 'palette', heading: 'Actions', lines: chosenAction(state) };
}

/** The one that Enter would do: nobody listens to all of them. */
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
    place: `${scope} ${scope === 'review' ? state.config.review?.kind : ''}`,
    heading:
      number < 0
        ? scope === 'help'
          ? 'All keys'
          : title
        : `${title}, view ${number + 1} of ${views.length}`,
    lines: spokenLines(drawn),
    question: questionOf(state),
    notice: state.notice === null ? null : wordsOf(safe(state.notice.text, 400)),
    attention: attentionOf(state),
  };
}
