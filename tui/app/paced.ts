// A store as a screen follows it. What the operator asked for is shown at once; what comes by itself once a second, all
// of it together. While the terminal has not taken what was written before, nothing is: frames do not queue. What is on
// its way to a terminal at the end of a slow line is with other programs, so the terminal itself is asked.
import { setTimeout as afterWait } from 'node:timers/promises';
import type { Store } from '../state/common-state.ts';

/** Nobody reads figures that change more often than ages, and of each line that changes Ink writes all to its end. A
 * little less than the second between two samples. */
const calmMs = 900;
/** What follows a key, or the start, in this time, such as rows that the daemon has to bring, answers it. */
const answerMs = 1_000;
/** DSR (ECMA-48): a terminal answers when it has come to it. */
const question = '\u001b[5n';
/** The answer. */
export const takenReply = '\u001b[0n';
/** More than a whole frame takes at 1,200 bytes a second. One that does not answer any more is not waited for. */
const patienceMs = 15_000;
/** How long the terminal may take before it is given back: what it answers later, a shell would take for typed. */
const quietMs = 800;

interface Paced<S, A> {
  /** for what is drawn */
  store: Store<S, A>;
  /** A key was pressed: what changes now is shown at once. */
  answer(): void;
  /** Shows what there is, whatever is still on its way: the window has another size. */
  showNow(): void;
  /** Asks the terminal, which is waited for from its first answer on. */
  ask(): void;
  /** The terminal has answered. */
  taken(): void;
  /** Asks no more. @returns when no answer is to be expected, or none comes in time */
  quiet(): Promise<void>;
}

export function paced<S, A>(store: Store<S, A>, output: NodeJS.WriteStream): Paced<S, A> {
  const listeners = new Set<() => void>();
  let timer: NodeJS.Timeout | undefined;
  let patience: NodeJS.Timeout | undefined;
  let toldAt = Number.NEGATIVE_INFINITY;
  let answeredUntil = performance.now() + answerMs;
  let answers = false;
  let isAsked = false;
  let isHeldBack = false;
  /** bytes that the terminal had been sent when it was asked last */
  let askedAfter = 0;
  let answered = () => {};
  const ask = () => {
    output.write(question);
    isAsked = true;
    askedAfter = output.bytesWritten;
    clearTimeout(patience);
    patience = setTimeout(forget, patienceMs).unref();
  };
  const settle = () => {
    clearTimeout(patience);
    isAsked = false;
    answered();
    if (isHeldBack) tellAll();
  };
  const forget = () => {
    answers = false;
    settle();
  };
  const tell = () => {
    clearTimeout(timer);
    timer = undefined;
    if (output.writableNeedDrain) return;
    if (answers && !isAsked && output.bytesWritten > askedAfter) ask();
    if (answers && isAsked) isHeldBack = true;
    else tellAll();
  };
  const tellAll = () => {
    isHeldBack = false;
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
    showNow: tellAll,
    ask,
    taken: () => {
      answers = true;
      settle();
    },
    quiet: async () => {
      const isAwaited = answers && isAsked;
      const answer = new Promise<void>((resolve) => {
        answered = resolve;
      });
      // From now on nothing is asked.
      answers = false;
      if (isAwaited) await Promise.race([answer, afterWait(quietMs)]);
      forget();
    },
  };
}
