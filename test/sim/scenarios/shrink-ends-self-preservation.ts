// Netflix/eureka#1073, #1267: after a real shrink self-preservation stayed on for ever. Here it asks
// for proof that this server's network works, which the hosts that are left give.
import { minute, type Scenario, Script, second } from './script.ts';

const address = (index: number) => `10.0.0.${index + 1}:4000`;
const hosts = 60;
const survivors = 20;

export const shrinkEndsSelfPreservation: Scenario = {
  thread: 'Netflix/eureka#1073, #1267',
  lesson: 'after a real shrink to a third self-preservation ends by itself, and the dead are gone',
  play(t) {
    const script = new Script({ servers: 2, shows: /deletes$|deletes:|may delete/ });
    const { fleet } = script;
    const server = fleet.at(0);
    fleet.start();
    script.every(20 * second, 'list', () => `both serve ${server.live().length} hosts`);
    // Those who will die are the ones last heard of, so that they are the canaries too.
    for (let index = 0; index < hosts; index++)
      script.at((index + 1) * second, () => fleet.host(address(index)).register(index % 2));
    script.at(2 * minute, () => {
      script.say(`${hosts - survivors} of ${hosts} hosts die`);
      for (let index = survivors; index < hosts; index++) fleet.host(address(index)).die();
    });
    script.at(16 * minute);
    for (const each of fleet.servers) {
      t.is(each.process?.expiry.status().selfPreservation.reason, null, each.id);
      t.is(each.live().length, survivors, each.id);
      for (let index = 0; index < survivors; index++) t.true(each.serves(address(index)));
    }
    t.regex(script.transcript, /freezes deletes: canaries/, 'it was on');
    return script.transcript;
  },
  transcript: `
0:00:00 server-0: freezes deletes: starting
0:00:00 server-1: freezes deletes: starting
0:00:20 both serve 19 hosts
0:00:24 server-0: may delete
0:00:24 server-1: may delete
0:00:40 both serve 39 hosts
0:01:00 both serve 59 hosts
0:01:20 both serve 60 hosts
0:02:00 40 of 60 hosts die
0:10:13 server-1: freezes deletes: canaries
0:10:23 server-0: freezes deletes: canaries
0:10:33 server-1: may delete
0:10:43 server-0: may delete
0:11:20 both serve 52 hosts
0:11:40 both serve 49 hosts
0:12:00 both serve 42 hosts
0:12:20 both serve 38 hosts
0:12:40 both serve 34 hosts
0:13:00 both serve 25 hosts
0:13:20 both serve 20 hosts
`,
};
