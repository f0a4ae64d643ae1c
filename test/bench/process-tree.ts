// What a process and all its descendants have used, from /proc: CPU is counted whatever thread or
// kernel path it was spent in, and that of descendants that have ended stays counted.
import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts in ticks of 10 ms (sysconf(_SC_CLK_TCK) is 100 on every architecture it runs on). */
const tickUs = 10_000;

/** A process and its descendants, itself first. */
export function processesOf(pid: number): number[] {
  let children: number[] = [];
  try {
    children = readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8')
        .split(' ')
        .filter((word) => word !== '')
        .map(Number),
    );
  } catch {
    // It has ended; its parent counts it from now on.
  }
  return [pid, ...children.flatMap(processesOf)];
}

/** User and system time of one process so far, and of its children that have ended, in µs. */
export function cpuUsOf(pid: number): number {
  // Fields 14 to 17, counted after the name in brackets (proc(5)).
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) * tickUs;
}

/** User and system time of the threads that a process has now, in µs: a start takes only some of those ticks. */
export function threadsUsOf(pid: number): number {
  return readdirSync(`/proc/${pid}/task`)
    .map((thread) => readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8'))
    .reduce((sum, text) => sum + Number(text.split(' ')[0]) / 1_000, 0);
}

/** Resident memory of one process. */
export function residentBytesOf(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}
