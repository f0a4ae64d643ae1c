// Replies on their way out of one connection: made as fast as the client reads them, and in turns with
// the other connections, however much it asks for at once.
import type { Socket } from 'node:net';

/**
 * What is written before others have their turn: 128 answers of a few bytes, or some 120 KB of a list, which is
 * less than a millisecond's work. A chunk counts one, and one more for each KB.
 */
const workPerTurn = 128;
const bytesPerWork = 1_024;

/** A chunk without bytes stands for a batch of rows that were looked at: as much work as a full one. */
const workOfNothing = 32;

export class ReplyWriter {
  /** the chunks of the first that is left, then the others */
  private replies: Iterator<Uint8Array>[] = [];
  private next = 0;
  /** it waits for the client, or for its turn */
  private isWaiting = false;
  private turn: NodeJS.Immediate | null = null;

  /** Whether nothing is left to be written. */
  get isEmpty(): boolean {
    return this.next === this.replies.length && !this.isWaiting;
  }

  add(reply: Iterator<Uint8Array>): void {
    this.replies.push(reply);
  }

  /** Gives `socket` what it takes. When that is not all, `goOn` is called once there is more to do. */
  write(socket: Socket, goOn: () => void): void {
    if (this.isWaiting) return;
    const isBlocked = this.writeSome(socket);
    if (this.isEmpty && !isBlocked) return;
    this.isWaiting = true;
    const again = () => {
      this.turn = null;
      this.isWaiting = false;
      goOn();
    };
    if (isBlocked) socket.once('drain', again);
    else this.turn = setImmediate(again);
  }

  discard(): void {
    if (this.turn !== null) clearImmediate(this.turn);
    this.turn = null;
    this.replies = [];
    this.next = 0;
    this.isWaiting = false;
  }

  /** Whether the socket takes nothing more for now. */
  private writeSome(socket: Socket): boolean {
    let work = workPerTurn;
    let isBlocked = false;
    if (this.replies.length - this.next > 1) socket.cork();
    while (this.next < this.replies.length && work > 0 && !isBlocked) {
      const chunk = this.replies[this.next]?.next();
      if (chunk === undefined || chunk.done === true) {
        this.next++;
      } else if (chunk.value.length === 0) {
        work -= workOfNothing;
      } else {
        work -= 1 + chunk.value.length / bytesPerWork;
        isBlocked = !socket.write(chunk.value);
      }
    }
    socket.uncork();
    // Taken off all at once: from a long queue one by one would cost its square.
    if (this.next === this.replies.length) {
      this.replies = [];
      this.next = 0;
    }
    return isBlocked;
  }
}
