// Which process holds a lock on a file, as Linux lists them.
import { readFileSync, statSync } from 'node:fs';

/** `4: POSIX  ADVISORY  WRITE 11504 fe:00:4080136 1073741824 1073742335` */
const line = /^\d+: POSIX +\S+ +\S+ (\d+) [0-9a-f]+:[0-9a-f]+:(\d+) (\d+) /gm;

/**
 * The id of another process that has locked `file`; null: none is known.
 * @param bytes where the lock begins
 */
export function lockHolder(
  file: string,
  bytes = { first: 0, last: Number.POSITIVE_INFINITY },
): number | null {
  try {
    const ino = String(statSync(file).ino);
    const locks = readFileSync('/proc/locks', 'utf8').matchAll(line);
    const found = [...locks].find(
      ([, pid, inode, at]) =>
        inode === ino &&
        pid !== '0' &&
        pid !== String(process.pid) &&
        Number(at) >= bytes.first &&
        Number(at) <= bytes.last,
    );
    return found === undefined ? null : Number(found[1]);
  } catch {
    return null;
  }
}
