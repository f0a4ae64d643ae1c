// Whether a file that is in use still is the one at its name. Whoever has a file open goes on with it
// when it is deleted or another one takes its name, and everything written then ends with the process.

/** What tells a file from others, as stat gives it. */
export interface FileIdentity {
  dev: number;
  ino: number;
}

/** With what shows that somebody wrote to it. */
export interface FileState extends FileIdentity {
  size: number;
  mtimeMs: number;
  /** when the file was made; 0 where the file system does not say */
  birthtimeMs: number;
}

/** `changed`: the same file, and another program wrote to it. */
export type FileFate = 'removed' | 'replaced' | 'changed';

/** `seen`: what is at the name now; null: nothing. @returns null while it is the file that is in use */
export function fateOf(used: FileIdentity, seen: FileIdentity | null): FileFate | null {
  if (seen === null) return 'removed';
  return seen.dev === used.dev && seen.ino === used.ino ? null : 'replaced';
}

/** The same for a file that nobody else writes to. `used`: after the last write of one's own. */
export function fateOfOwned(used: FileState, seen: FileState | null): FileFate | null {
  const fate = fateOf(used, seen);
  if (fate !== null || seen === null) return fate;
  return seen.size === used.size && seen.mtimeMs === used.mtimeMs ? null : 'changed';
}

// Whether a stored registry is older than what was answered from it: an earlier copy was restored, or
// the write-ahead log lost its end. SQLite takes both for sound. So beside the database stands up to
// where it was committed when something was last answered.
//
// Whoever holds a cursor of a lost change would never be told of what was lost, and peers would take
// new changes for old ones; so such a registry gets a new epoch.

/** Up to where a registry was committed, and in which file. */
export interface Committed {
  serverId: string;
  epoch: string;
  /** the latest entry of this server's log, and the latest membership change */
  entry: number;
  change: number;
  /** number of the file: a copy has another one */
  ino: number;
  /** number of its write-ahead log, and when that was made (ms since 1970, 0 when not known) */
  logIno: number;
  logMadeAt: number;
}

/**
 * @param answered what stands beside the database; null: nothing does
 * @param isMarked something must stand there: an earlier run of this program wrote it
 * @returns why the numbers of `stored` may mean other changes than those answered; null: they are those
 */
export function rollbackOf(
  stored: Committed,
  answered: Committed | null,
  isMarked: boolean,
): string | null {
  if (answered === null)
    return isMarked
      ? 'it was moved or restored without its -mark file, or that cannot be read by this user'
      : null;
  if (answered.serverId !== stored.serverId || answered.epoch !== stored.epoch)
    return 'it is another registry than the one that was in use last';
  if (stored.change < answered.change || stored.entry < answered.entry)
    return `it knows change ${stored.change} (entry ${stored.entry}), and change ${answered.change} (entry ${answered.entry}) was answered: its write-ahead log was cut, emptied or lost, or an older copy was restored. What is missing comes back from the other name servers, or when the hosts make contact again`;
  if (answered.ino !== stored.ino) return 'it is a copy, or was restored from one';
  return null;
}

/**
 * Whether a write-ahead log stands beside another database than the one that it was written for, which
 * was replaced since. SQLite would write pages of the one into the other
 * (sqlite.org/howtocorrupt.html, 1.4). A folder that was copied as a whole has two new files.
 */
export function isStrayLog(
  answered: Committed,
  found: { ino: number | null; logIno: number; logMadeAt: number },
): boolean {
  // Numbers of deleted files are used again.
  const isSameLog = answered.logIno === found.logIno && answered.logMadeAt === found.logMadeAt;
  return isSameLog && answered.logMadeAt > 0 && answered.ino !== found.ino;
}
