// The latest lines of the log, for consoles. A line is kept as the text that was written, and parsed only when a
// console asks for it, so logging costs no more than before. Lines are bounded in number and in characters;
// the oldest go first, and the numbers tell a reader what it missed.
import { filterWords } from '../../../shared/filter.ts';
import {
  isAsUrgent,
  type LineLevel,
  type LogLine,
  matchesLine,
} from '../../../shared/output/log-line.ts';
import { printable } from '../../../shared/output/printable.ts';

/**
 * Lines kept: forty screens, or the last minute at level `debug` of a server that answers a few dozen nodes a
 * second.
 */
export const keptLines = 2_000;

/** Five times what `keptLines` usually take, and little compared with any registry. */
const mostCharacters = 1_048_576;

/** Characters of a field: several times an address with a node id, or an error message of the system. */
const maxFieldLength = 1_024;

/** Characters of a message, escapes included: the longest that the log writes. */
const maxMessageLength = 65_536;

/** Which lines are asked for. */
export interface LogSearch {
  /** only lines with a higher number */
  after: number;
  /** only lines of this level, or a more urgent one */
  level: Exclude<LineLevel, 'fatal'>;
  /** words that a line must contain, or must not (`!word`): shared/filter.ts */
  filter: string;
  /** at most this many: the latest ones */
  limit: number;
}

/** The latest lines of the log. */
export class RecentLog {
  /** Lines logged since the start: the number of the latest one. */
  total = 0;
  private readonly kept: string[] = [];
  private characters = 0;

  /** Keeps a line. @param line a JSON object as the log writes it, with `level`, `time` and `msg` */
  readonly add = (line: string): void => {
    this.total++;
    this.kept.push(line);
    this.characters += line.length;
    while (this.kept.length > keptLines || this.characters > mostCharacters)
      this.characters -= this.kept.shift()?.length ?? 0;
  };

  /**
   * The latest lines that match, oldest first. `forgotten`: how many lines after `search.after`, matching or not,
   * are no longer kept.
   */
  find({ after, level, filter, limit }: LogSearch): { lines: LogLine[]; forgotten: number } {
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

/** A value as text. Of an error only the message is shown; its stack is in the log's file. */
function fieldValue(value: unknown): string {
  if (typeof value === 'string') return printable(value, maxFieldLength);
  const said = (value as { message?: unknown } | null)?.message;
  return printable(typeof said === 'string' ? said : JSON.stringify(value), maxFieldLength);
}
