// How the Peers view shares out its space: the table, and what is known of the selected name server.
import { type AsideLayout, asideLayout } from '../../components/layout.ts';
import type { CommonState } from '../../state/common-state.ts';

/** Blank line, summary, warning or blank line, column titles. */
const headRows = 4;
/** Under the table: a rule, the title, one line for each fact and three for the trouble. */
const belowRows = 12;
/** Enough of the table to see where one is. */
const minTableRows = 3;

export function peersLayout(state: CommonState): AsideLayout {
  return asideLayout(state, headRows, (free) => Math.min(belowRows, free - minTableRows));
}
