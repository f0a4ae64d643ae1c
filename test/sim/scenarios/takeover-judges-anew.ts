// alibaba/nacos#1873: a server that took over another's share believed its own old timestamps and
// deleted hosts that were alive. Here the new owner only knows that it is time to ask: it pings.
import { minute, type Scenario, Script, second } from './script.ts';

const living = ['10.0.0.1:4000', '10.0.0.2:4000', '10.0.0.3:4000'];
const dead = '10.0.0.4:4000';

export const takeoverJudgesAnew: Scenario = {
  thread: 'alibaba/nacos#1873',
  lesson: 'who takes over a share pings before it judges, however old its timestamps are',
  play(t) {
    const script = new Script({ servers: 2, shows: /crash|cut|dies|hear|deleted/ });
    const { fleet } = script;
    fleet.start();
    script.watchPeers();
    script.watchLists(...living, dead);
    script.at(second, () => {
      for (const address of [...living, dead]) fleet.host(address).register(0);
    });
    script.at(1 * minute, () => fleet.cut(0, 1));
    // For server-1 they were last seen in the first second.
    script.at(8 * minute, () => {
      script.say('all four are in contact with server-0, and server-1 cannot know');
      for (const address of [...living, dead]) fleet.host(address).ask('alive', 0);
    });
    script.at(9 * minute, () => {
      fleet.at(0).crash('machine');
      fleet.host(dead).die();
    });
    script.at(14 * minute);
    const [, heir] = fleet.servers;
    t.deepEqual(script.deleted, [dead]);
    for (const address of living) {
      t.true(heir?.serves(address), `${address} lives`);
      t.true(
        script.pinged.some((ping) => ping.server === heir && ping.address === address),
        `${address} was asked`,
      );
    }
    return script.transcript;
  },
  transcript: `
0:00:01 server-0: finds server-1 alive
0:00:01 server-1: finds server-0 alive
0:00:01 server-0: serves nobody
0:00:01 server-1: serves nobody
0:00:02 server-0: serves 10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4
0:00:02 server-1: serves 10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4
0:00:03 server-0: heard 10.0.0.3
0:00:03 server-1: heard 10.0.0.3
0:00:06 server-1: heard 10.0.0.1
0:00:06 server-0: heard 10.0.0.1
0:00:08 server-1: heard 10.0.0.4
0:00:08 server-0: heard 10.0.0.4
0:00:11 server-1: heard 10.0.0.2
0:00:11 server-0: heard 10.0.0.2
0:01:00 the line between server-0 and server-1 is cut
0:01:15 server-0: finds server-1 down
0:01:15 server-1: finds server-0 down
0:08:00 all four are in contact with server-0, and server-1 cannot know
0:09:00 server-0: the machine crashes
0:09:00 10.0.0.4 dies
0:09:43 server-1: heard 10.0.0.3
0:09:51 server-1: heard 10.0.0.2
0:10:09 server-1: did not hear 10.0.0.4
0:10:09 server-1: heard 10.0.0.1 10.0.0.2 10.0.0.3
0:10:19 server-1: heard 10.0.0.1 10.0.0.2 10.0.0.3
0:10:22 server-1: did not hear 10.0.0.4
0:10:29 server-1: heard 10.0.0.1 10.0.0.2 10.0.0.3
0:10:37 server-1: did not hear 10.0.0.4
0:10:39 server-1: heard 10.0.0.1 10.0.0.2 10.0.0.3
0:10:39 server-1: 10.0.0.4 did not answer; deleted
0:10:40 server-1: serves 10.0.0.1 10.0.0.2 10.0.0.3
`,
};
