// What covers the form before a change is in the file, and after: the difference, mistakes, what
// somebody else changed, what is in force now. As rows, of which the view shows what fits.

import type { SettingChange } from '../../../shared/config/changes.ts';
import { parseConf } from '../../../shared/config/conf-file.ts';
import { compareLines, type DifferenceLine } from '../../../shared/config/difference.ts';
import type { ConfigProblem } from '../../../shared/ipc/config-contract.ts';
import { bodyColumns, bodyRows } from '../../components/layout.ts';
import { type ListMove, scrolled } from '../../state/list-position.ts';
import { cut, fitted, safe } from '../../text/columns.ts';
import { count, counted } from '../../text/format.ts';
import { wrap } from '../../text/wrap.ts';
import type { TextPart, Token } from '../../theme.ts';
import type { ConfigState, Review, WithConfig } from './config-state.ts';
import { mergedText } from './draft.ts';

const numberColumns = 5;
const nameColumns = 13;
const maxLines = 4;
const maxText = 600;

/** Scrolls the review, as far as it has lines. */
export function scrollReview(state: WithConfig, move: ListMove): ConfigState {
  const { config } = state;
  const viewport = bodyRows(state);
  const lowest = Math.max(0, reviewRows(config, bodyColumns(state)).length - viewport);
  return { ...config, reviewTop: scrolled(config.reviewTop, move, lowest, viewport) };
}

/** A row of at most `width` columns. */
type ReviewRow = readonly TextPart[];

const blank: ReviewRow = [];

function paragraph(tone: Token | null, text: string, width: number): ReviewRow[] {
  return wrap(safe(text, maxText), width, maxLines).map((line) => [[line, tone]]);
}

export function reviewRows(state: ConfigState, width: number): ReviewRow[] {
  const { review } = state;
  const title = (tone: Token, text: string) => paragraph(tone, text, width);
  if (review === null) return [];
  const file = state.config?.file ?? 'ddns.conf';
  switch (review.kind) {
    case 'busy':
      return [blank, ...title('label', review.text)];
    case 'difference':
      return [
        blank,
        ...title('strong', `Save these changes to ${file}? y saves, n goes back`),
        blank,
        ...differenceBody(review, width),
      ];
    case 'problems':
      return [
        blank,
        ...title('bad', `Cannot save: ${counted(review.problems.length, 'error')}`),
        ...title('label', 'e edits the file, n goes back to the settings; your changes are kept'),
        ...review.problems.flatMap((problem) => problemRows(problem, width)),
      ];
    case 'conflict':
      return [
        blank,
        ...title('bad', `Not saved: ${file} changed on disk`),
        ...title('label', conflictHint(state)),
        blank,
        ...conflictRows(state, width),
      ];
    case 'saved':
      return [
        blank,
        ...title('good', `Saved to ${file}`),
        ...title('label', `The previous version is in ${review.result.backup}`),
        blank,
        ...outcomeRows(review.result, width, true),
      ];
  }
}

function differenceBody({ check }: Review & { kind: 'difference' }, width: number): ReviewRow[] {
  const { difference, differenceCut } = check;
  const more: ReviewRow = [[`and ${counted(differenceCut, 'line')} more`, 'label']];
  return [
    ...differenceRows(difference, width),
    ...(differenceCut === 0 ? [] : [more]),
    blank,
    ...outcomeRows(check, width, false),
  ];
}

const signs = { same: ' ', removed: '-', added: '+' } as const;
const tones: Record<DifferenceLine['kind'], Token> = {
  same: 'label',
  removed: 'bad',
  added: 'good',
};

function differenceRows(difference: readonly DifferenceLine[], width: number): ReviewRow[] {
  return difference.map(({ kind, line, text }) => [
    [`${fitted(count(line), numberColumns, 'right')} `, 'label'],
    [cut(`${signs[kind]} ${safe(text, maxText)}`, width - numberColumns - 1), tones[kind]],
  ]);
}

interface Outcome {
  changed: readonly SettingChange[];
  waiting: readonly SettingChange[];
  warnings: readonly string[];
}

function outcomeRows(
  { changed, waiting, warnings }: Outcome,
  width: number,
  isDone: boolean,
): ReviewRow[] {
  const group = (title: string, changes: readonly SettingChange[]): ReviewRow[] =>
    changes.length === 0
      ? []
      : [[[title, 'strong']], ...changes.map((change) => changeRow(change, width)), blank];
  const rows = [
    ...group(isDone ? 'Active now' : 'Active immediately', changed),
    ...group('Active after ddnsd restarts', waiting),
    ...warnings.flatMap((warning) => paragraph('warn', warning, width)),
  ];
  return rows.length > 0 ? rows : [[['No setting changes value.', 'label']]];
}

function changeRow({ name, from, to }: SettingChange, width: number): ReviewRow {
  const text = `  ${fitted(safe(name), nameColumns)} ${safe(from, maxText)} → ${safe(to, maxText)}`;
  return [[cut(text, width), null]];
}

function problemRows(problem: ConfigProblem, width: number): ReviewRow[] {
  const { line, name, value, message, allowed } = problem;
  const place = line === null ? '' : `line ${count(line)}  `;
  const assignment = name === null ? '' : `${name}${value === null ? '' : `=${value}`}`;
  const heading = cut(safe(place + assignment, maxText), width);
  const rest =
    allowed === null || message.includes(allowed) ? message : `${message}. Allowed: ${allowed}`;
  return [
    blank,
    ...(heading === '' ? [] : [[[heading, 'strong']] as const]),
    ...wrap(safe(rest, maxText), width - 2, maxLines).map(
      (each): ReviewRow => [[`  ${each}`, null]],
    ),
  ];
}

function conflictHint({ config, newer, draft }: ConfigState): string {
  const isMerged = draft.text === null || mergedText(draft, config, newer) !== null;
  return isMerged
    ? 'R merges it with your changes and shows the result; n goes back'
    : 'Both edits changed the same lines: R keeps your text and shows what it overwrites; n goes back';
}

/** What somebody else changed. Nothing to be seen is a hidden value. */
function conflictRows({ config, newer }: ConfigState, width: number): ReviewRow[] {
  if (newer?.text == null || config?.text == null)
    return [
      [[cut(safe(newer?.problems[0]?.message ?? 'it cannot be read', maxText), width), null]],
    ];
  const compared = (text: string) =>
    parseConf(text).lines.map((line) => ({ text: line.text + line.ending, shown: line.text }));
  const difference = compareLines(compared(config.text), compared(newer.text));
  if (difference.length === 0) return [[['A hidden value changed.', 'label']]];
  return differenceRows(difference, width);
}
