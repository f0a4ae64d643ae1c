// What of the screen is at a cell that can be clicked. It asks those that draw there. Pure.

import { bannerRows, bodyRows, headerRows, isTooSmall, margin } from '../components/layout.ts';
import type { ConsoleState } from '../console/console-state.ts';
import { type ViewList, viewList } from '../console/view-list.ts';
import type { Binding } from '../keys/binding.ts';
import type { ViewName } from '../state/views.ts';
import { hintAt } from './footer.ts';
import { tabUnder } from './header.ts';
import { entryAt, paletteRows } from './palette.ts';

export type Pointed =
  | { kind: 'tab'; view: ViewName }
  /** a row of the view's list, from 0 */
  | { kind: 'row'; row: number; list: ViewList }
  /** an entry of the palette, from 0 */
  | { kind: 'entry'; entry: number }
  /** what the footer names */
  | { kind: 'hint'; binding: Binding };

/** The row with the tabs, under the one that says who answers. */
const tabsRow = headerRows - 1;

/** @param at column and row of the screen, from 0 */
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
