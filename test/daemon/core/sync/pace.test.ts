// How much is under way to a peer: the line below has a rate and a delay, and no limit to what waits in it.
import test from 'ava';
import { Pace } from '../../../../daemon/core/sync/pace.ts';

/** Sends as much as the pace allows for `seconds`; the round trips of the last half. */
function drive(pace: Pace, line: { bytesPerSecond: number; delayMs: number }, seconds: number) {
  const trips: number[] = [];
  let busyUntil = 0;
  let bytes = 0;
  const echoes: { number: number; at: number }[] = [];
  for (let now = 0; now < seconds * 1_000; now += 5) {
    while (echoes[0] !== undefined && echoes[0].at <= now) {
      const trip = pace.echoed((echoes.shift() as { number: number }).number, now, 1_000);
      if (now > seconds * 500) trips.push(trip as number);
    }
    while (pace.hasRoom) {
      const size = pace.batchBytes;
      pace.noteSent(size);
      bytes += size;
      busyUntil = Math.max(busyUntil, now) + (size / line.bytesPerSecond) * 1_000;
      if (!pace.wantsMark) continue;
      echoes.push({ number: pace.mark(now), at: busyUntil + line.delayMs });
    }
  }
  return { bytes, worst: Math.max(...trips), echoes };
}

test('pace › on a narrow line no heartbeat waits much longer than its target, and the line is used', (t) => {
  const { bytes, worst } = drive(new Pace(), { bytesPerSecond: 8_000, delayMs: 20 }, 60);
  t.true(worst < 2_500, `${worst} ms`);
  t.true(bytes > 0.9 * 60 * 8_000, `${bytes} bytes`);
});

test('pace › on a fast line the window grows to its most, and does not without need', (t) => {
  const pace = new Pace();
  drive(pace, { bytesPerSecond: 1e9, delayMs: 100 }, 5);
  t.is(pace.window, 262_144);
  const idle = new Pace();
  const before = idle.window;
  for (let number = 1; number < 50; number++) {
    idle.noteSent(60);
    t.is(idle.mark(number * 1_000), number);
    t.is(idle.echoed(number, number * 1_000 + 3, 1_000), 3);
  }
  t.is(idle.window, before);
});

test('pace › a long way is no queue: the window grows over a round trip of two seconds', (t) => {
  const pace = new Pace();
  drive(pace, { bytesPerSecond: 1e6, delayMs: 2_000 }, 60);
  t.true(pace.window > 65_536, `${pace.window}`);
});

test('pace › an echo of a heartbeat that was never sent, or twice, says nothing', (t) => {
  const pace = new Pace();
  pace.noteSent(20_000);
  t.is(pace.echoed(7, 10, 1_000), null);
  t.false(pace.hasRoom);
  t.is(pace.mark(0), 1);
  t.is(pace.echoed(1, 10, 1_000), 10);
  t.true(pace.hasRoom);
  t.is(pace.echoed(1, 20, 1_000), null);
});
