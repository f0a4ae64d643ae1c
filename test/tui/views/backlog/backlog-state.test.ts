import '../../../fixture/production.ts';
import test from 'ava';
import { createElement } from 'react';
import type { BacklogEntry } from '../../../../shared/ipc/contract.ts';
import { columnsWithin } from '../../../../tui/components/table-columns.ts';
import {
  type ConsoleAction,
  type ConsoleState,
  firstState,
  reduceConsole,
} from '../../../../tui/console/console-state.ts';
import { gapTexts } from '../../../../tui/text/backlog.ts';
import { utc } from '../../../../tui/text/format.ts';
import {
  backlogPosition,
  moveBacklog,
  selectedConnection,
  shownBacklog,
  takeBacklog,
} from '../../../../tui/views/backlog/backlog-state.ts';
import { backlogColumns } from '../../../../tui/views/backlog/backlog-table.ts';
import { ConnectionDetails } from '../../../../tui/views/backlog/backlog-view.tsx';
import { linesOf } from '../../drawn-lines.ts';
import { fixedBacklog, fixedEntries, fixedNow, fixedSnapshot } from '../../fixture-data.ts';

function told(entries: readonly BacklogEntry[]): ConsoleAction {
  const list = fixedBacklog({ entries: [...entries], total: entries.length });
  return { type: 'backlog', change: (backlog) => takeBacklog(backlog, list) };
}

function after(...actions: ConsoleAction[]): ConsoleState {
  const size = { columns: 80, rows: 24 };
  const first = firstState({ size, view: 'backlog', readOnly: false, now: 0 });
  const snapshot: ConsoleAction = { type: 'snapshot', snapshot: fixedSnapshot(), now: 0 };
  return [snapshot, ...actions].reduce(reduceConsole, first);
}

const down: ConsoleAction = {
  type: 'backlog',
  change: (_, state) => moveBacklog(state, { by: 1 }),
};
const [a, b, c, d] = fixedEntries(4) as [BacklogEntry, BacklogEntry, BacklogEntry, BacklogEntry];

test('backlog › until the operator moves, whoever waits longest is selected', (t) => {
  t.is(selectedConnection(after()), null);
  t.is(selectedConnection(after(told([a, b])))?.id, a.id);
  t.is(selectedConnection(after(told([a, b]), told([b, c])))?.id, b.id);
});

test('backlog › the selection stays on its connection while others come and go before it', (t) => {
  const moved = after(told([a, b, c]), down);
  t.is(selectedConnection(moved)?.id, b.id);
  for (const entries of [
    [b, c],
    [c, a, b, d],
    [a, c, d, b],
  ])
    t.is(selectedConnection(reduceConsole(moved, told(entries)))?.id, b.id);
});

test('backlog › when the selected one is answered, the next one in its row is selected and stays so', (t) => {
  const moved = after(told([a, b, c]), down, told([a, c, d]));
  t.is(selectedConnection(moved)?.id, c.id);
  t.is(selectedConnection(reduceConsole(moved, told([c, a, d])))?.id, c.id);
  const last = after(
    told([a, b, c]),
    { type: 'backlog', change: (_, state) => moveBacklog(state, { end: 'last' }) },
    told([a]),
  );
  t.is(selectedConnection(last)?.id, a.id);
  t.is(selectedConnection(reduceConsole(last, told([]))), null);
  t.is(selectedConnection([told([]), told([d])].reduce(reduceConsole, last))?.id, d.id);
});

test('backlog › more than fit are scrolled, and the last one can be reached', (t) => {
  const end = after(told(fixedEntries(60)), {
    type: 'backlog',
    change: (_, state) => moveBacklog(state, { end: 'last' }),
  });
  t.deepEqual(backlogPosition(end), { top: 44, cursor: 59 });
  const back = reduceConsole(end, {
    type: 'backlog',
    change: (_, state) => moveBacklog(state, { pages: -1 }),
  });
  t.deepEqual(backlogPosition(back), { top: 29, cursor: 44 });
});

