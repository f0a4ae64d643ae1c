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
