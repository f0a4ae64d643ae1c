// Netflix/eureka#1490: a server that had just started served what it had so far as if it were all,
// and its clients forgot the rest. Here a list is called full only when the others' changes are
// here, and never while nobody answers.
import { minute, type Scenario, Script, second } from './script.ts';

const [asker = '', ...early] = [1, 2, 3, 4].map((index) => `10.0.0.${index}:4000`);
const late = [5, 6].map((index) => `10.0.0.${index}:4000`);

export const restartClaimsNoFullList: Scenario = {
  thread: 'Netflix/eureka#1490',
  lesson: 'a server that just started does not call what it has a full list',
  play(t) {
    const script = new Script({ servers: 3, shows: /crash|starts|cut|mended/ });
    const { fleet } = script;
    const answers: string[] = [];
    const ask = (since: string | null = null) => {
      const answer = script.query(2, asker, since).trim().split('\n');
      const end = answer.at(-1) ?? '';
      const [, count, cursor = '', extent = 'delta'] = end.split(' ');
      script.say(`server-2 answers: ${count} hosts, ${extent}`);
      answers.push(`${count} ${extent}`);
      return cursor;
    };
    fleet.start();
    script.at(second, () => {
      for (const address of [asker, ...early]) fleet.host(address).register(0);
    });
    script.at(1 * minute, () => ask());
    script.at(2 * minute, () => fleet.at(2).crash());
    script.at(3 * minute, () => {
      script.say('two hosts come, one goes');
      for (const address of late) fleet.host(address).register(1);
      fleet.host(early[0] ?? '').leave(0);
    });
    // It reaches nobody at first.
    script.at(5 * minute, () => {
      fleet.cut(0, 2);
      fleet.cut(1, 2);
      fleet.at(2).start();
    });
    let cursor = '';
    script.at(5 * minute + 5 * second, () => {
      cursor = ask();
    });
    script.at(5 * minute + 10 * second, () => {
      fleet.mend(0, 2);
      fleet.mend(1, 2);
    });
    script.at(5 * minute + 14 * second, () => {
      script.say('the asker comes back with its cursor, and then without');
      ask(cursor);
      ask();
    });
    script.at(6 * minute, () => {
      fleet.at(2).crash();
      fleet.cut(0, 2);
      fleet.cut(1, 2);
    });
    script.at(7 * minute, () => fleet.at(2).start());
    script.at(7 * minute + 28 * second, () => ask());
    script.at(7 * minute + 32 * second, () => {
      script.say('nobody answers: what it lacks is not known');
      ask();
    });
    t.deepEqual(answers, ['3 full', '3 partial', '2 delta', '4 full', '4 partial', '4 partial']);
    return script.transcript;
  },
  transcript: `
0:00:00 server-0: starts
0:00:00 server-1: starts
0:00:00 server-2: starts
0:01:00 server-2 answers: 3 hosts, full
0:02:00 server-2: the process crashes
0:03:00 two hosts come, one goes
0:05:00 the line between server-0 and server-2 is cut
0:05:00 the line between server-1 and server-2 is cut
0:05:00 server-2: starts
0:05:05 server-2 answers: 3 hosts, partial
0:05:10 the line between server-0 and server-2 is mended
0:05:10 the line between server-1 and server-2 is mended
0:05:14 the asker comes back with its cursor, and then without
0:05:14 server-2 answers: 2 hosts, delta
0:05:14 server-2 answers: 4 hosts, full
0:06:00 server-2: the process crashes
0:06:00 the line between server-0 and server-2 is cut
0:06:00 the line between server-1 and server-2 is cut
0:07:00 server-2: starts
0:07:28 server-2 answers: 4 hosts, partial
0:07:32 nobody answers: what it lacks is not known
0:07:32 server-2 answers: 4 hosts, partial
`,
};
