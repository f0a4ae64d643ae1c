// How the Backlog view shares out its space: the table, and beside it, where there is room, what is known
// of the selected connection. In a narrow window the table has nearly all of it already.
import { type AsideLayout, asideLayout } from '../../components/aside-layout.ts';
import type { ConsoleState } from '../../console/console-state.ts';

/** Blank line, summary, other connections, what is missing or a blank line, column titles. */
const headRows = 5;

export function backlogLayout(state: ConsoleState): AsideLayout {
  return asideLayout(state, headRows, () => 0);
}
