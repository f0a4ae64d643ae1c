// A store as a screen follows it. What the operator asked for is shown at once; what comes by itself once a second, all
// of it together. While the terminal has not taken what was written before, nothing is: frames do not queue.
import type { Store } from '../state/common-state.ts';

/** Nobody reads figures that change more often than ages, and of each line that changes Ink writes all to its end. A
 * little less than the second between two samples. */
const calmMs = 900;
/** What follows a key, or the start, in this time, such as rows that the daemon has to bring, answers it. */
const answerMs = 1_000;

/** The store for what is drawn on `output`, and what to call for a key. */
export function paced<S, A>(
  store: Store<S, A>,
  output: NodeJS.WriteStream,
): { store: Store<S, A>; answer: () => void } {
  const listeners = new Set<() => void>();
  let timer: NodeJS.Timeout | undefined;
  let toldAt = Number.NEGATIVE_INFINITY;
  let answeredUntil = performance.now() + answerMs;
  const tell = () => {
    clearTimeout(timer);
    timer = undefined;
    if (output.writableNeedDrain) return;
    toldAt = performance.now();
    for (const listener of [...listeners]) listener();
  };
  output.on('drain', tell);
  store.subscribe(() => {
    const now = performance.now();
    const waitMs = now < answeredUntil ? 0 : toldAt + calmMs - now;
    if (waitMs <= 0) tell();
    else timer ??= setTimeout(tell, waitMs);
  });
  return {
    store: {
      ...store,
      subscribe: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    answer: () => {
      answeredUntil = performance.now() + answerMs;
    },
  };
}
