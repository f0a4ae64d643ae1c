// grafana/dskit#1016: under last-write-wins one timestamp from the future could never be overwritten.
// Here a version from more than 60 s ahead is refused and moves no other clock. What a server said
// while its own clock was ahead is stamped anew when it is right, within seconds, and published again.
import { minute, type Scenario, Script, second } from './script.ts';

const early = '10.0.0.1:4000';
const late = '10.0.0.2:4000';
const aheadMs = 5 * minute;

export const futureIsRefused: Scenario = {
  thread: 'grafana/dskit#1016',
  lesson: 'a version from the future is refused, moves no clock, and is not immortal',
  play(t) {
    const script = new Script({ servers: 2, shows: /clock is set|says/ });
    const { fleet } = script;
    const [right, wrong] = fleet.servers;
    const refused = () => right?.process?.counters.changesRefused ?? 0;
    const isAhead = (address: string) => {
      const record = right?.live().find((each) => each.address === address);
      return (record?.version.ms ?? 0) > (right?.clock.now().wall ?? 0);
    };
    fleet.start();
    script.watchLists(early, late);
    script.at(1 * minute, () => wrong?.setClock(aheadMs));
    script.at(2 * minute, () => fleet.host(early).register(1));
    script.at(2 * minute + 5 * second, () => {
      script.say(`server-0: has refused ${refused()} change of server-1`);
      t.is(refused(), 1);
    });
    // It took nothing of that clock: its own versions are of the present.
    script.at(3 * minute, () => fleet.host(late).register(0));
    script.at(3 * minute + 5 * second, () => t.false(isAhead(late)));
    script.at(4 * minute, () => wrong?.setClock(0));
    script.at(4 * minute + 10 * second, () => t.true(right?.serves(early) && !isAhead(early)));
    script.at(9 * minute, () => {
      fleet.host(early).leave(0);
      fleet.host(late).leave(1);
    });
    script.at(10 * minute);
    for (const server of fleet.servers) t.deepEqual(server.live(), [], server.id);
    return script.transcript;
  },
  transcript: `
0:00:01 server-0: serves nobody
0:00:01 server-1: serves nobody
0:01:00 server-1: its clock is set to 300000 ms from true
0:02:00 server-1: 10.0.0.1 says query
0:02:01 server-1: serves 10.0.0.1
0:02:05 server-0: has refused 1 change of server-1
0:03:00 server-0: 10.0.0.2 says query
0:03:01 server-0: serves 10.0.0.2
0:03:01 server-1: serves 10.0.0.1 10.0.0.2
0:04:00 server-1: its clock is set to 0 ms from true
0:04:04 server-0: serves 10.0.0.1 10.0.0.2
0:09:00 server-0: 10.0.0.1 says leave
0:09:00 server-1: 10.0.0.2 says leave
0:09:01 server-0: serves nobody
0:09:01 server-1: serves nobody
`,
};
