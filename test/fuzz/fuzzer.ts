// The loop of a coverage-guided fuzzer (the idea of AFL and libFuzzer): inputs that execute something new are kept and
// mutated further, so that a decoder is learnt from its outside to its inside. Runs are looked at in batches, because a
// look costs as much as a hundred runs; only when a batch was worth it are its inputs run again, one by one.
import type { Coverage } from './coverage.ts';
import { mutated } from './mutation.ts';
import { mostMs, type Target } from './target.ts';

/** Runs between two looks at the coverage. */
const batchSize = 128;

/** Most runs that are spent on making the input of a fault smaller. */
const mostReductions = 2_000;

/** An input that is not treated as it must be. */
export interface Fault {
  input: Buffer;
  /** what was thrown */
  error: Error;
}

export interface FuzzOptions {
  coverage: Coverage;
  /** what was kept by earlier runs */
  corpus: readonly Buffer[];
  /** random whole numbers from 0 to before `limit` */
  below(limit: number): number;
  /** Called before each input is run, for whoever watches that it ends. */
  runs?(input: Buffer): void;
}

/** One run of the loop on one target. */
export class Fuzzer {
  executions = 0;
  readonly corpus: Buffer[] = [];
  private readonly target: Target;
  private readonly options: FuzzOptions;
  /** messages of the faults that are known: one cause is told once */
  private readonly known = new Set<string>();

  constructor(target: Target, options: FuzzOptions) {
    this.target = target;
    this.options = options;
  }

  /**
   * Runs the seeds and the corpus, the shortest first, and keeps those that execute something new.
   * @returns the faults they show
   */
  async begin(): Promise<Fault[]> {
    const { corpus } = this.options;
    const faults: Fault[] = [];
    for (const input of [...corpus, ...this.target.seeds].toSorted((a, b) => a.length - b.length)) {
      faults.push(...(await this.tried(input)));
      this.keepIfNew(input);
    }
    if (this.corpus.length === 0) this.corpus.push(Buffer.alloc(0));
    return faults;
  }

  /** Runs one batch of mutations. @returns the faults found, each cause once and as small as it could be made */
  async batch(): Promise<Fault[]> {
    const { below, coverage } = this.options;
    const { words, mostBytes: most } = this.target;
    const faults: Fault[] = [];
    const inputs: Buffer[] = [];
    for (let i = 0; i < batchSize; i++) {
      const bytes = this.corpus[below(this.corpus.length)] as Buffer;
      const input = mutated(bytes, { below, others: this.corpus, words, most });
      inputs.push(input);
      faults.push(...(await this.tried(input)));
    }
    const together = coverage.look();
    if (!together.isNew) return faults;
    for (const input of inputs) {
      await this.run(input);
      this.keepIfNew(input);
    }
    // What none of them did again, because it depended on what came before, is not looked for a second time.
    together.learn();
    return faults;
  }

  private keepIfNew(input: Buffer): void {
    const look = this.options.coverage.look();
    if (!look.isNew) return;
    look.learn();
    this.corpus.push(input);
  }

  /** What the target throws; null: nothing. */
  private async run(input: Buffer): Promise<Error | null> {
    this.executions++;
    this.options.runs?.(input);
    const since = performance.now();
    try {
      // Most decoders answer at once; waiting for those as well would cost more than they do.
      const waits = this.target.run(Buffer.from(input));
      if (waits instanceof Promise) await waits;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
    const ms = performance.now() - since;
    return ms > mostMs ? new Error(`more than ${mostMs} ms for one input`) : null;
  }

  /** Runs an input. @returns its fault, if it has one whose cause is not known yet */
  private async tried(input: Buffer): Promise<Fault[]> {
    const error = await this.run(input);
    if (error === null || this.known.has(causeOf(error))) return [];
    this.known.add(causeOf(error));
    return [{ input: await this.reduced(input, causeOf(error)), error }];
  }

  /** `input` without the pieces that its fault does not need. */
  private async reduced(input: Buffer, cause: string): Promise<Buffer> {
    let small = input;
    let left = mostReductions;
    for (let size = Math.ceil(input.length / 2); size > 0; size = Math.floor(size / 2))
      for (let at = 0; at < small.length && left > 0; left--) {
        const less = Buffer.concat([small.subarray(0, at), small.subarray(at + size)]);
        const error = await this.run(less);
        if (error !== null && causeOf(error) === cause) small = less;
        else at += size;
      }
    return small;
  }
}

/** The same for one cause: its words without numbers and quotations, and where it was thrown. */
function causeOf({ message, stack = '' }: Error): string {
  const place = stack.split('\n').find((line) => /^\s+at /.test(line)) ?? '';
  return `${message.split('\n')[0]?.replace(/"[^"]*"|\d+/g, '#')} ${place.trim()}`;
}
