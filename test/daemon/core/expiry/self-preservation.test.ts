// Self-preservation alone: what freezes deletions, and what ends a freeze. Expiry together
// with it is in frozen-deletes.test.ts.
import test from 'ava';
import { expiryIntervals } from '../../../../daemon/core/expiry/expiry-intervals.ts';
import { SelfPreservation } from '../../../../daemon/core/expiry/self-preservation.ts';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const intervals = expiryIntervals(hour);

/** Self-preservation alone, ticked every second. */
class Watch {
  readonly state = new SelfPreservation(intervals, { mono: 0, wall: hour });
  mono = 0;
  wall = hour;

  run(ms: number, isNeeded = true): string | null {
    for (let passed = 0; passed < ms; passed += second) this.jump(second, second, isNeeded);
    return this.state.reason;
  }

  jump(monoMs: number, wallMs: number, isNeeded = true): string | null {
    this.mono += monoMs;
    this.wall += wallMs;
    return this.state.tick({ mono: this.mono, wall: this.wall }, isNeeded);
  }
}

const started = (): Watch => {
  const watch = new Watch();
  watch.run(3 * minute, false);
  return watch;
};

test('self-preservation › deletions wait for one ping cycle after a start', (t) => {
  const watch = new Watch();
  t.is(watch.state.reason, 'starting');
  t.is(watch.run(intervals.cycleMs - second, false), 'starting');
  t.is(watch.run(second, false), null);
  t.is(watch.state.since, hour + intervals.cycleMs);
});

test('self-preservation › without traffic for TTL/30 the server is isolated, until some arrives', (t) => {
  const watch = started();
  t.is(watch.run(2 * minute), null);
  t.is(watch.run(second), 'isolated');
  const since = watch.wall;
  watch.run(minute);
  t.is(watch.state.since, since);
  watch.state.traffic(watch.mono);
  t.is(watch.run(second), null);
  t.is(watch.state.since, watch.wall);
});

test('self-preservation › silence counts only while a host is suspected', (t) => {
  const watch = started();
  t.is(watch.run(hour, false), null);
  t.is(watch.run(2 * minute), null);
  t.is(watch.run(second), 'isolated');
  t.is(watch.run(second, false), null);
});

test('self-preservation › answers of fewer than half of the canaries freeze deletions, half do not', (t) => {
  for (const [answered, asked, reason] of [
    [0, 1, 'canaries'],
    [1, 1, null],
    [9, 20, 'canaries'],
    [10, 20, null],
    [1, 3, 'canaries'],
    [2, 3, null],
    [0, 0, null],
  ] as const) {
    const watch = started();
    watch.state.canaries(answered, asked, watch.mono, false);
    t.is(watch.run(second), reason, `${answered} of ${asked}`);
  }
});

test('self-preservation › the next round decides anew; one without canaries decides nothing', (t) => {
  for (const [answered, asked] of [
    [1, 2],
    [0, 0],
  ] as const) {
    const watch = started();
    watch.state.canaries(0, 20, watch.mono, true);
    t.is(watch.run(second), 'canaries');
    watch.state.canaries(answered, asked, watch.mono, false);
    t.is(watch.run(second), null);
  }
});

test('self-preservation › where most hosts are proved and none is heard, deletions are frozen for a day', (t) => {
  const watch = started();
  const rounds = (ms: number) => {
    for (let passed = 0; passed < ms; passed += minute) {
      watch.state.traffic(watch.mono);
      watch.state.canaries(0, 0, watch.mono, true);
      watch.run(minute);
    }
    return watch.state.reason;
  };
  t.is(rounds(24 * hour), 'canaries');
  t.is(rounds(2 * minute), null);
  watch.state.answered(watch.mono);
  t.is(rounds(minute), null, 'one that answered is proof');
  t.is(rounds(5 * minute), 'canaries', 'and then it begins anew');
});

test('self-preservation › failed canaries are forgotten once no host is suspected', (t) => {
  const watch = started();
  watch.state.canaries(0, 20, watch.mono, true);
  t.is(watch.run(second), 'canaries');
  t.is(watch.run(second, false), null);
  t.is(watch.run(second), null);
});

test('self-preservation › a late tick is a stall, and deletions wait for a cycle', (t) => {
  const watch = started();
  t.is(watch.jump(5 * second, 5 * second), null);
  t.is(watch.jump(5 * second + 1, 5 * second + 1), 'stalled');
  t.is(watch.run(intervals.cycleMs - second, false), 'stalled');
  t.is(watch.run(second, false), null);
});

test('self-preservation › a suspended machine and a set clock are seen by comparing the clocks', (t) => {
  for (const wallMs of [hour, -hour, second + 5_001, second - 5_001]) {
    const watch = started();
    t.is(watch.jump(second, wallMs), 'stalled', `${wallMs}`);
    watch.run(intervals.cycleMs, false);
    t.is(watch.state.reason, null, 'once is once');
  }
  t.is(started().jump(second, 2 * second), null, 'clocks drift a little');
});

test('self-preservation › a stall during the start extends the freeze', (t) => {
  const watch = new Watch();
  watch.run(2 * minute, false);
  t.is(watch.jump(minute, minute, false), 'stalled');
  t.is(watch.run(intervals.cycleMs - second, false), 'stalled');
  t.is(watch.run(second, false), null);
});

test('self-preservation › an override lifts the freeze for two cycles, whatever its reason', (t) => {
  const watch = started();
  watch.run(3 * minute);
  t.is(watch.state.reason, 'isolated');
  watch.state.override(watch.mono);
  t.true(watch.state.isOverridden(watch.mono));
  t.is(watch.run(2 * intervals.cycleMs - second), null);
  t.is(watch.run(second), 'isolated');
  t.false(watch.state.isOverridden(watch.mono));
});
