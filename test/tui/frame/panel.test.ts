// What covers a view for a while.
import test from 'ava';
import type { Notice } from '../../../tui/state/common-state.ts';
import { frameOf, shownOf } from '../frame-of.tsx';

const failed = Array.from({ length: 12 }, (_, index) => `192.0.2.${index + 1}:4000`).join(', ');
const notice: Notice = {
  tone: 'bad',
  text: `3 removed, 12 failed: ${failed}: /srv/${'registry/'.repeat(12)}hosts.db cannot be written; give the user of ddnsd write access`,
};

test('notice › a long one is shown in full above the keys, and gone with the next key', async (t) => {
  for (const size of [
    { columns: 60, rows: 12 },
    { columns: 60, rows: 20 },
    { columns: 80, rows: 24 },
  ]) {
    const said = await shownOf({ view: 'hosts', actions: [{ type: 'notice', notice }] }, size);
    t.is(said.lines.length, size.rows);
    const words = said.lines.map((line) => line.trim()).join('');
    t.true(words.replaceAll(' ', '').includes(notice.text.replaceAll(' ', '')), words);
    t.true(said.lines.at(-1)?.includes('q quit'));
    const actions = [
      { type: 'notice', notice },
      { type: 'notice', notice: null },
    ] as const;
    t.deepEqual(
      await frameOf({ view: 'hosts', actions }, size),
      await frameOf({ view: 'hosts' }, size),
    );
  }
});

test('notice › one that has room is the last line', async (t) => {
  const short: Notice = { tone: 'good', text: 'copied 192.0.2.1:4000' };
  const { lines } = await shownOf(
    { view: 'hosts', actions: [{ type: 'notice', notice: short }] },
    { columns: 80, rows: 24 },
  );
  t.is(lines.at(-1)?.trim(), short.text);
});
