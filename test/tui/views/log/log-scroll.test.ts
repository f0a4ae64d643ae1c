import test from 'ava';
import type { LogLine } from '../../../../shared/output/log-line.ts';
import {
  type ConsoleState,
  firstState,
  reduceConsole,
} from '../../../../tui/console/console-state.ts';
import type { ListMove } from '../../../../tui/state/list-position.ts';
import {
  logHeadRows,
  logShape,
  logWindow,
  scrollLog,
} from '../../../../tui/views/log/log-scroll.ts';
import { takeLines } from '../../../../tui/views/log/log-state.ts';
import { entryHeight } from '../../../../tui/views/log/log-text.ts';

/** Header, tabs and footer. */
const frameRows = 3;
const viewport = 10;

/** A window with room for ten rows of the log. */
function consoleWith(lines: readonly LogLine[]): ConsoleState {
  const size = { columns: 80, rows: viewport + frameRows + logHeadRows };
  return take(firstState({ size, view: 'log', readOnly: false, now: 0 }), lines);
}

function take(state: ConsoleState, lines: readonly LogLine[]): ConsoleState {
  const status = { level: 'info' as const, lines: lines.at(-1)?.seq ?? 0 };
  return reduceConsole(state, {
    type: 'log',
    change: (log) => takeLines(log, 'a', { status, lines: [...lines], forgotten: 0 }),
  });
}

/** Every third one takes two rows. */
function lines(from: number, to: number): LogLine[] {
  return Array.from({ length: to - from + 1 }, (_, index) => {
    const seq = from + index;
    const msg = seq % 3 === 0 ? `${seq} ${'x'.repeat(60)}` : `${seq}`;
    return { seq, at: 0, level: 'info', msg, fields: {} };
  });
}

const move = (state: ConsoleState, move: ListMove) =>
  reduceConsole(state, { type: 'log', change: (_, state) => scrollLog(state, move) });

/** The numbers of the topmost and the bottommost line on the screen, and how many are below. */
function seen(state: ConsoleState): [top: number, bottom: number, newer: number] {
  const { entries, newer } = logWindow(state);
  const seqs = entries.map((entry) => (entry.kind === 'line' ? entry.line.seq : 0));
  return [seqs[0] ?? 0, seqs.at(-1) ?? 0, newer];
}

test('log scroll › the newest line is at the bottom, and is followed', (t) => {
  const state = consoleWith(lines(1, 100));
  t.deepEqual(seen(state), [94, 100, 0]);
  t.deepEqual(seen(take(state, lines(101, 103))), [97, 103, 0]);
});

test('log scroll › up stops following, end follows again', (t) => {
  const up = move(consoleWith(lines(1, 100)), { by: -1 });
  t.deepEqual(seen(up), [93, 99, 1]);
  const later = take(up, lines(101, 150));
  t.deepEqual(seen(later), [93, 99, 51]);
  const end = move(later, { end: 'last' });
  t.deepEqual(seen(end), [144, 150, 0]);
  t.deepEqual(seen(take(end, lines(151, 151))), [145, 151, 0]);
});

test('log scroll › down to the newest follows again', (t) => {
  const up = move(consoleWith(lines(1, 100)), { by: -2 });
  const down = move(move(up, { by: 1 }), { by: 1 });
  t.is(down.log.anchor, null);
  t.is(move(up, { pages: 1 }).log.anchor, null);
});

test('log scroll › a page goes on where the last one ended, and brings every line', (t) => {
  let state = consoleWith(lines(1, 40));
  const up = [seen(state)];
  while (seen(state)[0] > 1) {
    state = move(state, { pages: -1 });
    up.push(seen(state));
  }
  for (const [index, [, bottom]] of up.entries())
    if (index > 0) t.true(bottom >= (up[index - 1]?.[0] ?? 0), JSON.stringify(up));
  const down = [seen(state)];
  while (state.log.anchor !== null) {
    state = move(state, { pages: 1 });
    down.push(seen(state));
  }
  t.is(down.at(-1)?.[1], 40);
  for (const [index, [top]] of down.entries())
    if (index > 0) t.true(top <= (down[index - 1]?.[1] ?? 0), JSON.stringify(down));
});

test('log scroll › the first screen is full, and above it is nothing', (t) => {
  const first = move(consoleWith(lines(1, 100)), { end: 'first' });
  t.deepEqual(seen(first), [1, 8, 92]);
  t.deepEqual(seen(move(first, { by: -1 })), [1, 8, 92]);
  t.deepEqual(seen(move(first, { pages: -1 })), [1, 8, 92]);
  t.deepEqual(seen(move(first, { by: 1 })), [3, 9, 91]);
});

test('log scroll › where everything has room nothing moves', (t) => {
  const state = consoleWith(lines(1, 5));
  for (const each of [{ by: -1 }, { pages: -1 }, { end: 'first' }, { by: 1 }] as ListMove[])
    t.deepEqual(seen(move(state, each)), [1, 5, 0]);
  t.deepEqual(seen(move(consoleWith([]), { by: -1 })), [0, 0, 0]);
});

test('log scroll › a line that is longer than the screen can be passed in both directions', (t) => {
  const long: LogLine = { ...(lines(2, 2)[0] as LogLine), msg: 'y'.repeat(5_000) };
  const state = consoleWith([...lines(1, 1), long, ...lines(3, 20)]);
  const first = move(state, { end: 'first' });
  t.deepEqual(seen(first), [1, 1, 19]);
  for (const next of [{ by: 1 }, { pages: 1 }]) {
    const down = move(first, next);
    t.deepEqual(seen(down), [2, 2, 18]);
    t.deepEqual(seen(move(down, { by: 1 })), [3, 3, 17]);
    t.deepEqual(seen(move(down, { pages: -1 })), [1, 1, 19]);
  }
});

test('log scroll › every line on the screen is whole, and the first can be seen', (t) => {
  const fits = (state: ConsoleState) => {
    const { entries, blankRows } = logWindow(state);
    const shape = logShape(state);
    const used = entries.reduce((sum, entry) => sum + entryHeight(entry, shape), 0);
    t.true(blankRows + used <= viewport, `${seen(state)}`);
    return blankRows + used;
  };
  for (let count = 1; count <= 40; count++) {
    let state = consoleWith(lines(1, count));
    while (seen(state)[0] > 1) {
      t.is(fits(state), viewport);
      state = move(state, { by: -1 });
    }
    t.is(logWindow(state).blankRows, 0);
    fits(state);
  }
});

test('log scroll › another window, wrapping and a filter leave the operator at the line', (t) => {
  const up = move(consoleWith(lines(1, 100)), { by: -50 });
  t.is(seen(up)[1], 50);
  const wide = reduceConsole(up, { type: 'resized', size: { columns: 200, rows: 30 } });
  t.is(seen(wide)[1], 50);
  const cut = reduceConsole(up, { type: 'log', change: (log) => ({ ...log, isWrapped: false }) });
  t.deepEqual(seen(cut), [41, 50, 50]);
  t.deepEqual(seen(reduceConsole(cut, { type: 'filter', text: '!x' })), [37, 50, 33]);
});
