// andydunstall/piko#314: one server missed a delete, sent the others the ghost again, and so they
// did for ever. Here a delete is a record with a version that wins over what it deleted, whoever
// tells the older one: a server that was cut off, or one that was restored from a backup and tells
// everything anew.
import { minute, type Scenario, Script, second } from './script.ts';

const ghost = '10.0.0.1:4000';
const other = '10.0.0.2:4000';
const later = '10.0.0.3:4000';

export const missedDeleteStaysDeleted: Scenario = {
  thread: 'andydunstall/piko#314',
  lesson: 'a peer that missed a delete learns of it, and brings nobody back',
  play(t) {
    const script = new Script({
      servers: 3,
      shows: /crash|cut|mended|says leave|restored|renumb|sent anew/,
    });
    const { fleet } = script;
    const [first, second_, third] = fleet.servers;
    fleet.start();
    script.watchLists(ghost, other, later);
    // Its record is in the log of the server that will miss the delete.
    script.at(second, () => {
      fleet.host(ghost).register(2);
      fleet.host(other).register(0);
    });
    const before = () => third?.backup();
    let backup: ReturnType<typeof before>;
    script.at(30 * second, () => {
      backup = before();
    });
    // So that the backup is older than what the others have: all of it will be sent anew.
    script.at(40 * second, () => fleet.host(later).register(2));
    script.at(1 * minute, () => {
      fleet.cut(0, 2);
      fleet.cut(1, 2);
    });
    script.at(2 * minute, () => fleet.host(ghost).leave(0));
    script.at(4 * minute, () => {
      fleet.mend(0, 2);
      fleet.mend(1, 2);
    });
    // Whom the host told that it leaves is out of reach now, and the other has it from there only.
    script.at(6 * minute, () => {
      third?.crash();
      fleet.cut(0, 2);
      if (backup !== undefined) third?.restore(backup);
      third?.start();
    });
    // Whoever serves it, even for a moment, has brought it back.
    const isBack = () => first?.serves(ghost) === true || second_?.serves(ghost) === true;
    t.false(fleet.world.runUntil(isBack, 4 * minute, second / 4), 'the ghost is back');
    t.true(fleet.isOneList());
    t.false(third?.serves(ghost));
    return script.transcript;
  },
  transcript: `
0:00:01 server-0: serves nobody
0:00:01 server-1: serves nobody
0:00:01 server-2: serves nobody
0:00:02 server-0: serves 10.0.0.1 10.0.0.2
0:00:02 server-1: serves 10.0.0.1 10.0.0.2
0:00:02 server-2: serves 10.0.0.1 10.0.0.2
0:00:41 server-0: serves 10.0.0.1 10.0.0.2 10.0.0.3
0:00:41 server-1: serves 10.0.0.1 10.0.0.2 10.0.0.3
0:00:41 server-2: serves 10.0.0.1 10.0.0.2 10.0.0.3
0:01:00 the line between server-0 and server-2 is cut
0:01:00 the line between server-1 and server-2 is cut
0:02:00 server-0: 10.0.0.1 says leave
0:02:01 server-0: serves 10.0.0.2 10.0.0.3
0:02:01 server-1: serves 10.0.0.2 10.0.0.3
0:04:00 the line between server-0 and server-2 is mended
0:04:00 the line between server-1 and server-2 is mended
0:04:01 server-2: serves 10.0.0.2 10.0.0.3
0:06:00 server-2: the process crashes
0:06:00 the line between server-0 and server-2 is cut
0:06:00 server-2: its disk is restored from a backup
0:06:00 server-2: 10.9.0.2:4524 has entry 2 of this server, which knows 1: its database was restored, so all is sent anew
`,
};
