// Questions to the daemon while a view is on the screen: one at a time, and none before it is due, so that
// a slow daemon is never sent a queue.
export interface Pacing {
  readonly isAsking: boolean;
  readonly isClosed: boolean;
  /** Asks now, or looks again when it is due; nothing while another question is not answered. */
  ask(dueAt: number, question: () => Promise<void>): void;
  close(): void;
}

/** After a question that was not answered: as long as between two looks at a clock. */
export const retryMs = 1_000;

/**
 * Times are those of `performance.now`.
 * @param look decides what to ask, if anything; it is called when a question was answered, or is due
 */
export function createPacing(look: () => void): Pacing {
  let isAsking = false;
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;
  const run = async (question: () => Promise<void>) => {
    isAsking = true;
    try {
      await question();
    } finally {
      isAsking = false;
    }
    if (!isClosed) look();
  };
  return {
    get isAsking() {
      return isAsking;
    },
    get isClosed() {
      return isClosed;
    },
    ask: (dueAt, question) => {
      if (isAsking || isClosed) return;
      clearTimeout(timer);
      const waitMs = dueAt - performance.now();
      if (waitMs > 0) timer = setTimeout(look, waitMs);
      else void run(question);
    },
    close: () => {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}
