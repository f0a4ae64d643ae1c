// hashicorp/memberlist#222: a partition never healed, because peers that were taken for dead were
// not dialled again. Here a configured peer is dialled for ever, every two seconds at most.
import { hour, minute, type Scenario, Script, second } from './script.ts';

export const partitionOfHoursHeals: Scenario = {
  thread: 'hashicorp/memberlist#222',
  lesson: 'a partition of hours heals within seconds, though every peer was down',
  play(t) {
    const script = new Script({ servers: 3, ttlMs: hour, shows: /split|mended/ });
    const { fleet } = script;
    const [here, there] = ['10.0.0.1:4000', '10.0.0.2:4000'];
    fleet.start();
    script.watchPeers();
    script.watchLists(here, there);
    script.at(1 * minute, () => fleet.partition([0], [1, 2]));
    script.at(2 * minute, () => {
      fleet.host(here).register(0);
      fleet.host(there).register(2);
    });
    const healed = 2 * hour;
    script.at(healed, () => fleet.heal());
    const isWhole = () =>
      fleet.isOneList() &&
      fleet.servers.every((server) => server.view().every(({ state }) => state === 'alive'));
    t.true(fleet.world.runUntil(isWhole, 10 * second), 'one list, and every peer is there');
    script.at(healed + minute);
    t.deepEqual(
      fleet.servers.map((server) => server.live().length),
      [2, 2, 2],
    );
    return script.transcript;
  },
  transcript: `
0:00:01 server-0: finds server-1 alive
0:00:01 server-0: finds server-2 alive
0:00:01 server-1: finds server-0 alive
0:00:01 server-1: finds server-2 alive
0:00:01 server-2: finds server-0 alive
0:00:01 server-2: finds server-1 alive
0:00:01 server-0: serves nobody
0:00:01 server-1: serves nobody
0:00:01 server-2: serves nobody
0:01:00 the fleet is split: 0 | 1 2
0:01:15 server-0: finds server-1 down
0:01:15 server-0: finds server-2 down
0:01:15 server-1: finds server-0 down
0:01:15 server-2: finds server-0 down
0:02:01 server-0: serves 10.0.0.1
0:02:01 server-1: serves 10.0.0.2
0:02:01 server-2: serves 10.0.0.2
2:00:00 every line is mended
2:00:01 server-0: finds server-1 alive
2:00:01 server-0: finds server-2 alive
2:00:01 server-1: finds server-0 alive
2:00:01 server-2: finds server-0 alive
2:00:01 server-0: serves 10.0.0.1 10.0.0.2
2:00:01 server-1: serves 10.0.0.1 10.0.0.2
2:00:01 server-2: serves 10.0.0.1 10.0.0.2
`,
};
