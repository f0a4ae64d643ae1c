// hashicorp/consul#7159: connections that said nothing filled a server's table. A limit of some
// seconds to say something, and one for each client, mended it; here both are Admission's and the
// deadline's from the start, and those who are silent are not in the backlog.
import { Admission, type Guest, type Place } from '../../../daemon/core/admission/admission.ts';
import { Link } from '../../../daemon/core/timing/linked-set.ts';
import { Deadlines } from '../../../daemon/core/timing/timing.ts';
import { requestDeadlineMs } from '../../../shared/protocol/limits.ts';
import { World } from '../world.ts';
import { clockText, type Scenario, second } from './script.ts';

const limit = 10_000;
/** of the crowd, a second */
const arrivals = 1_500;
const floodMs = 20 * second;
/** to read a request, to commit, to write the answer */
const serviceMs = 20;

export const silentCrowdKeepsNobodyOut: Scenario = {
  thread: 'hashicorp/consul#7159',
  lesson: 'ten thousand connections that say nothing keep nobody out who speaks',
  play(t) {
    const world = new World(1);
    const lines: string[] = [];
    const admission = new Admission({ backlog: 8, limit });
    const deadline = new Deadlines<Guest>(requestDeadlineMs);
    let [evicted, overdue, refused, answered, turnedAway] = [0, 0, 0, 0, 0];
    class Client implements Guest {
      readonly source: string;
      place: Place | null = null;
      readonly link: Link<Guest> = new Link<Guest>(this);

      constructor(source: string) {
        this.source = source;
      }

      evict(): void {
        deadline.stop(this);
        evicted++;
      }

      giveWay(): void {}

      proceed(): void {}
    }
    const enter = (source: string): Guest | null => {
      const self = new Client(source);
      if (!admission.enter(self)) return null;
      deadline.start(self, world.now);
      return self;
    };
    const sweep = () => {
      for (const late of deadline.takeDue(world.now)) {
        admission.leave(late);
        overdue++;
      }
      world.after(second / 4, sweep);
    };
    // From fifty sources, so that the bound of each counts as well as that of all.
    const crowd = () => {
      if (world.now >= floodMs) return;
      if (enter(`10.66.0.${world.below(50)}`) === null) refused++;
      world.after(second / arrivals, crowd);
    };
    // An honest node every tenth of a second, each from its own source.
    let nodes = 0;
    const node = () => {
      const self = enter(`10.0.0.${nodes++}`);
      // It needs a moment to say something, and must not have been shown out meanwhile.
      world.after(2, () => {
        if (self === null || self.place === null || !admission.ask(self)) turnedAway++;
        else {
          deadline.stop(self);
          world.after(serviceMs, () => {
            answered++;
            admission.leave(self);
          });
        }
      });
      world.after(second / 10, node);
    };
    const report = () => {
      lines.push(
        `${clockText(world.now)} ${admission.open} connections, backlog at most ${admission.takePeak()}, ${answered} of ${nodes} nodes answered; of the crowd ${evicted} shown out, ${overdue} overdue`,
      );
    };
    sweep();
    crowd();
    node();
    let most = 0;
    for (let at = 0; at < 40; at += 4) {
      world.run(4 * second);
      most = Math.max(most, admission.open);
      report();
    }
    t.is(turnedAway, 0, 'nobody who speaks');
    t.true(nodes - answered <= 1, 'the last one is being served');
    t.is(refused, 0, 'the longest silent gives way, not the next to come');
    t.true(most <= limit);
    t.true(most > 0.9 * limit, 'it was a crowd');
    t.true(admission.open <= 2, 'the silent are gone after their ten seconds');
    return `\n${lines.join('\n')}\n`;
  },
  transcript: `
0:00:04 6002 connections, backlog at most 1, 40 of 41 nodes answered; of the crowd 0 shown out, 0 overdue
0:00:08 10000 connections, backlog at most 1, 80 of 81 nodes answered; of the crowd 2001 shown out, 0 overdue
0:00:12 10000 connections, backlog at most 1, 120 of 121 nodes answered; of the crowd 8002 shown out, 0 overdue
0:00:16 10000 connections, backlog at most 1, 160 of 161 nodes answered; of the crowd 14002 shown out, 0 overdue
0:00:20 10000 connections, backlog at most 1, 200 of 201 nodes answered; of the crowd 20001 shown out, 0 overdue
0:00:24 8963 connections, backlog at most 1, 240 of 241 nodes answered; of the crowd 20001 shown out, 1037 overdue
0:00:28 3000 connections, backlog at most 1, 280 of 281 nodes answered; of the crowd 20001 shown out, 7000 overdue
0:00:32 1 connections, backlog at most 1, 320 of 321 nodes answered; of the crowd 20001 shown out, 9999 overdue
0:00:36 1 connections, backlog at most 1, 360 of 361 nodes answered; of the crowd 20001 shown out, 9999 overdue
0:00:40 1 connections, backlog at most 1, 400 of 401 nodes answered; of the crowd 20001 shown out, 9999 overdue
`,
};
