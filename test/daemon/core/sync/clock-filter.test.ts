// The clock of a peer, from round trips that waited more or less.
import test from 'ava';
import { ClockFilter } from '../../../../daemon/core/sync/clock-filter.ts';

/** A heartbeat that waited on the way there and back; the peer's clock is `offsetMs` ahead. */
function sample(at: number, offsetMs: number, thereMs: number, backMs: number) {
  const roundTripMs = thereMs + backMs;
  return { at, roundTripMs, clockMs: offsetMs + thereMs - roundTripMs / 2 };
}

test('clock filter › of eight measurements the one that waited least counts', (t) => {
  const filter = new ClockFilter();
  t.is(filter.note(sample(0, 100, 20, 22), 1_000), 99);
  t.is(filter.note(sample(1_000, 100, 40_000, 20), 1_000), 99, 'half of the wait would be 20 s');
  for (let second = 2; second < 8; second++)
    filter.note(sample(second * 1_000, 100, 900, 20), 1_000);
  t.is(filter.note(sample(8_000, 100, 900, 20), 1_000), 540, 'the first is forgotten');
});

test('clock filter › many measurements in a moment count as one, the best of them', (t) => {
  const filter = new ClockFilter();
  filter.note(sample(0, 100, 20, 20), 1_000);
  for (let ms = 1_000; ms < 1_900; ms += 10) filter.note(sample(ms, 100, 500, 20), 1_000);
  t.is(filter.note(sample(2_000, 100, 500, 20), 1_000), 100);
});

test('clock filter › a clock that was set is noticed at once', (t) => {
  const filter = new ClockFilter();
  filter.note(sample(0, 0, 1, 1), 1_000);
  t.is(filter.note(sample(1_000, 70_000, 200, 0), 1_000), 70_100);
  t.is(filter.note(sample(2_000, 70_000, 1, 1), 1_000), 70_000);
  filter.clear();
  t.is(filter.note(sample(3_000, 0, 30, 0), 1_000), 15);
});
