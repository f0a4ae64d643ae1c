// The rights of a file or folder that was taken away and is made anew: whoever could read or write the old one
// can do so with the new one, and nobody else.
import { chmodSync, chownSync, type Stats } from 'node:fs';

/** Gives what stands at `path` the mode of `former`, and its owner as far as this user may. Never throws. */
export function giveRights(
  path: string,
  { mode, uid, gid }: Pick<Stats, 'mode' | 'uid' | 'gid'>,
): void {
  try {
    chownSync(path, uid, gid);
  } catch {
    // Only root may give a file away.
  }
  try {
    // After the owner, whose change takes the set-group bit away.
    chmodSync(path, mode & 0o7777);
  } catch {
    // Somebody else's: it is as it is.
  }
}
