// Encoded answers made from one snapshot. Where thousands of queries a second ask the same, encoding the same hosts
// again was a third of the work: so once there are enough random answers to a question, one of those is sent. Slower
// askers have a new one each.
import type { AnswerBody } from '../../../shared/protocol/dns/dns-answer.ts';

/** Random answers to one question. Of 16 hosts each, they have every host of a pool of 256 four times. */
const enough = 64;

/** Questions: some names, types and sizes; answers to more are encoded each time. 64 × 128 of 300 to 1,200 bytes, at most 10 MB. */
const maxQuestions = 128;

/** The answers of one snapshot. */
export class KeptAnswers {
  private readonly byQuestion = new Map<string, AnswerBody[]>();

  /** An answer to the question; null: make one. `random` gives numbers in [0, 1). */
  find(question: string, random: () => number): AnswerBody | null {
    const kept = this.byQuestion.get(question);
    const [first] = kept ?? [];
    if (kept === undefined || first === undefined) return null;
    if (!first.isSample) return first;
    return kept.length < enough ? null : (kept[Math.floor(random() * enough)] as AnswerBody);
  }

  keep(question: string, answer: AnswerBody): void {
    const kept = this.byQuestion.get(question);
    if (kept !== undefined) kept.push(answer);
    else if (this.byQuestion.size < maxQuestions) this.byQuestion.set(question, [answer]);
  }
}
