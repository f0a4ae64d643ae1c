// How many connections this process can hold: the system's limit on open files, less what the
// daemon needs for itself. Node's own report of the limit is not asked, because it looks up the
// name of every peer on the way and waits for the resolver.
import { readFileSync } from 'node:fs';

/** More would only be silent: a server at its backlog turns newcomers away. */
const mostConnections = 10_000;

/** SQLite's files, the log, consoles, pings under way. */
const reservedFiles = 128;

export function maxConnections(): number {
  const openFiles = openFilesLimit();
  return Math.max(reservedFiles, Math.min(mostConnections, openFiles - reservedFiles));
}

/** The soft limit of proc(5) `limits`, or infinity where there is no such file. */
function openFilesLimit(): number {
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8');
    return Number(/^Max open files +(\d+)/m.exec(limits)?.[1] ?? Number.POSITIVE_INFINITY);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
