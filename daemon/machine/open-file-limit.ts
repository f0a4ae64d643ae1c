// The system's limit on what this process may have open. Node's own report of the limit is not asked,
// because it looks up the name of every peer on the way and waits for the resolver.
import { readFileSync } from 'node:fs';

/** The soft limit of proc(5) `limits`, or infinity where there is no such file. */
export function openFilesLimit(): number {
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8');
    return Number(/^Max open files +(\d+)/m.exec(limits)?.[1] ?? Number.POSITIVE_INFINITY);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
