// Takes back the times that this server gave while its clock was ahead, once the clock is right again: records
// with such times get new ones, and peers are sent them as new changes. core/sync/clock-lead.ts decides when.
import { latestSentTime, latestTime } from './columns.ts';
import type { Registry } from './registry.ts';

/**
 * Gives every record with a time after `bound` new times, and makes it pending. Visits every row.
 * @param now ms since 1970
 * @param bound ms since 1970: peers refuse later times
 * @returns the number of records changed
 */
export function takeBack(registry: Registry, now: number, bound: number): number {
  registry.clock.giveBack(now, bound);
  let count = 0;
  for (let row = 0; row < registry.rowsUsed; row++) {
    if (!registry.isUsed(row) || latestTime(registry, row) <= bound) continue;
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
  // The tombstone of a host that did not answer has the version of a contact, which is older than the deletion.
  const isExpired = !isLive && ms < changedAt.at(row);
  for (const times of [firstSeen, lastSeen, changedAt])
    if (times.at(row) > bound) times.set(row, now);
  registry.markPending(row);
  if (!wasRefused) return;
  if (isLive) digest.toggle(row);
  if (isOwn && !isExpired) versions.set(row, clock.next(now));
  // The true time of that contact, or of another server's change, is lost: version 0 loses to any other.
  else if (ms > bound) versions.set(row, { ms: 0, counter: 0, server });
  if (isLive) digest.toggle(row);
  if (isOwn) registry.log.append(row);
}
