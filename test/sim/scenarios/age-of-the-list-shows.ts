// bitcoin/bitcoin#36072: a seeder served dead addresses for days, and nobody noticed. Here the status
// tells since when the most silent host was not heard of, and how many pings were answered: the age
// is at most a TTL and its pings while all is well, and an alarm above that needs no more knowledge.
import { hour, minute, type Scenario, Script, second } from './script.ts';

const address = (index: number) => `10.0.0.${index + 1}:4000`;
const hosts = 40;
const ttlMs = 10 * minute;

/** A TTL and its jitter, the round over the registry that finds the host, its ping. */
const healthyMs = ttlMs * 1.05 + ttlMs / 30;

export const ageOfTheListShows: Scenario = {
  thread: 'bitcoin/bitcoin#36072',
  lesson: 'a list that is not kept any more shows its age',
  play(t) {
    const script = new Script({ servers: 1, ttlMs, shows: /freezes deletes: [ci]|may delete/ });
    const { fleet } = script;
    const server = fleet.at(0);
    let [sent, answered] = [0, 0];
    const report = (): number => {
      const { process } = server;
      const status = process?.expiry.status();
      const counters = process?.counters ?? { pingsSent: 0, pingsAnswered: 0 };
      const ageMs = server.clock.now().wall - (status?.oldestSeen ?? 0);
      const pings = counters.pingsSent - sent;
      const heard = counters.pingsAnswered - answered;
      script.say(
        `oldest seen ${Math.round(ageMs / minute)} min ago, ${Math.round((100 * heard) / Math.max(1, pings))} % of pings answered, ${server.live().length} hosts served`,
      );
      [sent, answered] = [counters.pingsSent, counters.pingsAnswered];
      return ageMs;
    };
    fleet.start();
    for (let index = 0; index < hosts; index++)
      script.at((1 + 10 * index) * second, () => fleet.host(address(index)).register(0));
    for (const time of [15, 30, 45].map((minutes) => minutes * minute))
      script.at(time, () => t.true(report() <= healthyMs));
    // A firewall lets nodes in and pings out no more;
    // one host keeps in touch.
    const blocked = () => {
      script.say('a firewall drops the pings; three quarters of the hosts die');
      for (let index = 0; index < hosts; index++) {
        if (index % 4 > 0) fleet.host(address(index)).die();
        fleet.reach.deafen(0, address(index));
      }
    };
    const visitor = '10.0.1.1:4000';
    const visit = () => {
      fleet.host(visitor).ask('query', 0);
      fleet.world.after(5 * second, visit);
    };
    script.at(46 * minute, () => {
      blocked();
      visit();
    });
    script.at(1 * hour, () => t.true(report() > healthyMs, 'a first sign, after a TTL and a half'));
    script.at(2 * hour, () => t.true(report() > 5 * ttlMs, 'beyond doubt'));
    script.at(2 * hour + minute, () => {
      script.say('the firewall is set right');
      for (let index = 0; index < hosts; index++) fleet.reach.undeafen(0, address(index));
    });
    script.at(2 * hour + 15 * minute, () => t.true(report() <= healthyMs));
    t.is(server.live().length, hosts / 4 + 1, 'the living ones and the visitor');
    return script.transcript;
  },
  transcript: `
0:00:24 server-0: may delete
0:15:00 oldest seen 10 min ago, 100 % of pings answered, 40 hosts served
0:30:00 oldest seen 9 min ago, 100 % of pings answered, 40 hosts served
0:45:00 oldest seen 11 min ago, 100 % of pings answered, 40 hosts served
0:46:00 a firewall drops the pings; three quarters of the hosts die
0:48:20 server-0: freezes deletes: canaries
1:00:00 oldest seen 22 min ago, 0 % of pings answered, 41 hosts served
2:00:00 oldest seen 82 min ago, 0 % of pings answered, 41 hosts served
2:01:00 the firewall is set right
2:01:18 server-0: may delete
2:15:00 oldest seen 2 min ago, 37 % of pings answered, 11 hosts served
`,
};
