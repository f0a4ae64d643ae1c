import test from 'ava';
import type { ConsoleAction } from '../../../../tui/console/console-state.ts';
import { shownOf } from '../../frame-of.tsx';

const details: ConsoleAction = {
  type: 'hosts',
  change: (hosts) => ({ ...hosts, detail: true }),
};

const shown = async (columns: number, rows: number, actions: readonly ConsoleAction[] = []) =>
  (await shownOf({ view: 'hosts', actions }, { columns, rows })).lines;

test('hosts › the details say all of a host in the lowest window, in place of the table', async (t) => {
  for (const rows of [10, 11, 12]) {
    const lines = await shown(60, rows, [details]);
    const text = lines.join('\n');
    for (const label of ['Selected host', 'node id', 'state', 'first seen', 'last seen'])
      t.true(text.includes(label), `${rows}: ${text}`);
  }
  const both = (await shown(60, 20, [details])).join('\n');
  t.true(both.includes('address ▲') && both.includes('Selected host'), both);
});

test('hosts › from the lowest window on the details are there in whole, with the table or in place of it', async (t) => {
  for (let rows = 13; rows <= 20; rows++) {
    const lines = await shown(80, rows, [details]);
    const text = lines.join('\n');
    t.true(text.includes('TTL left'), `${rows}: ${text}`);
    t.regex(lines.at(-1) ?? '', /q quit$/, `${rows}`);
  }
});

test('hosts › in the widest window what belongs together stands together', async (t) => {
  const [titles = ''] = (await shown(300, 80)).filter((line) => line.includes('node id'));
  const gap = titles.indexOf('first seen') - titles.indexOf('node id');
  // The longest node id has 64 characters.
  t.is(gap, 66, titles);
});
