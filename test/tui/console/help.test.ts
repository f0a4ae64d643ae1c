// The help in every window.
import '../../fixture/production.ts';
import test from 'ava';
import { bindings } from '../../../tui/console/bindings.ts';
import { firstState } from '../../../tui/console/console-state.ts';
import { helpPage } from '../../../tui/console/help.ts';
import { shownOf } from '../frame-of.tsx';

test('help › what a key does is never cut, in the narrowest window neither', (t) => {
  for (const columns of [60, 80, 130, 300]) {
    const page = helpPage(bindings, {
      ...firstState({ size: { columns, rows: 2_000 }, view: 'hosts', readOnly: false, now: 0 }),
      prompt: { kind: 'help', text: '', top: 0 },
    });
    const helps: string[] = [];
    for (const row of page.columns.flat()) {
      if (row === null || typeof row === 'string') continue;
      t.true(row.help.length <= page.width - 16, row.help);
      if (row.shown === '') helps.push(`${helps.pop()} ${row.help}`);
      else helps.push(row.help);
    }
    t.deepEqual(helps.toSorted(), bindings.map(({ help }) => help).toSorted());
  }
});

test('help › says which of its lines are in sight, and that there are more', async (t) => {
  const shown = async (rows: number, top: number) =>
    (
      await shownOf(
        { view: 'log', actions: [{ type: 'prompt', prompt: { kind: 'help', text: '', top } }] },
        { columns: 80, rows },
      )
    ).lines;
  const first = await shown(24, 0);
  const [, all] = /find a key: █ +lines 1 to 20 of (\d+)$/.exec(first[2] ?? '') ?? [];
  t.true(Number(all) > 100, first[2]);
  t.true(first.at(-1)?.includes('↑ ↓ scroll'));
  t.true((await shown(24, 10_000))[2]?.endsWith(`lines ${Number(all) - 19} to ${all} of ${all}`));
  t.is((await shown(2_000, 0))[2]?.trim(), 'find a key: █');
});
