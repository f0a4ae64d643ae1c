// scylladb/scylladb#3560: tombstones were collected before everybody had seen them, and who had been
// away brought back what they buried. Here a record without a contact for as long as tombstones live
// is a left-over: nobody takes it in, and the server that has it pings the host before anything else.
// Tombstones live for 20 minutes in this story.
import { minute, type Scenario, Script, second } from './script.ts';

const tombstoneMs = 20 * minute;
const gone = '10.0.0.1:4000';
const alive = '10.0.0.2:4000';

export const leftOverIsAskedFirst: Scenario = {
  thread: 'scylladb/scylladb#3560',
  lesson: 'a server that was away for longer than tombstones live brings nobody back unasked',
  play(t) {
    const script = new Script({
      servers: 3,
      ttlMs: 5 * minute,
      shows:
        /crash|server-2: starts|says (leave|query)|cut|mended|deleted|server-2: (heard|did not)/,
    });
    const { fleet } = script;
    const [first, other, away] = fleet.servers;
    const start = (index: number) => {
      fleet.at(index).start();
      const { process } = fleet.at(index);
      if (process !== null) process.registry.tombstoneMs = tombstoneMs;
    };
    for (const index of [0, 1, 2]) start(index);
    script.watchLists(gone, alive);
    // Both are in the log of the server that will be away.
    script.at(second, () => fleet.host(gone).register(2));
    script.at(1 * minute, () => {
      fleet.cut(0, 2);
      fleet.cut(1, 2);
    });
    script.at(1 * minute + second, () => fleet.host(alive).register(2));
    script.at(2 * minute, () => away?.crash('machine'));
    script.at(3 * minute, () => fleet.host(gone).leave(0));
    script.at(24 * minute, () => {
      t.is(first?.process?.registry.gone.length, 0);
      script.say('the tombstone was collected: nobody remembers who left');
    });
    script.at(25 * minute, () => {
      fleet.heal();
      start(2);
    });
    const isBack = () => first?.serves(gone) === true || other?.serves(gone) === true;
    t.false(fleet.world.runUntil(isBack, 5 * minute, second / 4), 'it is back');
    script.at(31 * minute);
    for (const server of fleet.servers)
      t.deepEqual(
        server.live().map(({ address }) => address),
        [alive],
        server.id,
      );
    t.true((first?.process?.counters.changesStale ?? 0) > 0, 'it was sent, and not merged');
    return script.transcript;
  },
  transcript: `
0:00:00 server-2: starts
0:00:01 server-0: serves nobody
0:00:01 server-1: serves nobody
0:00:01 server-2: serves nobody
0:00:01 server-2: 10.0.0.1 says query
0:00:02 server-0: serves 10.0.0.1
0:00:02 server-1: serves 10.0.0.1
0:00:02 server-2: serves 10.0.0.1
0:00:06 server-2: heard 10.0.0.1
0:01:00 the line between server-0 and server-2 is cut
0:01:00 the line between server-1 and server-2 is cut
0:01:01 server-2: 10.0.0.2 says query
0:01:02 server-2: serves 10.0.0.1 10.0.0.2
0:01:06 server-2: heard 10.0.0.2
0:02:00 server-2: the machine crashes
0:03:00 server-0: 10.0.0.1 says leave
0:03:01 server-0: serves nobody
0:03:01 server-1: serves nobody
0:24:00 the tombstone was collected: nobody remembers who left
0:25:00 every line is mended
0:25:00 server-2: starts
0:25:03 server-2: did not hear 10.0.0.1
0:25:05 server-2: heard 10.0.0.2
0:25:06 server-0: serves 10.0.0.2
0:25:06 server-1: serves 10.0.0.2
0:25:10 server-2: did not hear 10.0.0.1
0:25:13 server-2: did not hear 10.0.0.1
0:25:13 server-2: heard 10.0.0.2
0:25:18 server-2: heard 10.0.0.2
0:25:20 server-2: did not hear 10.0.0.1
0:25:23 server-2: heard 10.0.0.2
0:25:28 server-2: heard 10.0.0.2
0:25:29 server-2: did not hear 10.0.0.1
0:25:33 server-2: heard 10.0.0.2
0:25:33 server-2: 10.0.0.1 did not answer; deleted
0:25:34 server-2: serves 10.0.0.2
0:30:20 server-2: heard 10.0.0.2
`,
};
