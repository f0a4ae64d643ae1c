// What the main process asks a worker for a console, and once a second whether it is there, and the answers:
// rare, so they are JSON, and each has a number, because an answer may come when nobody waits for it any more.
import type { Asking, BacklogPart } from '../core/admission/backlog.ts';

/** Who waits at a console waits no longer than this for a process that is stopped or overwhelmed. */
const answerTimeoutMs = 1_000;

export type Question =
  | { about: 'backlog' }
  | { about: 'close'; serial: number }
  /** whether it answers at all */
  | { about: 'life' };

export type Answer =
  | { about: 'backlog'; part: BacklogPart }
  /** null: no connection with that number is in the backlog */
  | { about: 'close'; closed: Asking | null }
  | { about: 'life' };

export type Numbered<T> = T & { number: number };

/** The questions to one worker that are not answered yet. */
export class Questions {
  private readonly send: (question: Numbered<Question>) => void;
  private readonly waiting = new Map<number, (answer: Answer | null) => void>();
  private last = 0;

  constructor(send: (question: Numbered<Question>) => void) {
    this.send = send;
  }

  /** Null: there was no answer in time, or there is nobody any more who could give it. */
  ask<Q extends Question>(question: Q): Promise<Extract<Answer, Pick<Q, 'about'>> | null>;
  ask(question: Question): Promise<Answer | null> {
    const number = ++this.last;
    return new Promise((resolve) => {
      const settle = (answer: Answer | null) => {
        this.waiting.delete(number);
        clearTimeout(timer);
        resolve(answer);
      };
      const timer = setTimeout(() => settle(null), answerTimeoutMs);
      this.waiting.set(number, settle);
      this.send({ number, ...question });
    });
  }

  answered({ number, ...answer }: Numbered<Answer>): void {
    this.waiting.get(number)?.(answer);
  }

  /** The worker is gone. */
  end(): void {
    for (const settle of [...this.waiting.values()]) settle(null);
  }
}
