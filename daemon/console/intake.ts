// How much one console may ask for before it has taken the answers: requests wait until those before them
// are with the console, so what is kept for one that does not read is a few answers, whatever it asks for.
import type { Socket } from 'node:net';
import {
  type DataCallback,
  type Disposable,
  Message,
  type RequestMessage,
  SocketMessageReader,
} from 'vscode-jsonrpc/node';
import { pageRequest } from '../../shared/ipc/contract.ts';
import { logRequest } from '../../shared/ipc/log-contract.ts';

/** Requests of one console that are carried out at once, or answered and not taken. */
export const maxParallelism = 4;

/** Requests of one console that wait: scripts may send some ahead, and a crowd of them is a mistake. */
const mostWaiting = 1_000;

/** Most bytes of one request: a thousand times what the largest needs. */
const maxRequestBytes = 1_048_576;

/** Answers of a megabyte and more: of these one console gets one at a time. */
const large: ReadonlySet<string> = new Set([pageRequest.method, logRequest.method]);

type Next = (message: Message) => unknown;

/** Reads the requests of one console; `full` is called when it sends ahead too much. */
export class Intake extends SocketMessageReader {
  private waiting = 0;
  private unreadBytes = 0;
  private largeOne: Promise<unknown> = Promise.resolve();
  private readonly full: () => void;

  constructor(socket: Socket, full: () => void) {
    super(socket);
    // Its timer would go on for ever after a console that broke off in the middle of a message.
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

  /** As MessageStrategy.handleMessage: the next request begins when the console has taken the answer. */
  handle(message: Message, next: Next): unknown {
    // What is still waiting counts until the last of it has begun.
    if (--this.waiting === 0) this.unreadBytes = 0;
    if (!Message.isRequest(message) || !large.has((message as RequestMessage).method))
      return next(message);
    const answered = this.largeOne.then(() => next(message));
    this.largeOne = answered.catch(() => {});
    return answered;
  }
}
