// Keeps the console attached to the daemon: one client at a time, and another attempt whenever it ends, for ever,
// with jittered backoff. Everything it learns goes out as events.
import { connectIpc, type IpcClient } from '../../shared/ipc/client.ts';
import type { Delta, Snapshot } from '../../shared/ipc/status-contract.ts';
import { version } from '../../shared/version.ts';

/** First and longest wait. A daemon that restarts is back within a second or two, and an operator should not watch
 * a lost connection for long. */
const firstWaitMs = 250;
const maxWaitMs = 4_000;
const growth = 1.7;
/** Each wait is drawn from between this share of it and all of it, so that consoles do not reconnect all at once. */
const jitterFloor = 0.6;

export type AttachEvent =
  | { type: 'attached'; snapshot: Snapshot }
  | { type: 'delta'; delta: Delta }
  | { type: 'lost'; reason: string; waitMs: number }
  | { type: 'retrying' }
  | { type: 'retry-failed'; reason: string; waitMs: number };

export interface Attachment {
  /** The first attempt. Unless it `keepsTrying`, nothing is retried until one has succeeded. @throws UnreachableError */
  start(): Promise<void>;
  /** The client while attached, else null. */
  client(): IpcClient | null;
  retryNow(): void;
  close(): void;
}

interface AttachOptions {
  connect(): Promise<IpcClient>;
  onEvent(event: AttachEvent): void;
  /** Whether to go on when the first attempt fails, too; false by default. */
  keepsTrying?: boolean;
  /** A number from 0 up to 1; `Math.random` by default. */
  random?(): number;
  /** Runs `run` after `ms`, by default with a timer. @returns what cancels it */
  after?(ms: number, run: () => void): () => void;
}

function afterTimer(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
}

export function connectTo(socketPath: string, { readOnly = false } = {}): () => Promise<IpcClient> {
  return () => connectIpc(socketPath, { name: 'ddns-tui', version, readOnly, subscribes: true });
}

/** The wait before the next attempt. @param failures failed attempts in a row @param random from 0 up to 1 */
export function attachBackoffMs(failures: number, random: number): number {
  const whole = Math.min(maxWaitMs, firstWaitMs * growth ** failures);
  return Math.round(whole * (jitterFloor + (1 - jitterFloor) * random));
}

export function createAttachment(options: AttachOptions): Attachment {
  const { connect, onEvent, keepsTrying = false } = options;
  const { random = Math.random, after = afterTimer } = options;
  let current: IpcClient | null = null;
  /** Cancels the attempt that is due; null: none is. */
  let cancel: (() => void) | null = null;
  let failures = 0;
  let closed = false;

  const attempt = async () => {
    const client = await connect();
    const snapshot = await client
      .subscribe((delta) => {
        if (current === client) onEvent({ type: 'delta', delta });
      })
      .catch((error: unknown) => {
        client.close();
        throw error;
      });
    if (closed) {
      client.close();
      return;
    }
    current = client;
    failures = 0;
    onEvent({ type: 'attached', snapshot });
    client.closed.then(onClosed);
  };
  const onClosed = () => {
    current = null;
    if (closed) return;
    const waitMs = attachBackoffMs(0, random());
    onEvent({ type: 'lost', reason: 'the name server closed the connection', waitMs });
    cancel = after(waitMs, retry);
  };
  const retry = async () => {
    cancel = null;
    onEvent({ type: 'retrying' });
    try {
      await attempt();
    } catch (error) {
      if (closed) return;
      tryLater('retry-failed', error);
    }
  };
  const tryLater = (type: 'lost' | 'retry-failed', error: unknown) => {
    failures += 1;
    const waitMs = attachBackoffMs(failures, random());
    const reason = error instanceof Error ? error.message : String(error);
    onEvent({ type, reason, waitMs });
    cancel = after(waitMs, retry);
  };

  return {
    start: async () => {
      try {
        await attempt();
      } catch (error) {
        if (keepsTrying && !closed) tryLater('lost', error);
        throw error;
      }
    },
    client: () => current,
    retryNow: () => {
      if (cancel === null) return;
      cancel();
      void retry();
    },
    close: () => {
      closed = true;
      cancel?.();
      current?.close();
    },
  };
}

/** Starts all of them, and waits for one. @throws UnreachableError when none can be attached to; then all are closed */
export async function startAny(attachments: readonly Attachment[]): Promise<void> {
  try {
    await Promise.any(attachments.map((attachment) => attachment.start()));
  } catch (error) {
    for (const attachment of attachments) attachment.close();
    throw (error as AggregateError).errors[0];
  }
}
