import test from 'ava';
import { RecentHosts } from '../../../daemon/core/recent-hosts.ts';

const host = (row: number, lastSeen: number) => ({ row, change: row, lastSeen });

test('recent hosts › keeps the latest few, the latest first', (t) => {
  const recent = new RecentHosts(3);
  for (const [row, lastSeen] of [50, 10, 70, 30, 90, 20].entries())
    recent.offer(host(row, lastSeen));
  t.deepEqual(recent.take(), [host(4, 90), host(2, 70), host(0, 50)]);
});

test('recent hosts › wants only what is later than the earliest it keeps', (t) => {
  const recent = new RecentHosts(2);
  recent.offer(host(1, 10));
  t.true(recent.wants(1));
  recent.offer(host(2, 20));
  t.false(recent.wants(10));
  t.true(recent.wants(11));
});

test('recent hosts › of hosts seen at the same time the first stay', (t) => {
  const recent = new RecentHosts(2);
  for (const row of [1, 2, 3]) recent.offer(host(row, 10));
  t.deepEqual(recent.take(), [host(1, 10), host(2, 10)]);
});

test('recent hosts › is empty once taken', (t) => {
  const recent = new RecentHosts(2);
  recent.offer(host(1, 10));
  recent.take();
  t.deepEqual(recent.take(), []);
  recent.offer(host(2, 5));
  t.deepEqual(recent.take(), [host(2, 5)]);
});
