// The flood of `npm run bench -- flood`, for a few seconds: honest clients are served, and every connection is
// counted once, by what became of it.
import test from 'ava';
import { askHonestly, flood } from '../../fixture/flood.ts';
import { startTestServer } from '../../fixture/name-server.ts';

test('flood › honest clients are served through it, and the counters add up to the connections', async (t) => {
  t.timeout(60_000);
  const server = await startTestServer(t, { settings: { backlog: 40 } });
  const { port } = server;
  const [attack, honest] = await Promise.all([
    flood({ port, connections: 1_000, seconds: 4 }),
    askHonestly({ port, perSecond: 20, seconds: 4 }),
  ]);
  const { counters, backlog } = await server.until(({ connections }) => connections.open === 0);
  t.log(attack, counters.displaced, backlog.peak);
  t.is(attack.made, 1_000);
  t.deepEqual([honest.asked, honest.served], [80, 80]);
  t.true(counters.displaced > 0, 'it was a flood');
  t.is(counters.malformed, 200, 'the garbage');
  t.is(counters.connections, attack.made + honest.asked);
  const { queries, malformed, busy, displaced, timedOut, evicted } = counters;
  t.is(
    queries + malformed + busy + displaced + timedOut + evicted + attack.left,
    counters.connections,
  );
  t.is(attack.told.busy, busy + displaced);
});
