// Takes back the times that this server gave while its clock was ahead, once the clock is right again: records
// with such times get new ones, and peers are sent them as new changes. core/sync/clock-lead.ts decides when.
import { latestSentTime, latestTime } from './columns.ts';
import type { Registry } from './registry.ts';
import { maxAheadMs } from './version.ts';

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

/**
 * Corrects the last contact of the live host in `row`, if it lies after `now` (ms since 1970). Expiry goes by the
 * time, merging by the version, and that keeps the contact later than what a server deletes that did not know of it.
 */
export function takeBackContact(registry: Registry, row: number, now: number): void {
  const { versions, clock, lastSeen } = registry;
  const seen = lastSeen.at(row);
  if (seen <= now) return;
  lastSeen.set(row, now);
  const version = versions.get(row);
  const isAccepted = seen <= now + clock.leadMs + maxAheadMs;
  if (seen <= version.ms) registry.markContact(row);
  else registry.publish(row, now, clock.at(isAccepted ? seen : now, version));
}

function stampAnew(registry: Registry, row: number, now: number, bound: number): void {
  const { versions, clock, digest, firstSeen, lastSeen, changedAt } = registry;
  const version = versions.get(row);
  const { ms, server } = version;
  const isOwn = server === clock.server;
  const isLive = registry.isLive(row);
  const wasRefused = latestSentTime(registry, row) > bound;
  // The tombstone of a host that did not answer has the version of a contact, however late it was deleted.
  const isOfChange = isLive || registry.left.has(row);
  for (const times of [firstSeen, lastSeen, changedAt])
    if (times.at(row) > bound) times.set(row, now);
  registry.markPending(row);
  if (!wasRefused) return;
  if (isLive) digest.toggle(row);
  if (isOwn && isOfChange) versions.set(row, clock.next(now));
  // The true time of that contact, or of another server's change, is lost: version 0 loses to any other.
  else if (ms > bound) versions.set(row, { ms: 0, counter: 0, server });
  else if (isLive) versions.set(row, clock.at(now, version));
  if (isLive) digest.toggle(row);
  if (versions.get(row).server === clock.server) registry.log.append(row);
}
