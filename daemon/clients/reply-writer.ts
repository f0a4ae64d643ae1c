// Replies on their way out of one connection: made as fast as the client reads them, and in turns with
// the other connections, however much it asks for at once.
import type { Socket } from 'node:net';

/**
 * What is written before others have their turn: 128 answers of a few bytes, or some 120 KB of a list, which is
 * less than a millisecond's work. A chunk counts one, and one more for each KB.
 */
const workPerTurn = 128;

/** The same at once, while others wait for their turn: a few short answers, or the first lines of a list. */
const workAtOnce = 16;
const bytesPerWork = 1_024;

/** A chunk without bytes stands for a batch of rows that were looked at: as much work as a full one. */
const workOfNothing = 32;

/** Of those who wait for their turn, so many have it in one round of the event loop: a few milliseconds. */
const writersPerRound = 4;

/** Whoever has more to write than one turn's work: they go on one after the other, a few each round. */
export class WritingTurns {
  private readonly waiting = new Set<() => void>();
  private round: NodeJS.Immediate | null = null;

  get isBusy(): boolean {
    return this.waiting.size > 0;
  }

  add(goOn: () => void): void {
    this.waiting.add(goOn);
    this.round ??= setImmediate(() => this.run());
  }

  delete(goOn: () => void): void {
    this.waiting.delete(goOn);
  }

  private run(): void {
    this.round = null;
    let left = writersPerRound;
    for (const goOn of this.waiting) {
      if (left-- === 0) break;
      this.waiting.delete(goOn);
      goOn();
    }
    if (this.waiting.size > 0) this.round ??= setImmediate(() => this.run());
  }
}

export class ReplyWriter {
  private readonly turns: WritingTurns;
  /** the chunks of the first that is left, then the others */
  private replies: Iterator<Uint8Array>[] = [];
  private next = 0;
  /** it waits for the client, or for its turn */
  private isWaiting = false;
  private goOn: (() => void) | null = null;

  constructor(turns: WritingTurns) {
    this.turns = turns;
  }

  /** Whether nothing is left to be written. */
  get isEmpty(): boolean {
    return this.next === this.replies.length && !this.isWaiting;
  }

  add(reply: Iterator<Uint8Array>): void {
    this.replies.push(reply);
  }

  /** Gives `socket` what it takes. When that is not all, `goOn` is called once there is more to do. */
  write(socket: Socket, goOn: () => void, isFirst = true): void {
    if (this.isWaiting) return;
    const isBlocked = this.writeSome(
      socket,
      isFirst && this.turns.isBusy ? workAtOnce : workPerTurn,
    );
    if (this.isEmpty && !isBlocked) return;
    this.isWaiting = true;
    const again = () => {
      this.goOn = null;
      this.isWaiting = false;
      goOn();
    };
    if (isBlocked) socket.once('drain', again);
    else {
      this.goOn = again;
      this.turns.add(again);
    }
  }

  discard(): void {
    if (this.goOn !== null) this.turns.delete(this.goOn);
    this.goOn = null;
    this.replies = [];
    this.next = 0;
    this.isWaiting = false;
  }

  /** Whether the socket takes nothing more for now. */
  private writeSome(socket: Socket, most: number): boolean {
    let work = most;
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
