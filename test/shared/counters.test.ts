import test from 'ava';
import { counterFamilies, counterNames } from '../../shared/counters.ts';

const series = counterFamilies.flatMap(({ metric, counters }) =>
  Object.values(counters).map((labels) => `${metric} ${JSON.stringify(labels)}`),
);

test('counters › each is a series of its own', (t) => {
  t.is(new Set(counterNames).size, counterNames.length);
  t.is(new Set(series).size, counterNames.length);
  t.is(new Set(counterFamilies.map(({ metric }) => metric)).size, counterFamilies.length);
});

test("counters › their metrics are named by Prometheus' conventions", (t) => {
  for (const { metric, help, counters } of counterFamilies) {
    t.regex(metric, /^ddns_[a-z]+(_[a-z]+)*_total$/);
    t.regex(help, /^[A-Z].*[^.]$/, metric);
    const labels = Object.values(counters).map((each) => Object.keys(each).join());
    t.is(new Set(labels).size, 1, `${metric}: each series has the same labels`);
  }
});
