// Times that this server gave while its clock was ahead, taken back when it is right again: the records
// that have them are stamped anew, and told to the peers as changes of now. Who asks for it, and when, is
// in clock-lead.ts.
import { latestSentTime, latestTime } from './columns.ts';
import type { Registry } from './registry.ts';

/**
 * Stamps anew, at `now`, what has times after `bound`, which no peer takes; it is pending then. Looks at
 * every row. @returns how many records
 */
export function takeBack(registry: Registry, now: number, bound: number): number {
  registry.clock.giveBack(now, bound);
  let count = 0;
  for (let row = 0; row < registry.rowsUsed; row++) {
    if (!registry.isLive(row) && !registry.isGone(row)) continue;
    if (latestTime(registry, row) <= bound) continue;
    stampAnew(registry, row, now, bound);
    count++;
  }
  return count;
}

function stampAnew(registry: Registry, row: number, now: number, bound: number): void {
  const { versions, clock, digest, firstSeen, lastSeen, changedAt } = registry;
  const { ms, server } = versions.get(row);
  const isOwn = server === clock.server;
  const isLive = registry.isLive(row);
  const wasRefused = latestSentTime(registry, row) > bound;
  // Who did not answer has the version of a contact, which was before it was deleted.
  const isExpired = !isLive && ms < changedAt.at(row);
  for (const times of [firstSeen, lastSeen, changedAt])
    if (times.at(row) > bound) times.set(row, now);
  registry.markPending(row);
  if (!wasRefused) return;
  if (isLive) digest.toggle(row);
  if (isOwn && !isExpired) versions.set(row, clock.next(now));
  // When that contact was, or what another server with a wrong clock did, no clock tells any more:
  // whoever knows of any other contact or leave knows better.
  else if (ms > bound) versions.set(row, { ms: 0, counter: 0, server });
  if (isLive) digest.toggle(row);
  if (isOwn) registry.log.append(row);
}
