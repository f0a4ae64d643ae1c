// How much memory this process has in use. Node reads that from a file of the system, and throws while no descriptor is
// left for it.

const mebibyte = 1_048_576;

/**
 * A measurement that never throws: its result is in bytes, the latest that was to be had, and 0 before the first one. In
 * whole MiB: consoles are sent every change, and it changes all the time.
 */
export function residentMemory(read: () => number = process.memoryUsage.rss): () => number {
  let bytes = 0;
  return () => {
    try {
      bytes = Math.round(read() / mebibyte) * mebibyte;
    } catch {
      // The one before stands.
    }
    return bytes;
  };
}
