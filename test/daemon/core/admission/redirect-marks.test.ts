import test from 'ava';
import {
  isOverDeltaMark,
  isOverSoftMark,
  LoadState,
} from '../../../../daemon/core/admission/redirect-marks.ts';

/** The first backlog that is over a mark. */
function firstOver(isOver: typeof isOverSoftMark, limit: number): number {
  let backlog = 0;
  while (!isOver({ backlog, limit })) backlog++;
  return backlog;
}

test('redirect marks › 80 % and 90 % of Backlog, and never one request alone', (t) => {
  const limits = [1, 2, 3, 5, 8, 10, 100, 65_535];
  t.deepEqual(
    limits.map((limit) => [firstOver(isOverSoftMark, limit), firstOver(isOverDeltaMark, limit)]),
    [
      [2, 2],
      [2, 2],
      [3, 3],
      [4, 5],
      [7, 8],
      [8, 9],
      [80, 90],
      [52_428, 58_982],
    ],
  );
});

/** What a load state says to one backlog after the other. */
function course(limit: number, backlogs: number[]): boolean[] {
  const state = new LoadState();
  return backlogs.map((backlog) => state.look({ backlog, limit }));
}

test('redirect marks › loaded from 80 % on, until it is below 60 %', (t) => {
  t.deepEqual(course(100, [0, 79, 80, 100, 79, 60, 59, 60, 79, 80]), [
    false,
    false,
    true,
    true,
    true,
    true,
    false,
    false,
    false,
    true,
  ]);
  t.deepEqual(course(8, [6, 7, 5, 4, 6, 7]), [false, true, true, false, false, true]);
  t.deepEqual(course(1, [1, 1, 0]), [false, false, false]);
});

test('redirect marks › a backlog that swings around one mark does not flap', (t) => {
  for (const around of [80, 60]) {
    const swinging = Array.from({ length: 1_000 }, (_, index) => around + (index % 11) - 5);
    const said = course(100, [around === 80 ? 0 : 100, ...swinging]);
    const flips = said.filter((isLoaded, index) => index > 0 && isLoaded !== said[index - 1]);
    t.is(flips.length, 1, `around ${around}`);
  }
});

test('redirect marks › peers are told when it becomes another, and not more often than they can use', (t) => {
  const state = new LoadState();
  const told = (
    [
      [0, 79],
      [1, 80],
      [2, 80],
      [3, 0],
      [50, 0],
      [51, 0],
      [52, 0],
      [110, 80],
    ] as const
  ).map(([mono, backlog]) => {
    state.look({ backlog, limit: 100 });
    return state.takeNews(mono);
  });
  t.deepEqual(told, [false, true, false, false, false, true, false, true]);
});
