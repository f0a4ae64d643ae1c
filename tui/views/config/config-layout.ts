// How the Config view shares out its space: the settings, and what is to be known of the selected one.
import { type AsideLayout, asideLayout } from '../../components/layout.ts';
import type { CommonState } from '../../state/common-state.ts';

/** Blank line, the file, what stands against a change, column titles. */
const headRows = 4;
/** Under the table: a rule, the name, its meaning, the allowed values and what is wrong. */
const belowRows = 8;
/** Enough of the table to see where one is. */
const minTableRows = 8;

export function configLayout(state: CommonState): AsideLayout {
  return asideLayout(state, headRows, (free) => Math.min(belowRows, free - minTableRows));
}
