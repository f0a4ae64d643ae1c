// A deadline in the time in which this process listens. One that was stopped, asleep or without the processor hears
// first what came meanwhile: a single timer would be due before the answer that is there already has been read.

/** Parts of the time. The process listens between two of them, and one is lost by standing still, however long. */
const parts = 10;

/** Calls `then` once this process has listened for `ms`. @returns what ends the wait */
export function afterListening(ms: number, then: () => void): () => void {
  let left = parts;
  const timer = setInterval(() => {
    left--;
    if (left > 0) return;
    clearInterval(timer);
    then();
  }, ms / parts);
  return () => clearInterval(timer);
}
