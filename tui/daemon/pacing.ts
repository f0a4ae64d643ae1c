// Paces a view's requests to the daemon: one at a time, and none before it is due, so that a slow daemon never gets a
// queue of them.

/** What brings a view its data. */
export interface Control {
  /** Asks for what is missing, if anything and if it may. Call it whenever the state changed. */
  pump(): void;
  close(): void;
}

interface Pacing {
  readonly isAsking: boolean;
  readonly isClosed: boolean;
  /** Runs the request now, or calls `look` when it is due; does nothing while another one is unanswered. */
  ask(dueAt: number, question: () => Promise<void>): void;
  close(): void;
}

/** Wait after a failed request. */
export const retryMs = 1_000;

/**
 * Times are those of `performance.now`.
 * @param look decides what to request, if anything; called when a request was answered, or is due
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
