import test from 'ava';
import {
  type Asking,
  joinBacklog,
  longestFirst,
  parseConnectionId,
  stageOf,
} from '../../../../daemon/core/admission/backlog.ts';
import { maxBacklogRows } from '../../../../shared/ipc/contract.ts';

const asking = (serial: number, since: number): Asking => ({
  serial,
  source: `10.0.0.1:${serial}`,
  dialect: 'native',
  encrypted: false,
  stage: 'reading',
  since,
  waitedMs: 50,
  requests: 0,
  bytesIn: 12,
  bytesOut: 0,
});

test('backlog › the parts of all processes become one list, the longest wait first', (t) => {
  const parts = new Map([
    [0, { total: 1, silent: 0, idle: 1, asking: [asking(4, 950)] }],
    [2, { total: 2, silent: 3, idle: 2, asking: [asking(4, 100), asking(9, 990)] }],
  ]);
  const backlog = joinBacklog(parts, [], 1_000);
  t.deepEqual(
    backlog.entries.map(({ id, since }) => [id, since]),
    [
      ['2-4', 100],
      ['0-4', 950],
      ['2-9', 990],
    ],
  );
  t.deepEqual(backlog.entries[0], {
    id: '2-4',
    source: '10.0.0.1:4',
    dialect: 'native',
    encrypted: false,
    stage: 'reading',
    since: 100,
    waitedMs: 50,
    requests: 0,
    bytesIn: 12,
    bytesOut: 0,
  });
  const { at, total, silent, idle, missing } = backlog;
  t.deepEqual([at, total, silent, idle, missing], [1_000, 3, 3, 3, []]);
});

test('backlog › of a process that did not answer counts what it last told', (t) => {
  const silent = { number: 3, pid: 77, backlog: 5, open: 9 };
  const parts = new Map([[0, { total: 1, silent: 0, idle: 0, asking: [asking(1, 1)] }]]);
  const { total, entries, missing } = joinBacklog(parts, [silent], 1);
  t.deepEqual([total, entries.length, missing], [6, 1, [silent]]);
});

test('backlog › no more are sent than the limit, and those who wait longest are', (t) => {
  const crowd = Array.from({ length: maxBacklogRows + 1 }, (_, i) => asking(i, -i));
  t.is(longestFirst(crowd.slice(0, maxBacklogRows)).length, maxBacklogRows);
  const kept = longestFirst(crowd);
  t.is(kept.length, maxBacklogRows);
  t.deepEqual([kept[0]?.since, kept.at(-1)?.since], [-maxBacklogRows, -1]);
  const part = { total: crowd.length, silent: 0, idle: 0, asking: kept };
  const joined = joinBacklog(
    new Map([
      [1, part],
      [2, part],
    ]),
    [],
    0,
  );
  t.deepEqual([joined.entries.length, joined.total], [maxBacklogRows, 2 * crowd.length]);
});

test('backlog › the stage is what is on its way, then what is owed, then what comes', (t) => {
  t.is(stageOf(false, false), 'reading');
  t.is(stageOf(true, false), 'deciding');
  t.is(stageOf(true, true), 'writing');
  t.is(stageOf(false, true), 'writing');
});

test('backlog › an id is taken apart, and what is none is not', (t) => {
  t.deepEqual(parseConnectionId('2-1041'), { processNumber: 2, serial: 1041 });
  for (const text of ['', '2', '2-', '-1', '2-1-1', ' 2-1', '2-1\n', '2-1e3', '-2-1', '2-0x1'])
    t.is(parseConnectionId(text), null, text);
  t.is(parseConnectionId(`1-${'9'.repeat(16)}`), null);
});
