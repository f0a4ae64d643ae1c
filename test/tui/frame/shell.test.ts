import test from 'ava';
import { firstState, reduceConsole } from '../../../tui/console/console-state.ts';
import { shellLines } from '../../../tui/frame/shell.ts';
import { viewNames } from '../../../tui/state/common-state.ts';
import { isNarrow } from '../../../tui/text/columns.ts';
import { createTheme, unpainted } from '../../../tui/theme.ts';
import { standingLines } from '../../../tui/views/overview/standing-lines.ts';
import { fixedNow, fixedSnapshot } from '../fixture-data.ts';

const theme = createTheme({});
const size = { columns: 200, rows: 50 };

test('shell › what is drawn first, or reckoned for it, needs no tables of Unicode, which load slowly', (t) => {
  const since = fixedNow - 1_000;
  const selfPreservation = { active: true, reason: 'starting', since, overridden: false } as const;
  const snapshot = fixedSnapshot({ selfPreservation });
  for (const view of viewNames) {
    const first = firstState({ size, view, readOnly: false, now: 0 });
    const state = reduceConsole(first, { type: 'snapshot', snapshot, now: 0 });
    const standing = state.data ? standingLines(theme, state.data, false, 198) : [];
    const lines = [...shellLines(theme, first), ...shellLines(theme, state), ...standing];
    t.is(standing.length, 2);
    for (const line of lines) t.true(isNarrow(unpainted(line)), line);
  }
});
