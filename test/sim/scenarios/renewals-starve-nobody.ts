// Netflix/eureka#1509: renewals, most of what hosts say, filled the batches between servers, and new
// hosts came late. Here a renewal is a change only when it moves last seen by a quarter of the TTL.
import { minute, type Scenario, Script, second } from './script.ts';

const address = (index: number) => `10.0.1.${index + 1}:4000`;
const newcomer = '10.0.2.1:4000';
const hosts = 100;

/** From the host's word to the other server's list: a commit at each end and the way between. */
const promptMs = 250;

export const renewalsStarveNobody: Scenario = {
  thread: 'Netflix/eureka#1509',
  lesson: 'fast renewals are not passed on, and do not delay what is',
  play(t) {
    const script = new Script({ servers: 2 });
    const { fleet } = script;
    const [here, there] = [fleet.at(0), fleet.at(1)];
    const sent = () => here.process?.counters.changesSent ?? 0;
    fleet.start();
    script.at(second, () => {
      for (let index = 0; index < hosts; index++) fleet.host(address(index)).register(0);
    });
    let before = 0;
    let renewals = 0;
    const renew = (index: number) => {
      if (fleet.world.now > 65 * second) return;
      fleet.host(address(index)).ask('alive', 0, () => renewals++);
      fleet.world.after(second, () => renew(index));
    };
    script.at(5 * second, () => {
      before = sent();
      script.say(`server-0 has sent ${before} changes; its ${hosts} hosts renew every second now`);
      for (let index = 0; index < hosts; index++) renew(index);
    });
    script.at(30 * second, () => fleet.host(newcomer).register(0));
    fleet.world.runUntil(() => there.serves(newcomer), 5 * second, 5);
    const lagMs = fleet.world.now - 30 * second;
    script.say(`a newcomer at server-0 is served by server-1 within ${promptMs} ms`);
    script.at(1 * minute + 10 * second, () =>
      script.say(`after ${renewals} renewals server-0 has sent ${sent() - before} change more`),
    );
    t.true(lagMs < promptMs, `${lagMs} ms`);
    t.is(renewals, 61 * hosts);
    t.is(sent() - before, 1, 'the newcomer');
    // A quarter of the TTL after they came, a renewal is published, once.
    script.at(2 * minute + 40 * second, () => {
      for (let index = 0; index < hosts; index++) fleet.host(address(index)).ask('alive', 0);
    });
    script.at(2 * minute + 45 * second, () =>
      script.say(`after a quarter of the TTL it has sent ${sent() - before - 1} renewals`),
    );
    t.is(sent() - before - 1, hosts);
    return script.transcript;
  },
  transcript: `
0:00:05 server-0 has sent 100 changes; its 100 hosts renew every second now
0:00:30 a newcomer at server-0 is served by server-1 within 250 ms
0:01:10 after 6100 renewals server-0 has sent 1 change more
0:02:45 after a quarter of the TTL it has sent 100 renewals
`,
};
