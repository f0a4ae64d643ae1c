import test from 'ava';
import { WallTime } from '../../../daemon/machine/clocks.ts';

test('wall time › a moment has the same time of day however often it is asked for, until the clock is set', (t) => {
  const clock = { monotonic: 40, wall: 1_000_000 };
  const time = new WallTime(
    () => clock.monotonic,
    () => clock.wall,
  );
  t.is(time.at(40), 1_000_000);
  clock.monotonic += 1_000;
  clock.wall += 1_001;
  time.compare();
  t.is(time.at(40), 1_000_000);
  t.is(time.at(1_040.4), 1_001_000);
  clock.wall += 3_600_000;
  t.is(time.at(40), 1_000_000);
  time.compare();
  t.is(time.at(40), 1_000_001 + 3_600_000);
});
