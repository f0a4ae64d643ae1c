// How the Redirects view shares out its space: the table, and the totals by name server.
import { type AsideLayout, asideLayout } from '../../components/layout.ts';
import type { CommonState } from '../../state/common-state.ts';

/** Blank line, summary, mode, blank line, column titles. */
const headRows = 5;
/** Totals under the table: a rule, the title, and so many name servers. */
const shownBelow = 4;

export function redirectsLayout(state: CommonState): AsideLayout {
  const targets = state.data?.status.redirects.targets.length ?? 0;
  return asideLayout(state, headRows, () =>
    targets === 0 ? 0 : 2 + Math.min(targets, shownBelow),
  );
}