test('backlog › a filter finds what a row shows', (t) => {
  const shown = (filter: string) =>
    shownBacklog(after(told(fixedEntries(8)), { type: 'filter', text: filter })).map(
      ({ id }) => id,
    );
  const all = fixedEntries(8);
  const ids = (isIt: (entry: BacklogEntry) => boolean) => all.filter(isIt).map(({ id }) => id);
  t.deepEqual(
    shown('legacy'),
    ids(({ dialect }) => dialect === 'legacy'),
  );
  t.deepEqual(
    shown('encrypted'),
    ids(({ encrypted }) => encrypted),
  );
  t.deepEqual(
    shown('writing'),
    ids(({ stage }) => stage === 'writing'),
  );
  t.deepEqual(
    shown('!plain sending'),
    ids(({ encrypted, stage }) => encrypted && stage === 'reading'),
  );
  t.deepEqual(shown('198.51.100.3:'), [all[2]?.id]);
  t.deepEqual(shown('nobody'), []);
});

test('backlog › what was told counts no more after another view, or another daemon', (t) => {
  const known = after(told([a, b]), down);
  for (const action of [
    { type: 'view', view: 'hosts' },
    { type: 'snapshot', snapshot: fixedSnapshot(), now: 9 },
  ] as const) {
    const later = reduceConsole(known, action);
    t.is(later.backlog.list, null);
    t.is(selectedConnection(later), null);
    t.is(selectedConnection(reduceConsole(later, told([a, b])))?.id, b.id);
  }
});

test('backlog › the question whether to close one ends with the daemon that knew it', (t) => {
  const asking = (asked: { action: 'close'; id: string; source: string } | { action: 'drain' }) =>
    after(
      { type: 'prompt', prompt: { kind: 'confirm', text: 'clo', asked } },
      { type: 'snapshot', snapshot: fixedSnapshot(), now: 9 },
    ).prompt;
  t.is(asking({ action: 'close', id: a.id, source: a.source }), null);
  t.not(asking({ action: 'drain' }), null);
});

test('backlog › a narrow window drops the columns that weigh least, never a part of one', (t) => {
  const titles = (entries: BacklogEntry[], width: number) =>
    columnsWithin(backlogColumns(entries, fixedNow), width).map(({ name, title = name }) => title);
  t.deepEqual(titles([a], 58), ['waiting', 'source', 'stage', 'dialect']);
  t.deepEqual(titles([a], 78).slice(4), ['TLS', 'in']);
  const ipv6 = { ...a, source: '[2001:db8:1111:2222:3333:4444:5555:6666]:45240' };
  t.deepEqual(titles([ipv6], 78), ['waiting', 'source', 'stage']);
  t.deepEqual(titles([ipv6], 58), ['waiting', 'source']);
  t.is(titles([a], 141).length, 9);
});

test('backlog › the details say what the row has no room for, and when it ends by itself', (t) => {
  const lines = (entry: BacklogEntry) =>
    linesOf(createElement(ConnectionDetails, { entry, at: fixedNow, zone: utc }), 54);
  t.deepEqual(lines({ ...b, source: '\u001b[2J' }), [
    'Selected connection',
    '\\x1b[2J',
    'waiting   2 s, since 2026-05-01 11:59:57 UTC',
    'stage     reading reply',
    'dialect   native, plain',
    'requests  1,204 complete',
    'received  712 B',
    'sent      19 MB',
    'id        2-48',
    '',
    'Closed automatically if the reply is not received',
    'within 30 s.',
  ]);
  t.true(lines(a).join(' ').includes('incomplete 10 s after its first byte'));
  t.true(lines(d).join(' ').includes('Answered once its change is on disk'));
});

test('backlog › what the list lacks is said', (t) => {
  t.deepEqual(gapTexts(fixedBacklog()), []);
  const missing = [{ number: 2, pid: 4_713, backlog: 5, open: 40 }];
  t.deepEqual(gapTexts(fixedBacklog({ missing, total: 17 })), [
    'process 2 (pid 4713) does not answer; its 5 connections not shown',
  ]);
  t.deepEqual(gapTexts(fixedBacklog({ entries: fixedEntries(300), total: 4_000 })), [
    'showing the 300 waiting longest',
  ]);
});
