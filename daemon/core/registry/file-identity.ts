// Whether a file is still the one that it was: while it is open, and since the last run. A process can go on
// writing to a file that was deleted or whose name another file has, and all of that is lost when the process
// ends. And SQLite opens an older copy, or a database whose write-ahead log lost its end, without complaint.

/** What distinguishes a file from others, as stat(2) gives it. */
interface FileIdentity {
  dev: number;
  ino: number;
}

/** A file's identity, and what shows that somebody wrote to it. */
export interface FileState extends FileIdentity {
  size: number;
  mtimeMs: number;
  /** when the file was created; 0 where the file system does not know */
  birthtimeMs: number;
}

/** What happened to a file in use. `changed`: another program wrote to it. */
export type FileFate = 'removed' | 'replaced' | 'changed';

/**
 * What happened to the file in use. `seen`: the file at its name now; null: there is none.
 * @returns null if it is still the same file
 */
export function fateOf(used: FileIdentity, seen: FileIdentity | null): FileFate | null {
  if (seen === null) return 'removed';
  return seen.dev === used.dev && seen.ino === used.ino ? null : 'replaced';
}

/** Like `fateOf`, for a file that only this process writes to. `used`: its state after this process's last write. */
export function fateOfOwned(used: FileState, seen: FileState | null): FileFate | null {
  const fate = fateOf(used, seen);
  if (fate !== null || seen === null) return fate;
  return seen.size === used.size && seen.mtimeMs === used.mtimeMs ? null : 'changed';
}

/** Up to where a registry was committed, and to which file. */
export interface Committed {
  serverId: string;
  epoch: string;
  /** the latest entry of this server's log, and the latest membership change */
  entry: number;
  change: number;
  /** inode of the file: a copy has another one */
  ino: number;
  /** inode of the write-ahead log, and when that was created (ms since 1970; 0 when unknown) */
  logIno: number;
  logMadeAt: number;
}

/**
 * Whether a stored registry is older than what was answered from it. If so it needs a new epoch: nodes with a
 * cursor after the loss would never learn of the lost changes, and peers would take new changes for old ones.
 * @param answered the commit of the last answer, from the file beside the database; null: there is no such file
 * @param isMarked that file must exist, because an earlier run wrote it
 * @returns what happened, for operators; null: nothing is missing
 */
export function rollbackOf(
  stored: Committed,
  answered: Committed | null,
  isMarked: boolean,
): string | null {
  if (answered === null)
    return isMarked
      ? 'it was moved or restored without its -mark file, or this user cannot read that file'
      : null;
  if (answered.serverId !== stored.serverId || answered.epoch !== stored.epoch)
    return 'it is another registry';
  if (stored.change < answered.change || stored.entry < answered.entry)
    return `it ends with change ${stored.change} (entry ${stored.entry}), but change ${answered.change} (entry ${answered.entry}) was answered: its write-ahead log was truncated or lost, or an older copy was restored. The missing hosts come back from the other name servers, or with their next contact`;
  if (answered.ino !== stored.ino) return 'it is a copy, or was restored from a copy';
  return null;
}

/**
 * Whether a write-ahead log belongs to another database than the one beside it, which was replaced since.
 * SQLite would write pages of the one into the other (sqlite.org/howtocorrupt.html, 1.4). If the whole folder
 * was copied, both files are new and belong together.
 */
export function isStrayLog(
  answered: Committed,
  found: { ino: number | null; logIno: number; logMadeAt: number },
): boolean {
  // Inodes of deleted files are reused, so the time of creation counts, too.
  const isSameLog = answered.logIno === found.logIno && answered.logMadeAt === found.logMadeAt;
  return isSameLog && answered.logMadeAt > 0 && answered.ino !== found.ino;
}
