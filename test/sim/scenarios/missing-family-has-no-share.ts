// bitcoin/bitcoin#8491: a node without IPv6 goes on trying IPv6 addresses for ever, each of them by itself, and nobody is
// told; "the node can learn which network types are working". Here one of three servers has no IPv6: it says so, has
// no share of those hosts, and the others delete those that died as if it were not there.
import { minute, type Scenario, Script } from './script.ts';

const address = (index: number) => `[2001:db8::${(index + 1).toString(16)}]:4000`;
const hosts = 120;
const dying = 60;

export const missingFamilyHasNoShare: Scenario = {
  thread: 'bitcoin/bitcoin#8491',
  lesson: 'a server without IPv6 is named by the others, and has no share of the IPv6 hosts',
  play(t) {
    const script = new Script({ servers: 3, shows: /cannot judge|can judge/ });
    const { fleet } = script;
    const served = () => fleet.servers.map((server) => server.live().length).join(', ');
    fleet.reach.takeIpv6(2);
    fleet.start();
    script.every(minute, 'list', () => `they serve ${served()} hosts`);
    script.populate(
      Array.from({ length: hosts }, (_, index) => address(index)),
      dying,
    );
    script.at(3 * minute, () => {
      script.say('sixty hosts die');
      for (let index = 0; index < dying; index++) fleet.host(address(index)).die();
    });
    script.at(25 * minute);
    const trials = script.pinged.filter(({ server }) => server === fleet.at(2));
    script.say(
      `server-2 tried ${trials.length} pings, the others made ${script.pinged.length - trials.length}`,
    );
    t.is(new Set(script.deleted).size, dying);
    for (const [index, server] of fleet.servers.entries()) {
      const named = server.view().filter(({ trouble }) => trouble?.includes('IPv6'));
      t.is(named.length, index === 2 ? 0 : 1, server.id);
    }
    return script.transcript;
  },
  transcript: `
0:00:26 server-0: 10.9.0.3:4524 cannot judge IPv6 hosts: it cannot send pings to them, so others judge its share of these; look at its addresses, routes and open files
0:00:26 server-1: 10.9.0.3:4524 cannot judge IPv6 hosts: it cannot send pings to them, so others judge its share of these; look at its addresses, routes and open files
0:01:00 they serve 120, 120, 120 hosts
0:03:00 sixty hosts die
0:11:00 they serve 100, 100, 100 hosts
0:12:00 they serve 63, 63, 63 hosts
0:13:00 they serve 60, 60, 60 hosts
0:25:00 server-2 tried 361 pings, the others made 660
`,
};
