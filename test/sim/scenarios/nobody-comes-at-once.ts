// gravitational/teleport#6889: after an outage everybody came back in the same second, and again.
// Here whatever repeats is random: the pauses between dials of a peer, and when a host that came
// with all others is pinged. What each would be without it is one line at one time.
import { backoffMs } from '../../../daemon/core/timing/timing.ts';
import { World } from '../world.ts';
import { clockText, hour, minute, type Scenario, Script, second } from './script.ts';

const peers = 200;
const outageMs = minute;
const hosts = 400;

export const nobodyComesAtOnce: Scenario = {
  thread: 'gravitational/teleport#6889',
  lesson: 'after an outage nobody comes back at once with all others',
  play(t) {
    const lines: string[] = [
      'peers that lost a server for a minute, in the time after it is back:',
    ];
    const dials = dialsAfterOutage();
    lines.push(...histogram(dials, 250, (ms) => `+${(ms / 1_000).toFixed(2)} s`));
    lines.push('', 'hosts that registered in one second, when they are pinged an hour later:');
    const pings = pingsOfOneSecond();
    lines.push(...histogram(pings, minute, clockText));
    t.is(dials.length, peers);
    t.true(Math.max(...dials) <= 2 * second, 'within the longest pause');
    t.true(fullest(dials, 250) < peers / 4, 'no peak of peers');
    t.is(pings.length, hosts);
    t.true(fullest(pings, minute) < hosts / 4, 'no peak of pings');
    t.true(Math.max(...pings) - Math.min(...pings) > 5 * minute, 'spread over a tenth of the TTL');
    return `\n${lines.join('\n')}\n`;
  },
  transcript: `
peers that lost a server for a minute, in the time after it is back:
+0.00 s ############### 30
+0.25 s ################ 32
+0.50 s ################ 31
+0.75 s ################# 33
+1.00 s ################### 37
+1.25 s ############ 24
+1.50 s ##### 9
+1.75 s ## 4

hosts that registered in one second, when they are pinged an hour later:
0:58:00 ######################## 48
0:59:00 ############################ 56
1:00:00 ########################################### 86
1:01:00 #################################### 71
1:02:00 ######################################## 79
1:03:00 ############################## 60
`,
};

/** When each peer reaches the server again, in ms after it is back. */
function dialsAfterOutage(): number[] {
  const world = new World(1);
  const dials: number[] = [];
  const dial = (attempt: number) => {
    if (world.now >= outageMs) dials.push(world.now - outageMs);
    else world.after(backoffMs(attempt, world.random), () => dial(attempt + 1));
  };
  // All noticed in the same instant.
  for (let peer = 0; peer < peers; peer++) dial(0);
  world.run(outageMs + 10 * second);
  return dials;
}

/** When each host is pinged for the first time. */
function pingsOfOneSecond(): number[] {
  const script = new Script({ servers: 1, ttlMs: hour });
  const first = new Map<string, number>();
  script.fleet.start();
  for (let index = 0; index < hosts; index++)
    script.fleet.host(`10.0.${index >> 8}.${index & 255}:4000`).register(0);
  script.at(hour + 5 * minute);
  // A newcomer is pinged once, in the first minutes; what counts is when it is due.
  for (const { address, at } of script.pinged)
    if (at > hour / 2 && !first.has(address)) first.set(address, at);
  return [...first.values()];
}

function bins(times: readonly number[], width: number): Map<number, number> {
  const counts = new Map<number, number>();
  for (const time of times.toSorted((a, b) => a - b)) {
    const bin = Math.floor(time / width) * width;
    counts.set(bin, (counts.get(bin) ?? 0) + 1);
  }
  return counts;
}

function fullest(times: readonly number[], width: number): number {
  return Math.max(...bins(times, width).values());
}

function histogram(
  times: readonly number[],
  width: number,
  name: (ms: number) => string,
): string[] {
  return [...bins(times, width)].map(
    ([bin, count]) => `${name(bin)} ${'#'.repeat(Math.ceil(count / 2))} ${count}`,
  );
}
