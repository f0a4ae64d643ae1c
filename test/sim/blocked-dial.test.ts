// A firewall lets one of two name servers dial the other, and not the other way round (syncthing/syncthing#2359,
// corosync/corosync#750: one side sees the other, and neither says what is wrong).
import test from 'ava';
import { seed } from '../fixture/random.ts';
import { Fleet } from './fleet.ts';

/** A commit, a message each way, and a heartbeat until the one connection serves both. */
const promptMs = 3_000;

test('blocked dial › what either server learns reaches the other at once over the one connection there is', (t) => {
  t.log(`SEED=${seed}`);
  const fleet = new Fleet({ servers: 2, seed });
  const address = (index: number) => `10.1.0.${index}:4000`;
  const check = (index: number, when: string) => {
    for (const server of [0, 1]) fleet.host(address(index + server)).register(server);
    fleet.run(promptMs);
    for (const server of fleet.servers)
      for (const at of [index, index + 1])
        t.true(server.serves(address(at)), `${server.id} ${when}`);
  };
  fleet.reach.blockDial(1, 0);
  fleet.start();
  check(1, 'from the start');
  fleet.reset(0, 1);
  fleet.run(promptMs);
  check(3, 'after the connection broke');
  fleet.run(60_000);
  for (const server of fleet.servers) {
    const [peer] = server.view();
    t.like(peer, { state: 'alive', lag: 0, sharesWork: true }, server.id);
    t.true((peer?.roundTripMs ?? 9_999) < 1_000, server.id);
  }
  fleet.unblockDial(1, 0);
  fleet.run(promptMs);
  check(5, 'when both can dial again');
  fleet.blockDial(0, 1);
  fleet.run(promptMs);
  check(7, 'and the other way round');
  t.is(fleet.servers.flatMap(({ process }) => [...(process?.wires ?? [])]).length, 2);
});
