// Replies on their way out of one connection: made as fast as the client reads them.
import type { Socket } from 'node:net';

export class ReplyWriter {
  /** the chunks of the first, then the others */
  private replies: Iterator<Uint8Array>[] = [];
  private isBlocked = false;

  /** Whether nothing is left to be written. */
  get isEmpty(): boolean {
    return this.replies.length === 0 && !this.isBlocked;
  }

  add(reply: Iterator<Uint8Array>): void {
    this.replies.push(reply);
  }

  /** Gives `socket` what it takes. When that is not all, `goOn` is called once it takes more. */
  write(socket: Socket, goOn: () => void): void {
    if (this.replies.length > 1) socket.cork();
    while (this.replies.length > 0 && !this.isBlocked) {
      const chunk = this.replies[0]?.next();
      if (chunk === undefined || chunk.done === true) this.replies.shift();
      else this.isBlocked = !socket.write(chunk.value);
    }
    socket.uncork();
    if (this.isEmpty || socket.listenerCount('drain') > 0) return;
    socket.once('drain', () => {
      this.isBlocked = false;
      goOn();
    });
  }

  discard(): void {
    this.replies = [];
    this.isBlocked = false;
  }
}
