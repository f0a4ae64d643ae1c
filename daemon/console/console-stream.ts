// The message stream of one console, bounded in both directions. Requests wait until the answers to earlier ones
// are read, so a console that does not read costs a few answers of memory, whatever it asks for.
import type { Socket } from 'node:net';
import {
  type DataCallback,
  type Disposable,
  Message,
  type RequestMessage,
  SocketMessageReader,
  SocketMessageWriter,
} from 'vscode-jsonrpc/node';
import { backupPieceRequest } from '../../shared/ipc/backup-contract.ts';
import { pageRequest } from '../../shared/ipc/contract.ts';
import { logRequest } from '../../shared/ipc/log-contract.ts';

/** Requests of one console in progress, or answered and not read yet. */
export const maxParallelism = 4;

/** Requests of one console that wait: scripts send a few ahead; more is a mistake. */
const mostWaiting = 1_000;

/** Unread bytes of requests: a thousand times the largest one. */
const maxRequestBytes = 1_048_576;

/** Requests with answers of up to a megabyte and more: one at a time per console. */
const large: ReadonlySet<string> = new Set([
  pageRequest.method,
  logRequest.method,
  backupPieceRequest.method,
]);

type Next = (message: Message) => unknown;

/** Reads the requests of one console; calls `full` when it sends too many ahead. */
export class Intake extends SocketMessageReader {
  private waiting = 0;
  private unreadBytes = 0;
  private largeOne: Promise<unknown> = Promise.resolve();
  private readonly full: () => void;

  constructor(socket: Socket, full: () => void) {
    super(socket);
    // The timer of the base class would run for ever after a console that disconnects within a message.
    this.partialMessageTimeout = 0;
    this.full = full;
    socket.on('data', (chunk) => {
      this.unreadBytes += chunk.length;
      if (this.unreadBytes > maxRequestBytes) full();
    });
  }

  override listen(callback: DataCallback): Disposable {
    return super.listen((message) => {
      if (++this.waiting > mostWaiting) this.full();
      else callback(message);
    });
  }

  /** For MessageStrategy.handleMessage: the next request starts when the console has read the answer. */
  handle(message: Message, next: Next): unknown {
    // Bytes count until no request waits any more.
    if (--this.waiting === 0) this.unreadBytes = 0;
    if (!Message.isRequest(message) || !large.has((message as RequestMessage).method))
      return next(message);
    const answered = this.largeOne.then(() => next(message));
    this.largeOne = answered.catch(() => {});
    return answered;
  }
}

/**
 * Writes to one console, and knows for how long the console has not read an answer. A console may disconnect while
 * it is answered; vscode-jsonrpc then rejects a promise that nobody handles, which would end the daemon. So a
 * failed write closes the connection and resolves.
 */
export class ConsoleWriter extends SocketMessageWriter {
  private readonly console: Socket;
  /** answers that the console has not read, the oldest first; `since` in monotonic ms */
  private readonly untaken = new Set<{ since: number }>();

  constructor(socket: Socket) {
    super(socket);
    this.console = socket;
  }

  /** The age in ms of the oldest unread answer; 0 without one. */
  untakenForMs(now: number): number {
    const [longest] = this.untaken;
    return longest === undefined ? 0 : now - longest.since;
  }

  /** Resolves when the console has read the message, or has disconnected. */
  override async write(message: Message): Promise<void> {
    if (this.console.destroyed) return;
    const answer = { since: performance.now() };
    // There is at most one unread delta: Subscription drops further ones.
    if (Message.isResponse(message)) this.untaken.add(answer);
    try {
      await super.write(message);
    } catch {
      this.console.destroy();
    } finally {
      this.untaken.delete(answer);
    }
  }
}
