// How the Redirects view shares out its space: the table, and the totals by name server.
import { type AsideLayout, asideLayout } from '../../components/aside-layout.ts';
import type { ConsoleState } from '../../console/console-state.ts';

/** Blank line, summary, mode, blank line, column titles. */
const headRows = 5;
/** Totals under the table: a rule, the title, and so many name servers. */
const shownBelow = 4;

export function redirectsLayout(state: ConsoleState): AsideLayout {
  const targets = state.data?.status.redirects.targets.length ?? 0;
  return asideLayout(state, headRows, () =>
    targets === 0 ? 0 : 2 + Math.min(targets, shownBelow),
  );
}
