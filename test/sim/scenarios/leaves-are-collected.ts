// hashicorp/memberlist#253: records of those who had left were never collected, the frame with the
// whole state outgrew its limit, and nobody could join any more. Here tombstones have an end, and no
// frame grows with what is gone. Tombstones live for two minutes in this story: that is a day.
import { encodeSync } from '../../../shared/protocol/sync-message.ts';
import { minute, type Scenario, Script, second } from './script.ts';

const tombstoneMs = 2 * minute;
const days = 21;
const perDay = 50;
const staying = 10;

const address = (day: number, index: number) => `10.1.${day}.${index + 1}:4000`;

export const leavesAreCollected: Scenario = {
  thread: 'hashicorp/memberlist#253',
  lesson: 'a host that left long ago is forgotten, and a new server learns nothing of it',
  play(t) {
    const script = new Script({ servers: 3 });
    const { fleet } = script;
    const [first, other, fresh] = fleet.servers;
    const start = (index: number) => {
      fleet.at(index).start();
      const { process } = fleet.at(index);
      if (process !== null) process.registry.tombstoneMs = tombstoneMs;
    };
    const tombstones = () => first?.process?.registry.gone.length ?? 0;
    // Servers that are equal do not compare; this is what they would say.
    const digestBytes = () => {
      const buckets = first?.process?.registry.digest.buckets() ?? '';
      return encodeSync({ kind: 'digest', buckets }).length;
    };
    start(0);
    start(1);
    script.at(second, () => {
      for (let index = 0; index < staying; index++) fleet.host(address(0, index)).register(0);
    });
    let most = 0;
    const digests: number[] = [];
    for (let day = 1; day <= days; day++) {
      const morning = day * tombstoneMs;
      script.at(morning, () => {
        for (let index = 0; index < perDay; index++) fleet.host(address(day, index)).register(1);
      });
      script.at(morning + minute, () => {
        for (let index = 0; index < staying; index++) fleet.host(address(0, index)).ask('alive', 0);
        for (let index = 0; index < perDay; index++) fleet.host(address(day, index)).leave(0);
      });
      script.at(morning + minute + 10 * second, () => {
        most = Math.max(most, tombstones());
        digests.push(digestBytes());
        if (day === 1 || day % 7 === 0)
          script.say(
            `day ${day}: ${day * perDay} have left, ${tombstones()} tombstones, a digest has ${digestBytes()} bytes`,
          );
      });
    }
    const sent = () => (first?.process?.counters.changesSent ?? 0) + repaired();
    const repaired = () => fresh?.process?.counters.changesRepaired ?? 0;
    const before = sent();
    start(2);
    t.true(fleet.world.runUntil(() => fresh?.live().length === staying, 10 * second));
    fleet.run(10 * second);
    script.say(
      `server-2 joins: ${fresh?.live().length} hosts, and ${fresh?.process?.registry.gone.length} tombstones of the last day`,
    );
    t.true(most <= 2 * perDay, `${most} tombstones`);
    t.is(new Set(digests).size, 1, 'a digest is as large as on the first day');
    t.true((fleet.network.largest.get('hello') ?? 0) < 200);
    t.is(sent() - before, staying + perDay, 'what there is, and the leaves of a day');
    t.true((first?.process?.registry.rowsUsed ?? 0) < staying + 3 * perDay, 'rows are used again');
    t.is(other?.live().length, staying);
    return script.transcript;
  },
  transcript: `
0:03:10 day 1: 50 have left, 50 tombstones, a digest has 4104 bytes
0:15:10 day 7: 350 have left, 50 tombstones, a digest has 4104 bytes
0:29:10 day 14: 700 have left, 50 tombstones, a digest has 4104 bytes
0:43:10 day 21: 1050 have left, 50 tombstones, a digest has 4104 bytes
0:43:20 server-2 joins: 10 hosts, and 50 tombstones of the last day
`,
};
