// Keys of the Overview.
import { bodyColumns, bodyRows } from '../../components/layout.ts';
import type { Binding } from '../../keys/binding.ts';
import { ask } from '../../keys/common-keys.ts';
import { createTheme } from '../../theme.ts';
import { overviewLayout } from './overview-layout.ts';
import { type OverviewAction, turnPage, turnSpan, type WithOverview } from './overview-state.ts';
import { standingLines } from './standing-lines.ts';

export const overviewKeys: readonly Binding<WithOverview, OverviewAction>[] = [
  {
    scope: 'overview',
    keys: ['o'],
    shown: 'o',
    label: 'override',
    help: 'override self-preservation (asks first; not with --read-only)',
    enabled: ({ data, readOnly }) => {
      if (readOnly || data === null) return false;
      const { active, overridden } = data.status.selfPreservation;
      return active && !overridden;
    },
    run: (target) => ask(target, { action: 'override' }),
  },
  {
    scope: 'overview',
    keys: ['w'],
    shown: 'w',
    label: '5 min/1 h',
    help: 'chart the last hour or the last five minutes',
    run: (target) => target.dispatch({ type: 'overview', change: turnSpan }),
  },
  {
    scope: 'overview',
    keys: ['c'],
    shown: 'c',
    label: 'charts',
    help: 'show the next charts (when not all fit)',
    enabled: (state) => pagesIn(state) > 1,
    run: (target) => {
      const pages = pagesIn(target.state());
      target.dispatch({ type: 'overview', change: (overview) => turnPage(overview, pages) });
    },
  },
];

const anyTheme = createTheme({});

/** Pages of charts in a window of this size. */
function pagesIn(state: WithOverview): number {
  if (state.data === null) return 1;
  const width = bodyColumns(state);
  const standing = standingLines(anyTheme, state.data, state.readOnly, width);
  return overviewLayout(width, bodyRows(state), standing.length).pages;
}
