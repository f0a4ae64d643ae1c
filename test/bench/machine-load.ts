// What the whole machine is busy with: whatever is neither server nor load disturbs both.
import { readFileSync } from 'node:fs';

const tickSeconds = 0.01;

/** In the line of all cores: user, nice, system, idle, iowait, irq, softirq, steal (proc(5)). */
const line = /^cpu +(\d+) (\d+) (\d+) \d+ \d+ (\d+) (\d+) (\d+)/;

/** CPU time of all cores so far, whoever used it, another guest of the same hardware included. */
export function busySeconds(): number {
  const used = line.exec(readFileSync('/proc/stat', 'utf8'))?.slice(1) ?? [];
  return used.reduce((sum, ticks) => sum + Number(ticks), 0) * tickSeconds;
}
