import test from 'ava';
import { logHistory } from '../../../../shared/ipc/log-contract.ts';
import type { LineLevel, LogLine } from '../../../../shared/output/log-line.ts';
import {
  bottomOf,
  firstLog,
  type LogEntry,
  type LogState,
  lastOf,
  nextLevel,
  setLogFilter,
  takeLines,
} from '../../../../tui/views/log/log-state.ts';

function line(seq: number, level: LineLevel = 'info', msg = `line ${seq}`): LogLine {
  return { seq, at: seq, level, msg, fields: {} };
}

function lines(from: number, to: number): LogLine[] {
  return Array.from({ length: to - from + 1 }, (_, index) => line(from + index));
}

function take(state: LogState, added: LogLine[], source = 'a', forgotten = 0): LogState {
  const status = { level: 'info' as const, lines: added.at(-1)?.seq ?? 0 };
  return takeLines(state, source, { status, lines: added, forgotten });
}

const said = (entries: readonly LogEntry[]) =>
  entries.map((entry) =>
    entry.kind === 'line' ? entry.line.msg : entry.kind === 'missed' ? entry.count : entry.kind,
  );

test('log state › lines are taken one after the other, and asked for after the last one', (t) => {
  t.is(lastOf(firstLog, 'a'), 0);
  const one = take(firstLog, lines(1, 2));
  t.is(lastOf(one, 'a'), 2);
  const two = take(one, lines(3, 3));
  t.deepEqual(said(two.shown), ['line 1', 'line 2', 'line 3']);
  t.is(lastOf(two, 'a'), 3);
});

test('log state › what the daemon does not keep any more is counted where it is missing', (t) => {
  const state = take(take(firstLog, lines(5, 6), 'a', 4), lines(90, 91), 'a', 83);
  t.deepEqual(said(state.shown), [4, 'line 5', 'line 6', 83, 'line 90', 'line 91']);
});

test('log state › a server that was started anew begins with a mark, and what the last one said stays', (t) => {
  const first = take(firstLog, lines(1, 2));
  t.is(lastOf(first, 'b'), 0);
  const second = take(first, lines(1, 1), 'b');
  t.deepEqual(said(second.shown), ['line 1', 'line 2', 'restarted', 'line 1']);
  t.is(lastOf(second, 'b'), 1);
});

test('log state › level and filter choose from all lines, old and new, and no mark is lost', (t) => {
  const mixed = [line(1, 'error', 'one'), line(2, 'debug', 'two'), line(3, 'warn', 'three')];
  const all = take(firstLog, mixed, 'a', 1);
  const levels = (state: LogState) => said(state.shown).slice(1);
  t.deepEqual(levels(nextLevel(all)), ['one']);
  t.deepEqual(levels(nextLevel(nextLevel(all))), ['one', 'three']);
  t.deepEqual(levels(nextLevel(nextLevel(nextLevel(all)))), ['one', 'three']);
  t.deepEqual(levels(nextLevel(nextLevel(nextLevel(nextLevel(all))))), ['one', 'two', 'three']);
  t.is(nextLevel(nextLevel(nextLevel(nextLevel(nextLevel(all))))).level, all.level);
  const found = setLogFilter(all, 'T !warn');
  t.deepEqual(said(found.shown), [1, 'two']);
  t.deepEqual(said(take(found, [line(4, 'info', 'not'), line(5, 'warn', 'tea')]).shown), [
    1,
    'two',
    'not',
  ]);
  t.deepEqual(said(setLogFilter(found, '').shown), said(all.shown));
  t.is(setLogFilter(found, found.filter), found);
});

test('log state › who went up stays where they are, however much comes and goes', (t) => {
  let state: LogState = { ...take(firstLog, lines(1, 10)), anchor: 4 };
  t.is(bottomOf(state), 3);
  state = take(state, lines(11, 500));
  t.is(bottomOf(state), 3);
  t.is(bottomOf(setLogFilter(state, '9')), 0, 'line 9 is the first, and below');
  state = take(state, lines(501, 2 * logHistory + 2));
  t.is(state.entries.length, 2 * logHistory);
  t.deepEqual(said(state.shown.slice(0, 1)), ['line 3']);
  t.deepEqual(said(state.shown.slice(bottomOf(state)).slice(0, 1)), ['line 4']);
  state = take(state, lines(5_000, 8_000));
  t.is(bottomOf(state), 0, 'it is gone: the oldest there is');
  t.is(bottomOf({ ...state, anchor: null }), state.shown.length - 1);
  t.is(bottomOf(firstLog), -1);
});
