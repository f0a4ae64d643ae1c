// Two name servers behind a line of 64 kbit/s, in virtual time: a hundred times more waits than it carries in the time
// after which a peer counts as dead. What is sent in between counts, and what is measured. Others lost their connections
// there (syncthing/syncthing#1751, "Ping timeout during index exchange").
import test from 'ava';
import { seed } from '../fixture/random.ts';
import { Fleet } from './fleet.ts';

const bytesPerSecond = 8_000;
const hosts = 6_000;

/** At the other server, one a second while that comes. */
const latecomers = 60;

/** Of one record on the wire, at most. */
const recordBytes = 140;

/** One server knows `hosts` hosts, then the other comes, and both go on registering. */
function joining(): Fleet {
  const fleet = new Fleet({ servers: 2, seed, maxHosts: hosts + 1_000, skewMs: 0 });
  const { world, network } = fleet;
  fleet.at(0).start();
  for (let index = 0; index < hosts; index++)
    fleet.host(`10.1.${index >> 8}.${index & 255}:4000`).register(0);
  fleet.run(60_000);
  network.narrowTo(0, 1, bytesPerSecond);
  fleet.at(1).start();
  for (let index = 0; index < latecomers; index++)
    world.after(index * 1_000, () => fleet.host(`10.2.0.${index}:4000`).register(1));
  return fleet;
}

test('narrow line › a joiner gets 6,000 hosts over 64 kbit/s, and no connection is given up', (t) => {
  t.log(`SEED=${seed}`);
  const fleet = joining();
  const all = hosts + latecomers;
  const needed = ((hosts * recordBytes) / bytesPerSecond) * 1_000;
  const isThere = () => fleet.servers.every((server) => server.live().length === all);
  t.true(
    fleet.world.runUntil(isThere, 1.25 * needed, 1_000),
    `${fleet.servers.map((each) => each.live().length)} came`,
  );
  const lost = fleet.servers.flatMap(({ events }) => events.filter(({ kind }) => kind === 'lost'));
  t.deepEqual(lost, []);
  t.true(fleet.network.bytes < 1.2 * all * recordBytes, `${fleet.network.bytes} bytes were sent`);
});

test('narrow line › heartbeats overtake data: clock and round trip are measured as on an empty line', (t) => {
  const fleet = joining();
  let worst = { clockMs: 0, roundTripMs: 0 };
  const look = () => {
    for (const server of fleet.servers)
      for (const { clockMs, roundTripMs } of server.view())
        worst = {
          clockMs: Math.max(worst.clockMs, Math.abs(clockMs ?? 0)),
          roundTripMs: Math.max(worst.roundTripMs, roundTripMs ?? 0),
        };
    fleet.world.after(250, look);
  };
  // Until the pace is found.
  fleet.run(20_000);
  look();
  fleet.run(200_000);
  t.true(worst.clockMs < 500, `a clock that is right was off by ${worst.clockMs} ms`);
  t.true(worst.roundTripMs < 6_000, `a heartbeat took ${worst.roundTripMs} ms`);
});
