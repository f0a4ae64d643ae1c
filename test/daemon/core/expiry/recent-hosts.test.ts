import test from 'ava';
import { RecentHosts } from '../../../../daemon/core/expiry/canaries.ts';

const host = (row: number, lastSeen: number) => ({ row, change: row, lastSeen });

test('recent hosts › keeps the latest few, the latest first', (t) => {
  const recent = new RecentHosts(3);
  for (const [row, lastSeen] of [50, 10, 70, 30, 90, 20].entries())
    recent.offer(host(row, lastSeen), `source ${row}`);
  t.deepEqual(recent.take(), [host(4, 90), host(2, 70), host(0, 50)]);
});

test('recent hosts › wants only what is later than the earliest it keeps', (t) => {
  const recent = new RecentHosts(2);
  recent.offer(host(1, 10), 'a');
  t.true(recent.wants(1));
  recent.offer(host(2, 20), 'b');
  t.false(recent.wants(10));
  t.true(recent.wants(11));
});

test('recent hosts › of hosts seen at the same time the first stay', (t) => {
  const recent = new RecentHosts(2);
  for (const row of [1, 2, 3]) recent.offer(host(row, 10), `source ${row}`);
  t.deepEqual(recent.take(), [host(1, 10), host(2, 10)]);
});

test('recent hosts › is empty once taken', (t) => {
  const recent = new RecentHosts(2);
  recent.offer(host(1, 10), 'a');
  recent.take();
  t.deepEqual(recent.take(), []);
  recent.offer(host(2, 5), 'b');
  t.deepEqual(recent.take(), [host(2, 5)]);
});

test('recent hosts › of one source the two latest are kept, whenever they come', (t) => {
  const recent = new RecentHosts(4);
  for (const [row, lastSeen] of [50, 60, 10, 70].entries())
    recent.offer(host(row, lastSeen), 'crowd');
  recent.offer(host(4, 5), 'honest');
  t.deepEqual(recent.take(), [host(3, 70), host(1, 60), host(4, 5)]);
});

test('recent hosts › a crowd of one source keeps nobody out', (t) => {
  const recent = new RecentHosts(3);
  recent.offer(host(0, 10), 'honest');
  for (let row = 1; row < 100; row++) recent.offer(host(row, 10 + row), 'crowd');
  t.deepEqual(recent.take(), [host(99, 109), host(98, 108), host(0, 10)]);
});
