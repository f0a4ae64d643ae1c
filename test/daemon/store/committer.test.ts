import test from 'ava';
import { Registry } from '../../../daemon/core/registry/registry.ts';
import { Committer } from '../../../daemon/store/committer.ts';
import type { HostStore } from '../../../daemon/store/host-store.ts';
import { StoreError } from '../../../daemon/store/store-error.ts';
import { createCounters } from '../../../shared/counters.ts';
import { addressOf, register } from '../../fixture/registry.ts';

/** A committer with a disk that fails on demand, and a clock of its own. */
function setUp() {
  const registry = new Registry({ maxHosts: 100 });
  const counters = createCounters();
  const disk = { failure: null as string | null, tries: 0 };
  const clock = { mono: 0, wall: 10_000 };
  const reported: Committer['trouble'][] = [];
  const committer = new Committer({
    store: {
      commit: () => {
        disk.tries++;
        if (disk.failure !== null) throw new StoreError('store-full', disk.failure);
        registry.settle();
      },
    } as never as HostStore,
    registry,
    counters,
    clocks: () => clock,
    changed: (trouble) => reported.push(trouble && { ...trouble }),
  });
  let next = 0;
  const add = () => register(registry, addressOf(next++));
  return { registry, counters, disk, clock, reported, committer, add };
}

test('committer › nothing is written if nothing is pending', (t) => {
  const { committer, disk, counters } = setUp();
  t.is(committer.commit(), null);
  t.deepEqual([disk.tries, counters.commits], [0, 0]);
});

test('committer › pending changes are committed and counted', (t) => {
  const { committer, counters, registry, add } = setUp();
  add();
  add();
  t.is(committer.commit(), null);
  t.false(registry.hasPending);
  t.deepEqual([counters.commits, counters.commitFailures], [1, 0]);
});

test('committer › a failure is reported to nodes without paths, and to operators once with them', (t) => {
  const { committer, disk, counters, reported, add } = setUp();
  disk.failure = '/var/hosts.db: the disk is full';
  add();
  const refusal = committer.commit();
  t.is(refusal?.code, 'not-stored');
  t.notRegex(refusal?.text ?? '', /var/);
  t.deepEqual(reported, [{ reason: '/var/hosts.db: the disk is full', since: 10_000 }]);
  t.is(counters.commitFailures, 1);
});

test('committer › a failing disk is tried once a second, other requests are refused at once', (t) => {
  const { committer, disk, clock, reported, add } = setUp();
  disk.failure = 'full';
  for (let i = 0; i < 50; i++) {
    clock.mono = i * 100;
    add();
    t.is(committer.commit()?.code, 'not-stored');
  }
  t.is(disk.tries, 5);
  t.is(reported.length, 1);
});

test('committer › the reason is the latest one, the time that of the first failure', (t) => {
  const { committer, disk, clock, reported, add } = setUp();
  disk.failure = 'full';
  add();
  committer.commit();
  clock.mono += 1_000;
  disk.failure = 'gone';
  committer.commit();
  t.deepEqual(committer.trouble, { reason: 'gone', since: 10_000 });
  t.is(reported.length, 1);
});

test('committer › recovery of the disk is reported, too', (t) => {
  const { committer, disk, clock, reported, registry, add } = setUp();
  disk.failure = 'full';
  add();
  committer.commit();
  disk.failure = null;
  clock.mono += 999;
  t.is(committer.commit()?.code, 'not-stored');
  clock.mono += 1;
  add();
  t.is(committer.commit(), null);
  t.false(registry.hasPending);
  t.is(committer.trouble, null);
  t.deepEqual(reported, [{ reason: 'full', since: 10_000 }, null]);
});

test('committer › a clock that is set back a day does not delay the next attempt', (t) => {
  const { committer, disk, clock, add } = setUp();
  disk.failure = 'full';
  add();
  committer.commit();
  disk.failure = null;
  clock.wall -= 24 * 3_600_000;
  clock.mono += 1_000;
  t.is(committer.commit(), null);
  t.is(committer.trouble, null);
});
