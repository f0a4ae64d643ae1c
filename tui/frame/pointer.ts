// The mouse: what is at a cell of the screen, and what a click there does. A click selects, or does what a key would;
// the wheel moves through rows as the arrow keys do.
import { bannerRows, bodyRows, headerRows, isTooSmall, margin } from '../components/layout.ts';
import { bindings } from '../console/bindings.ts';
import type { ConsoleState } from '../console/console-state.ts';
import { type ConsoleBinding, type ConsoleTarget, findBinding } from '../console/key-lookup.ts';
import { type ViewList, viewList } from '../console/view-list.ts';
import type { MouseEvent } from '../input/parser.ts';
import type { ViewName } from '../state/common-state.ts';
import { hintAt } from './footer.ts';
import { tabUnder } from './header.ts';
import { entryAt, paletteRows } from './palette.ts';

/** What can be clicked. */
export type Pointed =
  | { kind: 'tab'; view: ViewName }
  /** a row of the view's list, from 0 */
  | { kind: 'row'; row: number; list: ViewList }
  /** an entry of the palette, from 0 */
  | { kind: 'entry'; entry: number }
  /** a key that the footer names */
  | { kind: 'hint'; binding: ConsoleBinding };

/** The row with the tabs, under the one with the name server. */
const tabsRow = headerRows - 1;

/** What is at a column and row of the screen, from 0; null: nothing to click. */
export function pointedAt(
  state: ConsoleState,
  { column, row }: { column: number; row: number },
): Pointed | null {
  if (isTooSmall(state)) return null;
  if (row === tabsRow) {
    const view = tabUnder(column, state);
    return view && { kind: 'tab', view };
  }
  const bodyRow = row - headerRows - bannerRows(state);
  const below = bodyRow - bodyRows(state);
  if (bodyRow < 0 || below > 0) return null;
  if (below === 0) {
    const binding = hintAt(column, state);
    return binding && { kind: 'hint', binding };
  }
  const palette = paletteRows(state);
  if (palette > 0) {
    const entry = entryAt(below + palette, state);
    return entry === null ? null : { kind: 'entry', entry };
  }
  return state.help.open ? null : rowAt(state, bodyRow, column - margin);
}

function rowAt(state: ConsoleState, bodyRow: number, column: number): Pointed | null {
  const list = viewList(state);
  if (list === null) return null;
  const { layout, position, rows } = list;
  const line = bodyRow - layout.headRows;
  const row = position.top + line;
  const isIn = line >= 0 && line < layout.tableRows && row < rows && column < layout.tableColumns;
  return isIn ? { kind: 'row', row, list } : null;
}

/** Rows of one step of the wheel, as in most terminals. */
const wheelRows = 3;

const wheelKeys = { 'wheel-up': 'up', 'wheel-down': 'down' } as const;

/** Performs a click or a step of the wheel. @param seen the state of the screen on which the operator clicked */
export function point(target: ConsoleTarget, seen: ConsoleState, event: MouseEvent): void {
  if (event.what === 'press') click(target, seen, event);
  else for (let row = 0; row < wheelRows; row++) press(target, wheelKeys[event.what]);
}

function click(target: ConsoleTarget, seen: ConsoleState, event: MouseEvent): void {
  // A question or a value is answered with keys.
  const kind = seen.prompt?.kind;
  if (kind === 'confirm' || kind === 'setting') return;
  const pointed = pointedAt(seen, event);
  switch (pointed?.kind) {
    case 'tab':
      target.dispatch({ type: 'view', view: pointed.view });
      break;
    case 'hint':
      pointed.binding.run(target);
      break;
    case 'entry':
      if (seen.prompt?.kind !== 'palette') break;
      target.dispatch({ type: 'prompt', prompt: { ...seen.prompt, chosen: pointed.entry } });
      press(target, 'enter');
      break;
    case 'row':
      // A filter that is being typed stays.
      if (seen.prompt !== null) target.dispatch({ type: 'prompt', prompt: null });
      select(target, pointed.list, pointed.row);
      break;
  }
}

/** Selects a row; opens it if it is selected already. */
function select(target: ConsoleTarget, { position, move }: ViewList, row: number): void {
  if (row === position.cursor) press(target, 'enter');
  else target.dispatch(move(row - (position.cursor ?? position.top)));
}

function press(target: ConsoleTarget, key: string): void {
  findBinding(bindings, target.state(), key)?.run(target);
}
