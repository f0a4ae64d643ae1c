// Whole frames of every screen with fixed data, at the two sizes that are promised to look good.
import test from 'ava';
import { columnsOf } from '../../tui/text/columns.ts';
import { viewNames } from '../../tui/views/views.ts';
import { frameOf, readable } from './frame-of.tsx';
import { changed, configured } from './screens/config.ts';
import { fleet, lost, sending } from './screens/happenings.ts';
import { promisedSizes, screens } from './screens/screens.ts';

for (const size of promisedSizes)
  for (const screen of screens)
    test(`frames › ${screen.name} at ${size.rows}x${size.columns}`, async (t) => {
      const lines = await frameOf(screen, size);
      t.is(lines.length, size.rows);
      for (const line of lines) t.true(columnsOf(line) <= size.columns, line);
      t.snapshot(readable(lines));
    });

test('frames › no size from the smallest to the largest leaves its window', async (t) => {
  for (const [columns, rows] of [
    [60, 20],
    [77, 24],
    [100, 30],
    [131, 37],
    [152, 43],
    [300, 80],
  ] as const)
    for (const view of viewNames) {
      const actions = [fleet, sending('drain'), configured, changed, lost];
      const lines = await frameOf({ view, actions }, { columns, rows });
      t.is(lines.length, rows, `${view} at ${rows}x${columns}`);
      for (const line of lines) t.true(columnsOf(line) <= columns, line);
      t.true(lines.at(-1)?.includes('quit'), `${view} at ${rows}x${columns}`);
    }
});

test('frames › a window that is too small is told politely', async (t) => {
  const lines = await frameOf({ view: 'overview' }, { columns: 40, rows: 10 });
  t.true(lines.join('').includes('please give it 60×20'));
});
