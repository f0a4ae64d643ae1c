// hashicorp/consul#1212: one member whose network did not work decided over the health of all others.
// Here the pings of one of two servers reach nobody, though it hears its peer and its hosts: it deletes
// nobody, and hosts that died go all the same, whoever's share they are.
import { minute, type Scenario, Script } from './script.ts';

const address = (index: number) => `10.0.0.${index + 1}:4000`;
const hosts = 20;
const dying = 10;

export const muteServerStopsNoDelete: Scenario = {
  thread: 'hashicorp/consul#1212',
  lesson: 'a server whose pings reach nobody deletes nobody, and keeps no other from deleting',
  play(t) {
    const script = new Script({ servers: 2, shows: /ping|freezes|may|deleted/ });
    const { fleet } = script;
    const served = () => fleet.servers.map((server) => server.live().length).join(' and ');
    fleet.start();
    script.every(minute, 'list', () => `they serve ${served()} hosts`);
    script.populate(
      Array.from({ length: hosts }, (_, index) => address(index)),
      dying,
    );
    script.at(2 * minute, () => fleet.mute(0));
    script.at(3 * minute, () => {
      script.say('ten hosts die');
      for (let index = 0; index < dying; index++) fleet.host(address(index)).die();
    });
    script.at(25 * minute);
    for (const server of fleet.servers) t.is(server.live().length, hosts - dying, server.id);
    t.is(new Set(script.deleted).size, dying);
    t.true(script.transcript.includes('server-0: freezes deletes: canaries'));
    t.false(/server-0: \S+ did not answer; deleted/.test(script.transcript));
    return script.transcript;
  },
  transcript: `
0:00:00 server-0: freezes deletes: starting
0:00:00 server-1: freezes deletes: starting
0:00:24 server-0: may delete
0:00:24 server-1: may delete
0:01:00 they serve 20 and 20 hosts
0:02:00 no ping of server-0 arrives any more
0:03:00 ten hosts die
0:09:58 server-0: freezes deletes: canaries
0:09:59 server-1: 10.9.0.1:4524 cannot judge hosts: too few of them answer its pings, so it deletes none, and others judge its share; look at its network and firewalls
0:10:46 server-1: 10.0.0.3 did not answer; deleted
0:10:46 server-1: 10.0.0.2 did not answer; deleted
0:10:56 server-1: 10.0.0.8 did not answer; deleted
0:11:00 they serve 19 and 19 hosts
0:11:06 server-1: 10.0.0.4 did not answer; deleted
0:11:06 server-1: 10.0.0.6 did not answer; deleted
0:11:26 server-1: 10.0.0.7 did not answer; deleted
0:11:36 server-1: 10.0.0.10 did not answer; deleted
0:11:36 server-1: 10.0.0.9 did not answer; deleted
0:11:46 server-1: 10.0.0.1 did not answer; deleted
0:11:46 server-1: 10.0.0.5 did not answer; deleted
0:11:56 server-1: 10.0.0.2 did not answer; deleted
0:12:00 they serve 14 and 14 hosts
0:12:06 server-1: 10.0.0.8 did not answer; deleted
0:12:16 server-1: 10.0.0.4 did not answer; deleted
0:12:26 server-1: 10.0.0.6 did not answer; deleted
0:12:46 server-1: 10.0.0.10 did not answer; deleted
0:13:00 they serve 10 and 10 hosts
`,
};
