// Who owns a file, and who asks. A file or folder that was removed and is created again gets its former rights: the
// users who could read or write the old one can read or write the new one, and nobody else.
import { chmodSync, chownSync, type Stats, statSync } from 'node:fs';
import { userInfo } from 'node:os';

/** The state of the file or folder at `path`; null if there is none, or a folder above it is not accessible. */
export function fileState(path: string): Stats | null {
  try {
    return statSync(path, { throwIfNoEntry: false }) ?? null;
  } catch {
    return null;
  }
}

/** The name of the user who runs this process; its number if it has no entry in /etc/passwd, as in some containers. */
export function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'unknown');
  }
}

/** Gives the file or folder at `path` the mode of `former`, and its owner as far as this user may. Never throws. */
export function giveRights(
  path: string,
  { mode, uid, gid }: Pick<Stats, 'mode' | 'uid' | 'gid'>,
): void {
  try {
    chownSync(path, uid, gid);
  } catch {
    // Only root may change the owner.
  }
  try {
    // After chown, which clears the set-group bit.
    chmodSync(path, mode & 0o7777);
  } catch {
    // It belongs to another user: its mode stays.
  }
}
