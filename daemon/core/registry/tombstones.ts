// How many tombstones there may be, and how long one tells that its host is gone. Nodes and name
// servers that were away for less learn of it; what somebody who was away for longer still has of
// that host is a left-over, which must not come back to those who have forgotten the tombstone
// (PROTOCOL.md, "Records and versions").

/** A day: a machine that was switched off over night, or a link that was down for as long. */
export const leastTombstoneMs = 24 * 3_600_000;

/** A live host is silent for at most a TTL, its pings and the step that is not told: half of this. */
const ttls = 2;

export function tombstoneLifetimeMs(ttlMs: number): number {
  return Math.max(leastTombstoneMs, ttls * ttlMs);
}

/** Of the room for tombstones: those of hosts never heard of must not crowd out those of the others. */
const unheardShare = 1 / 2;

/** Whether `gone` tombstones leave room for one of a host never heard of. */
export function hasRoomForUnheard(gone: number, maxHosts: number): boolean {
  return gone < tombstoneRows(maxHosts) * unheardShare;
}

/** Beside the rows of `maxHosts` hosts; when they run out, the oldest tombstone makes room. */
export function tombstoneRows(maxHosts: number): number {
  return Math.ceil(maxHosts / 4) + 1;
}
