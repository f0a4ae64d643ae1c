// What covers a view for a while.
import test from 'ava';
import {
  type ConsoleAction,
  firstState,
  reduceConsole,
} from '../../../tui/console/console-state.ts';
import type { Notice } from '../../../tui/state/common-state.ts';
import { timeOfDay, utc } from '../../../tui/text/format.ts';
import { fixedNow } from '../fixture-data.ts';
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

test('notice › those that have gone are shown again with their times, the newest first', async (t) => {
  const removed: Notice = { tone: 'good', text: 'removed 192.0.2.1:4000' };
  const progress: Notice = { tone: 'good', text: 'pinging 7 hosts …', isProgress: true };
  const actions: ConsoleAction[] = [
    { type: 'notice', notice: removed },
    { type: 'notice', notice: progress },
    { type: 'notice', notice },
    { type: 'notice', notice: null },
    { type: 'past-notices' },
  ];
  for (const size of [
    { columns: 60, rows: 12 },
    { columns: 80, rows: 24 },
  ]) {
    const { lines, state } = await shownOf({ view: 'hosts', actions }, size);
    t.is(lines.length, size.rows);
    const from = lines.findIndex((line) => line.includes('Latest notices'));
    const at = timeOfDay(fixedNow, utc);
    t.true(lines[from + 1]?.startsWith(` ${at} UTC  3 removed, 12 failed`), lines.join('\n'));
    // In the lowest window the long one leaves no room.
    const oldest = `${at} UTC  removed 192.0.2.1:4000`;
    t.true(size.rows === 12 || lines.at(-2)?.trim() === oldest, lines.at(-2));
    t.false(lines.join('').includes('pinging'));
    t.true(lines.at(-1)?.includes('q quit'));
    const closed = reduceConsole(state, { type: 'notice', notice: null });
    t.deepEqual([closed.showsPast, closed.pastNotices.length], [false, 2]);
  }
});

test('notice › of many the newest are kept', (t) => {
  let state = firstState({
    ...{ size: { columns: 80, rows: 24 }, view: 'hosts', readOnly: false, now: 0 },
  });
  for (let number = 1; number <= 100; number++)
    state = reduceConsole(state, {
      type: 'notice',
      notice: { tone: 'good', text: `notice ${number}` },
    });
  const kept = state.pastNotices.map(({ text }) => text);
  t.deepEqual([kept[0], kept.at(-1), kept.length], ['notice 100', 'notice 37', 64]);
});
