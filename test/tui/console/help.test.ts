// The help in every window.
import '../../fixture/production.ts';
import test from 'ava';
import { bindings } from '../../../tui/console/bindings.ts';
import { firstState } from '../../../tui/console/console-state.ts';
import { helpPage } from '../../../tui/console/help.ts';

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
