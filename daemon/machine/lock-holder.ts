// Which process holds a lock on a file, as Linux lists them.
import { readFileSync, statSync } from 'node:fs';

/** `4: POSIX  ADVISORY  WRITE 11504 fe:00:4080136 1073741824 1073742335` */
const line = /^\d+: POSIX +\S+ +\S+ (\d+) [0-9a-f]+:[0-9a-f]+:(\d+) /gm;

/** The id of the process that has locked `file`; null: none is known. */
export function lockHolder(file: string): number | null {
  try {
    const ino = String(statSync(file).ino);
    const locks = readFileSync('/proc/locks', 'utf8').matchAll(line);
    const found = [...locks].find(([, pid, inode]) => inode === ino && pid !== '0');
    return found === undefined ? null : Number(found[1]);
  } catch {
    return null;
  }
}
