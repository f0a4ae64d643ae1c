// The latest lines of the log, for consoles. They are kept as they were written and taken apart only
// when somebody asks, so that logging costs no more than before. Bounded in number and in size; the
// oldest go first, and numbers tell a reader what it missed.
import { filterWords } from '../../../shared/filter.ts';
import {
  isAsUrgent,
  type LineLevel,
  type LogLine,
  type LogParams,
  type LogResult,
  logHistory,
  matchesLine,
} from '../../../shared/ipc/log-contract.ts';
import { printable } from '../../../shared/output/printable.ts';

/** Five times what that many lines usually take, and little beside any registry. */
const mostCharacters = 1_048_576;

/** Longest field: several times an address with its node id, or what a system says of an error. */
const maxFieldLength = 1_024;

/** As long as a message may be when it is logged, escapes included. */
const maxMessageLength = 65_536;

export class RecentLog {
  /** Logged since the start. */
  total = 0;
  private readonly kept: string[] = [];
  private characters = 0;

  /** @param line a JSON object as the log writes it, with `level`, `time` and `msg` */
  readonly add = (line: string): void => {
    this.total++;
    this.kept.push(line);
    this.characters += line.length;
    while (this.kept.length > logHistory || this.characters > mostCharacters)
      this.characters -= this.kept.shift()?.length ?? 0;
  };

  /** The latest lines that are asked for. */
  find({ after, level, filter, limit }: LogParams): Omit<LogResult, 'status'> {
    const words = filterWords(filter);
    const before = this.total - this.kept.length;
    const lines: LogLine[] = [];
    for (let index = this.kept.length - 1; index >= 0 && lines.length < limit; index--) {
      const seq = before + index + 1;
      if (seq <= after) break;
      const line = readLine(seq, this.kept[index] as string);
      if (isAsUrgent(line.level, level) && matchesLine(words, line)) lines.push(line);
    }
    return { lines: lines.reverse(), forgotten: Math.max(0, before - after) };
  }
}

function readLine(seq: number, text: string): LogLine {
  const { level, time, msg, ...rest } = JSON.parse(text) as Record<string, unknown>;
  return {
    seq,
    at: Date.parse(String(time)),
    level: level as LineLevel,
    msg: printable(String(msg ?? ''), maxMessageLength),
    fields: Object.fromEntries(
      Object.entries(rest).map(([name, value]) => [printable(name), fieldValue(value)]),
    ),
  };
}

/** Of an error, its message: where in the code it was made is for the log's file. */
function fieldValue(value: unknown): string {
  if (typeof value === 'string') return printable(value, maxFieldLength);
  const said = (value as { message?: unknown } | null)?.message;
  return printable(typeof said === 'string' ? said : JSON.stringify(value), maxFieldLength);
}
