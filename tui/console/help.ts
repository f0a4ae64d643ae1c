// What the `?` help lists: every key by groups, those that hold now first, and of them those that have the words typed.
// Pure.
import { filterWords, matchesFilter } from '../../shared/filter.ts';
import { bodyColumns, bodyRows } from '../components/layout.ts';
import { keyGroups, type Scope } from '../keys/binding.ts';
import { wrap } from '../text/wrap.ts';
import type { ConsoleState } from './console-state.ts';
import { type ConsoleBinding, scopesOf } from './key-lookup.ts';

/** A row of the help: the title of a group, a line of one of its keys, or nothing. */
export type HelpRow = string | { shown: string; help: string } | null;

export interface HelpPage {
  /** the rows in sight, in columns beside each other, and how wide each of these is */
  columns: readonly (readonly HelpRow[])[];
  width: number;
  /** the first row in sight, and how many rows are before and after it */
  top: number;
  lowest: number;
}

/** Two columns of groups from this width on. */
const twoColumnsFrom = 130;
/** Columns between two groups. */
export const helpGap = 4;
/** Columns of the keys. */
export const helpKeyColumns = 16;
/** Lines of one key, at 60 columns more than any takes. */
const maxKeyLines = 4;
const promptRows = 1;

export function helpRows(state: ConsoleState): number {
  return bodyRows(state) - promptRows;
}

export function helpPage(bindings: readonly ConsoleBinding[], state: ConsoleState): HelpPage {
  const { prompt } = state;
  const { text, top } = prompt?.kind === 'help' ? prompt : { text: '', top: 0 };
  const whole = bodyColumns(state);
  const areTwo = whole >= twoColumnsFrom;
  const width = areTwo ? Math.floor((whole - helpGap) / 2) : whole;
  const all = columnsOf(groupRows(bindings, state, text, width), areTwo);
  const height = helpRows(state);
  const lowest = Math.max(0, Math.max(...all.map(({ length }) => length)) - height);
  const from = Math.min(top, lowest);
  const columns = all.map((rows) => rows.slice(from, from + height));
  return { columns, width, top: from, lowest };
}

function groupRows(
  bindings: readonly ConsoleBinding[],
  state: ConsoleState,
  text: string,
  width: number,
): HelpRow[][] {
  const words = filterWords(text);
  const now = scopesOf({ ...state, prompt: null });
  const isNow = ({ scope }: { scope: Scope }) => now.includes(scope);
  const ordered = [
    ...keyGroups.filter(isNow).toSorted((a, b) => now.indexOf(a.scope) - now.indexOf(b.scope)),
    ...keyGroups.filter((group) => !isNow(group)),
  ];
  return ordered.flatMap(({ scope, title }) => {
    const found = bindings.filter(
      (each) => each.scope === scope && matchesFilter(words, [each.shown, each.help, title]),
    );
    return found.length === 0
      ? []
      : [[title, ...found.flatMap((each) => keyRows(each, width)), null]];
  });
}

function keyRows({ shown, help }: ConsoleBinding, width: number): HelpRow[] {
  return wrap(help, width - helpKeyColumns, maxKeyLines).map((line, index) => ({
    shown: index === 0 ? shown : '',
    help: line,
  }));
}

/** Groups one below the other, or each at the end of the shorter of two columns. */
function columnsOf(groups: readonly HelpRow[][], areTwo: boolean): HelpRow[][] {
  const left: HelpRow[] = [];
  const right: HelpRow[] = [];
  for (const group of groups) (areTwo && left.length > right.length ? right : left).push(...group);
  return areTwo ? [left, right] : [left];
}
