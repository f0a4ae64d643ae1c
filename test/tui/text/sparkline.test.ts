import test from 'ava';
import { columnsWithin } from '../../../tui/components/table-columns.ts';
import { applyDelta, dataFromSnapshot } from '../../../tui/state/daemon-data.ts';
import { sparkline } from '../../../tui/text/sparkline.ts';
import { peerColumns } from '../../../tui/views/peers/peer-table.ts';
import { fixedDelta, fixedNow, fixedPeers, fixedSnapshot } from '../fixture-data.ts';

test('sparkline › the latest values are in proportion to the highest, unknown ones blank', (t) => {
  t.is(sparkline([0, 1, 2, 3, 4, 5, 6], 10), '▁▂▃▄▅▆▇');
  t.is(sparkline([9, 9, 6, null, 3], 3), '▇ ▄');
  t.is(sparkline([0, 0], 3), '▁▁');
  t.is(sparkline([], 3), '');
});

test('sparkline › a peer’s round trips are kept every five seconds, and shown where there is room', (t) => {
  const peers = fixedPeers();
  const [first] = peers;
  let data = dataFromSnapshot(fixedSnapshot({ peers }), 0);
  for (let second = 1; second <= 400; second++) {
    const now = peers.map((peer) => ({ ...peer, roundTripMs: second }));
    data = applyDelta(data, fixedDelta({ status: { peers: now } }), second * 1_000);
  }
  const trips = data.trips.byPeer;
  t.is(trips.get(first?.address ?? '')?.length, 60);
  t.deepEqual(trips.get(first?.address ?? '')?.slice(-2), [395, 400]);
  const titles = (width: number, known?: typeof trips) =>
    columnsWithin(
      peerColumns(peers, new Map(), fixedNow, () => false, known),
      width,
    ).map(({ name, title = name }) => title);
  t.true(titles(143, trips).includes('round trips'), 'beside the details, at 200 columns');
  t.false(titles(78, trips).includes('round trips'));
  t.false(titles(200).includes('round trips'), 'in print there is no time to look at');
});
