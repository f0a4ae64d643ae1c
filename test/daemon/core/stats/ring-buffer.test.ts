import test from 'ava';
import { RingBuffer } from '../../../../daemon/core/stats/ring-buffer.ts';

function latestOf(limit: number, count: number): RingBuffer<{ seq: number; name: string }> {
  const latest = new RingBuffer<{ seq: number; name: string }>(limit);
  for (let i = 1; i <= count; i++) latest.add({ name: `no. ${i}` });
  return latest;
}

test('latest › what is kept is numbered from 1 on, oldest first', (t) => {
  t.deepEqual(latestOf(3, 0).after(0), []);
  t.deepEqual(latestOf(3, 2).after(0), [
    { seq: 1, name: 'no. 1' },
    { seq: 2, name: 'no. 2' },
  ]);
});

test('latest › at its limit the oldest goes, one more is all it takes', (t) => {
  const seqs = (count: number) =>
    latestOf(3, count)
      .after(0)
      .map(({ seq }) => seq);
  t.deepEqual([3, 4, 9].map(seqs), [
    [1, 2, 3],
    [2, 3, 4],
    [7, 8, 9],
  ]);
});

test('latest › the number of what a reader has says what it lacks, also when some are forgotten', (t) => {
  const latest = latestOf(3, 9);
  const cases: [known: number, lacks: number[]][] = [
    [0, [7, 8, 9]],
    [5, [7, 8, 9]],
    [6, [7, 8, 9]],
    [7, [8, 9]],
    [9, []],
  ];
  for (const [known, lacks] of cases)
    t.deepEqual(
      latest.after(known).map(({ seq }) => seq),
      lacks,
      `${known}`,
    );
  t.is(latest.total, 9);
});
