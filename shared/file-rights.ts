// The rights of a file or folder that was removed and is created again: whoever could read or write the old one can
// read or write the new one, and nobody else.
import { chmodSync, chownSync, type Stats } from 'node:fs';

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
