// What covers the form before a change is in the file, and after: the difference, mistakes, what
// somebody else changed, what is in force now. As lines, of which the view shows what fits.

import type { SettingChange } from '../../../shared/config/changes.ts';
import { parseConf } from '../../../shared/config/conf-file.ts';
import { compareLines, type DifferenceLine } from '../../../shared/config/difference.ts';
import type { ConfigProblem } from '../../../shared/ipc/config-contract.ts';
import { bodyColumns, bodyRows } from '../../components/layout.ts';
import { type ListMove, rowsOf } from '../../state/list-position.ts';
import { cut, fitted, safe, wrap } from '../../text/columns.ts';
import { count, counted } from '../../text/format.ts';
import { createTheme, type Theme, type Token } from '../../theme.ts';
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
  const plain = createTheme({ NO_COLOR: '1' });
  const lowest = Math.max(0, reviewLines(plain, config, bodyColumns(state)).length - viewport);
  const page = 'pages' in move ? rowsOf(move.pages, viewport) : 0;
  const wanted =
    'end' in move
      ? move.end === 'first'
        ? 0
        : lowest
      : config.reviewTop + ('by' in move ? move.by : page);
  return { ...config, reviewTop: Math.max(0, Math.min(lowest, wanted)) };
}

/** Lines of at most `width` columns. */
export function reviewLines(theme: Theme, state: ConfigState, width: number): string[] {
  const { review } = state;
  const title = (token: Token, text: string) =>
    wrap(safe(text, maxText), width, maxLines).map((line) => theme.paint(token, line));
  if (review === null) return [];
  const file = state.config?.file ?? 'ddns.conf';
  switch (review.kind) {
    case 'busy':
      return ['', ...title('label', review.text)];
    case 'difference':
      return [
        '',
        ...title('strong', `Save these changes to ${file}? y saves, n goes back`),
        '',
        ...differenceBody(theme, review, width),
      ];
    case 'problems':
      return [
        '',
        ...title('bad', `Cannot save: ${counted(review.problems.length, 'error')}`),
        ...title('label', 'e edits the file, n goes back to the settings; your changes are kept'),
        ...review.problems.flatMap((problem) => problemLines(theme, problem, width)),
      ];
    case 'conflict':
      return [
        '',
        ...title('bad', `Not saved: ${file} changed on disk`),
        ...title('label', conflictHint(state)),
        '',
        ...conflictLines(theme, state, width),
      ];
    case 'saved':
      return [
        '',
        ...title('good', `Saved to ${file}`),
        ...title('label', `The previous version is in ${review.result.backup}`),
        '',
        ...outcomeLines(theme, review.result, width, true),
      ];
  }
}

function differenceBody(
  theme: Theme,
  review: Review & { kind: 'difference' },
  width: number,
): string[] {
  const { difference, differenceCut } = review.check;
  return [
    ...differenceLines(theme, difference, width),
    ...(differenceCut === 0
      ? []
      : [theme.paint('label', `and ${counted(differenceCut, 'line')} more`)]),
    '',
    ...outcomeLines(theme, review.check, width, false),
  ];
}

const signs = { same: ' ', removed: '-', added: '+' } as const;
const tones: Record<DifferenceLine['kind'], Token> = {
  same: 'label',
  removed: 'bad',
  added: 'good',
};

function differenceLines(
  theme: Theme,
  difference: readonly DifferenceLine[],
  width: number,
): string[] {
  return difference.map(({ kind, line, text }) => {
    const number = theme.paint('label', fitted(count(line), numberColumns, 'right'));
    const body = cut(`${signs[kind]} ${safe(text, maxText)}`, width - numberColumns - 1);
    return `${number} ${theme.paint(tones[kind], body)}`;
  });
}

interface Outcome {
  changed: readonly SettingChange[];
  waiting: readonly SettingChange[];
  warnings: readonly string[];
}

function outcomeLines(
  theme: Theme,
  { changed, waiting, warnings }: Outcome,
  width: number,
  isDone: boolean,
): string[] {
  const group = (title: string, changes: readonly SettingChange[]) =>
    changes.length === 0
      ? []
      : [theme.paint('strong', title), ...changes.map((change) => changeLine(change, width)), ''];
  const lines = [
    ...group(isDone ? 'Active now' : 'Active immediately', changed),
    ...group('Active after ddnsd restarts', waiting),
    ...warnings.flatMap((warning) =>
      wrap(safe(warning, maxText), width, maxLines).map((line) => theme.paint('warn', line)),
    ),
  ];
  return lines.length > 0 ? lines : [theme.paint('label', 'No setting changes value.')];
}

function changeLine({ name, from, to }: SettingChange, width: number): string {
  return cut(
    `  ${fitted(safe(name), nameColumns)} ${safe(from, maxText)} → ${safe(to, maxText)}`,
    width,
  );
}

function problemLines(theme: Theme, problem: ConfigProblem, width: number): string[] {
  const { line, name, value, message, allowed } = problem;
  const place = line === null ? '' : `line ${count(line)}  `;
  const assignment = name === null ? '' : `${name}${value === null ? '' : `=${value}`}`;
  const rest =
    allowed === null || message.includes(allowed) ? message : `${message}. Allowed: ${allowed}`;
  return [
    '',
    ...(place + assignment === ''
      ? []
      : [theme.paint('strong', cut(safe(place + assignment, maxText), width))]),
    ...wrap(safe(rest, maxText), width - 2, maxLines).map((each) => `  ${each}`),
  ];
}

function conflictHint({ config, newer, draft }: ConfigState): string {
  const isMerged = draft.text === null || mergedText(draft, config, newer) !== null;
  return isMerged
    ? 'R merges it with your changes and shows the result; n goes back'
    : 'Both edits changed the same lines: R keeps your text and shows what it overwrites; n goes back';
}

/** What somebody else changed. Nothing to be seen is a hidden value. */
function conflictLines(theme: Theme, { config, newer }: ConfigState, width: number): string[] {
  if (newer?.text == null || config?.text == null)
    return [cut(safe(newer?.problems[0]?.message ?? 'it cannot be read', maxText), width)];
  const compared = (text: string) =>
    parseConf(text).lines.map((line) => ({ text: line.text + line.ending, shown: line.text }));
  const difference = compareLines(compared(config.text), compared(newer.text));
  if (difference.length === 0) return [theme.paint('label', 'A hidden value changed.')];
  return differenceLines(theme, difference, width);
}
