// How many connections this process can hold: the system's limit on open files, less what the
// daemon needs for itself.

/** More would only be silent: a server at its backlog turns newcomers away. */
const mostConnections = 10_000;

/** SQLite's files, the log, consoles, pings under way. */
const reservedFiles = 128;

export function maxConnections(): number {
  const report = process.report?.getReport() as
    | { userLimits?: { open_files?: { soft: number | string } } }
    | undefined;
  const openFiles = Number(report?.userLimits?.open_files?.soft ?? Number.NaN);
  // 'unlimited', or a system without such a limit
  if (Number.isNaN(openFiles)) return mostConnections;
  return Math.max(reservedFiles, Math.min(mostConnections, openFiles - reservedFiles));
}
