// ethereum/go-ethereum#20630: a node that was itself offline found everybody else dead and emptied
// its table. Here a server that has no proof of its own network deletes nobody, however long that is.
import { hour, minute, type Scenario, Script, second } from './script.ts';

const address = (index: number) => `10.0.0.${index + 1}:4000`;
const hosts = 8;
const [mortal] = [address(7)];

export const offlineServerKeepsItsList: Scenario = {
  thread: 'ethereum/go-ethereum#20630',
  lesson: 'a server that is itself offline deletes nobody, and goes on by itself',
  play(t) {
    const script = new Script({ servers: 2, shows: /network|delete|dies/ });
    const { fleet } = script;
    const offline = fleet.at(0);
    const served = () => offline.live().length;
    let mostSilent = 0;
    fleet.start();
    script.watchPeers();
    script.every(minute, 'list', () => `server-0: serves ${served()} hosts`);
    script.at(second, () => {
      for (let index = 0; index < hosts; index++) fleet.host(address(index)).register(index % 2);
    });
    script.at(5 * minute, () => fleet.isolate(0));
    script.at(6 * minute, () => fleet.host(mortal ?? '').die());
    script.at(1 * hour, () => {
      mostSilent = script.pinged.filter(({ server }) => server === offline).length;
      script.say(`server-0 has pinged ${mostSilent > 0 ? 'in vain' : 'nobody'} for an hour`);
      t.is(served(), hosts);
      t.true(mostSilent > 2 * hosts);
      fleet.rejoin(0);
    });
    script.at(hour + 15 * minute);
    t.deepEqual([...new Set(script.deleted)], [mortal]);
    for (const server of fleet.servers) t.is(server.live().length, hosts - 1, server.id);
    t.is(offline.process?.expiry.status().selfPreservation.reason, null);
    return script.transcript;
  },
  transcript: `
0:00:00 server-0: freezes deletes: starting
0:00:00 server-1: freezes deletes: starting
0:00:01 server-0: finds server-1 alive
0:00:01 server-1: finds server-0 alive
0:00:24 server-0: may delete
0:00:24 server-1: may delete
0:01:00 server-0: serves 8 hosts
0:05:00 server-0 loses its network
0:05:15 server-0: finds server-1 down
0:05:15 server-1: finds server-0 down
0:06:00 10.0.0.8 dies
0:09:46 server-0: freezes deletes: canaries
0:10:03 server-0: freezes deletes: isolated
0:10:26 server-1: 10.0.0.8 did not answer; deleted
1:00:00 server-0 has pinged in vain for an hour
1:00:00 server-0 has its network again
1:00:00 server-0: freezes deletes: canaries
1:00:00 server-1: 10.9.0.1:4524 cannot judge hosts: too few of them answer its pings, so it deletes none, and others judge its share; look at its network and firewalls
1:00:01 server-0: finds server-1 alive
1:00:01 server-1: finds server-0 alive
1:00:04 server-0: may delete
1:00:46 server-1: 10.0.0.8 did not answer; deleted
1:01:00 server-0: serves 7 hosts
`,
};
