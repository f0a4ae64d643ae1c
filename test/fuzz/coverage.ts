// What of the project's own code was executed, told by V8's block coverage (node:inspector, Profiler.takePreciseCoverage).
// The unit is a character of a function: a block that was never executed before is some characters that are new. One
// look costs about a millisecond, whatever was executed since the last one, so one is taken for many inputs.
import { type Profiler, Session } from 'node:inspector';

/** The code that is fuzzed; libraries and the tests themselves do not count. */
const top = new URL('../../', import.meta.url).href;
const own = ['daemon/', 'shared/', 'tui/'].map((folder) => top + folder);

/** What was executed between two looks. */
export interface Look {
  /** whether any of it was not learnt before */
  isNew: boolean;
  learn(): void;
}

/** The coverage of this thread since it was created. */
export class Coverage {
  /** characters of code that were executed and learnt */
  size = 0;
  private readonly session = new Session();
  /** of each function, which characters were executed */
  private readonly executed = new Map<string, Uint8Array>();
  private readonly counts: (url: string) => boolean;

  /** @param counts whether the code of a script counts */
  constructor(
    counts: (url: string) => boolean = (url) => own.some((folder) => url.startsWith(folder)),
  ) {
    this.counts = counts;
    this.session.connect();
    this.session.post('Profiler.enable');
    // Without counts V8 tells each block once only, and the one input among many could not be found by a second look.
    this.session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /** What was executed since the last look. */
  look(): Look {
    const seen = this.take();
    return {
      isNew: this.some(seen, (known, now) => now.some((is, at) => is > (known[at] as number))),
      learn: () => {
        this.some(seen, (known, now) => {
          for (const [at, isExecuted] of now.entries())
            if (isExecuted > (known[at] as number)) {
              known[at] = 1;
              this.size++;
            }
          return false;
        });
      },
    };
  }

  close(): void {
    this.session.post('Profiler.stopPreciseCoverage');
    this.session.disconnect();
  }

  private take(): readonly Profiler.ScriptCoverage[] {
    let taken: readonly Profiler.ScriptCoverage[] = [];
    // The session is of this thread: the answer is there when `post` returns.
    this.session.post('Profiler.takePreciseCoverage', (error, answer) => {
      if (error !== null) throw error;
      taken = answer.result;
    });
    return taken;
  }

  /** Calls `isWanted` with the known and the seen characters of each function, until it returns true. */
  private some(
    seen: readonly Profiler.ScriptCoverage[],
    isWanted: (known: Uint8Array, now: Uint8Array) => boolean,
  ): boolean {
    for (const { url, scriptId, functions } of seen)
      if (this.counts(url))
        for (const { ranges } of functions) {
          const now = painted(ranges);
          const name = `${scriptId}:${ranges[0]?.startOffset}`;
          const known = this.executed.get(name) ?? new Uint8Array(now.length);
          this.executed.set(name, known);
          if (isWanted(known, now)) return true;
        }
    return false;
  }
}

/** The characters of a function, 1 where they were executed. Outer blocks come first: an inner one says what differs. */
function painted(ranges: readonly Profiler.CoverageRange[]): Uint8Array {
  const [{ startOffset: start, endOffset: end } = { startOffset: 0, endOffset: 0 }] = ranges;
  const now = new Uint8Array(end - start);
  for (const { count, startOffset, endOffset } of ranges)
    now.fill(Number(count > 0), startOffset - start, endOffset - start);
  return now;
}
