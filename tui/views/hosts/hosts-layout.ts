// How the Hosts view shares out its space: the table, and what is known of the selected host, beside it
// where there is room, and under it when asked for.
import { type AsideLayout, asideLayout } from '../../components/layout.ts';
import type { WithHosts } from './hosts-state.ts';

/** Blank line, summary, blank line, column titles. */
const headRows = 4;
/** Under the table: a rule, the title and one line for each fact. */
const belowRows = 10;

export function hostsLayout(state: WithHosts): AsideLayout {
  return asideLayout(state, headRows, () => (state.hosts.detail ? belowRows : 0));
}
