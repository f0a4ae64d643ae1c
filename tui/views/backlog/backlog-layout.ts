// How the Backlog view shares out its space: the table, and beside it, where there is room, what is known
// of the selected connection. In a narrow window the table has nearly all of it already.
import { type AsideLayout, asideLayout } from '../../components/layout.ts';
import type { CommonState } from '../../state/common-state.ts';

/** Blank line, summary, other connections, what is missing or a blank line, column titles. */
const headRows = 5;

export function backlogLayout(state: CommonState): AsideLayout {
  return asideLayout(state, headRows, () => 0);
}
