// Outlives the bench by a moment: when the bench has ended, whatever way, its servers are killed and
// its folders removed. A process of its own, because a process that is killed cleans nothing up.
// Reads lines: `started PID`, `ended PID`, `folder PATH`; its input ends with the bench.
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';

const pids = new Set<number>();
const folders: string[] = [];
for await (const line of createInterface({ input: process.stdin })) {
  const [what = '', ...rest] = line.split(' ');
  const about = rest.join(' ');
  if (what === 'started') pids.add(Number(about));
  else if (what === 'ended') pids.delete(Number(about));
  else folders.push(about);
}
for (const pid of pids)
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended together with the bench, by Ctrl-C for instance.
  }
for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
