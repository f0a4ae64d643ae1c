// alibaba/nacos#8090: a pause of two minutes made everything look expired. Here a server that
// notices that nothing ran for a while begins anew with whoever it suspected, and deletes nobody
// before a whole cycle of pings has passed.
import { minute, type Scenario, Script, second } from './script.ts';

const living = ['10.0.0.1:4000', '10.0.0.2:4000', '10.0.0.3:4000', '10.0.0.4:4000'];
const dead = '10.0.0.5:4000';

export const pauseExpiresNobody: Scenario = {
  thread: 'alibaba/nacos#8090',
  lesson: 'a pause of two minutes expires nobody',
  play(t) {
    const script = new Script({ servers: 1, shows: /sleeps|dies|hear|delete/ });
    const { fleet } = script;
    const server = fleet.at(0);
    const reason = () => server.process?.expiry.status().selfPreservation.reason;
    fleet.start();
    script.at(second, () => {
      for (const address of [...living, dead]) fleet.host(address).register(0);
    });
    // In the midst of the pings: some hosts are due, others will be while nothing runs.
    script.at(9 * minute + 40 * second, () => {
      fleet.host(dead).die();
      server.sleep(2 * minute, false);
    });
    const awake = 11 * minute + 40 * second;
    script.at(awake, () =>
      script.say('it wakes up; every host was silent for longer than the TTL'),
    );
    script.at(awake + 2 * second, () => {
      t.is(reason(), 'stalled');
      t.deepEqual(script.deleted, []);
    });
    script.at(awake + 2 * minute);
    t.deepEqual(script.deleted, [dead]);
    t.is(reason(), null);
    for (const address of living) t.true(server.serves(address), `${address} lives`);
    return script.transcript;
  },
  transcript: `
0:00:00 server-0: freezes deletes: starting
0:00:03 server-0: heard 10.0.0.4
0:00:05 server-0: heard 10.0.0.1
0:00:07 server-0: heard 10.0.0.5
0:00:09 server-0: heard 10.0.0.3
0:00:11 server-0: heard 10.0.0.2
0:00:24 server-0: may delete
0:09:40 10.0.0.5 dies
0:09:40 server-0: sleeps for 120000 ms
0:11:40 server-0: freezes deletes: stalled
0:11:40 it wakes up; every host was silent for longer than the TTL
0:11:40 server-0: heard 10.0.0.2
0:11:42 server-0: heard 10.0.0.4
0:11:44 server-0: heard 10.0.0.1
0:11:47 server-0: did not hear 10.0.0.5
0:11:47 server-0: heard 10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4
0:11:49 server-0: did not hear 10.0.0.5
0:11:57 server-0: heard 10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4
0:11:59 server-0: did not hear 10.0.0.5
0:12:00 server-0: did not hear 10.0.0.5
0:12:04 server-0: may delete
0:12:05 server-0: did not hear 10.0.0.5
0:12:07 server-0: heard 10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4
0:12:09 server-0: did not hear 10.0.0.5
0:12:17 server-0: heard 10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4
0:12:18 server-0: did not hear 10.0.0.5
0:12:19 server-0: did not hear 10.0.0.5
0:12:27 server-0: heard 10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4
0:12:29 server-0: did not hear 10.0.0.5
0:12:33 server-0: did not hear 10.0.0.5
0:12:37 server-0: heard 10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4
0:12:39 server-0: did not hear 10.0.0.5
0:12:39 server-0: 10.0.0.5 did not answer; deleted
`,
};
