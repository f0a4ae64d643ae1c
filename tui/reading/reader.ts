// The console for a screen reader: the screen as lines, written once, and then what is new. Nothing is painted
// over: lines follow each other as a shell writes them, and an open question stands in the last line.
import type { ConsoleState } from '../console/console-state.ts';
import type { Adapt } from '../terminal/adapt.ts';
import type { Surface } from '../terminal/screen.ts';
import { safe } from '../text/columns.ts';
import { duration } from '../text/format.ts';
import { type Account, accountOf, type Question } from './account.ts';
import { everythingAwaited, newsOf, wholeAccount } from './news.ts';

/** Wide enough that nothing is cut, narrow enough that nothing stands beside a table; as many rows as one
 * likes to hear at a time. The keys that turn pages bring the others. */
export const readingSize = { columns: 120, rows: 24 };

export interface ReaderOptions {
  output: NodeJS.WriteStream;
  state: () => ConsoleState;
  adapt: Adapt;
}

export function createReader({ output, state, adapt }: ReaderOptions): Surface {
  const writer = createLineWriter((text) => output.write(adapt(text)));
  let isRunning = false;
  let isAnswer = false;
  let isAnswered = true;
  let awaited = everythingAwaited;
  let told: Account | null = null;
  let drawn: readonly string[] | null = null;

  const tell = () => {
    if (!isRunning || drawn === null) return;
    const now = accountOf(state(), drawn);
    const news = newsOf(told, now, isAnswer ? 'key' : awaited);
    writer.write(told === null ? [...greeting(state()), ...news.said] : news.said, now.question);
    told = news.told;
    awaited = news.awaited;
    isAnswered = true;
  };

  return {
    isRead: true,
    size: () => readingSize,
    show: (lines) => {
      drawn = lines;
      tell();
    },
    enter: () => {
      isRunning = true;
      tell();
    },
    leave: () => {
      isRunning = false;
      writer.end();
    },
    // Nothing of what is read is at a place.
    takeMouse: () => {},
    answer: () => {
      isAnswer = true;
      isAnswered = false;
      // What is drawn at once is the answer. Where nothing is, there may still be something to say of it.
      setImmediate(() => {
        if (!isAnswered) tell();
        isAnswer = false;
      });
    },
    again: () => {
      if (!isRunning || told === null) return;
      const { attention, question } = told;
      writer.write([...attention.map(({ text }) => text), ...wholeAccount(told)], question);
    },
    resized: () => {},
  };
}

function greeting({ data }: ConsoleState): string[] {
  const keys =
    'Keys: ? reads all of them, Ctrl-L reads this again, Tab goes to the next view, q quits.';
  if (data === null) return ['Dynamo DNS.', keys];
  const { server, listen } = data.status;
  const up = duration(data.at - server.startedAt);
  const where = `${safe(listen.address)} port ${listen.port}`;
  return [`Dynamo DNS, name server ${safe(server.id, 32)} at ${where}, up ${up}.`, keys];
}

export interface LineWriter {
  /** Writes `lines`, and the question as it stands now behind them. */
  write(lines: readonly string[], question: Question | null): void;
  /** Ends the line that a question stands in. */
  end(): void;
}

/** The terminal driver adds the return: Node leaves that on where it reads single keys. */
const newLine = '\n';
const erase = '\b \b';

export function createLineWriter(output: (text: string) => void): LineWriter {
  let open: Question | null = null;
  return {
    write: (lines, question) => {
      let text = '';
      const isSame = open !== null && question !== null && open.asked === question.asked;
      if (open !== null && (lines.length > 0 || !isSame)) {
        text += newLine;
        open = null;
      }
      text += lines.map((line) => line + newLine).join('');
      if (question !== null) text += open === null ? wholeOf(question) : typed(open, question);
      open = question;
      if (text !== '') output(text);
    },
    end: () => {
      if (open !== null) output(newLine);
      open = null;
    },
  };
}

function wholeOf({ asked, text }: Question): string {
  return asked + text;
}

/** From what is typed in the line to what is typed now. */
function typed(before: Question, now: Question): string {
  if (now.text.startsWith(before.text)) return now.text.slice(before.text.length);
  if (before.text.startsWith(now.text))
    return erase.repeat([...before.text].length - [...now.text].length);
  return newLine + wholeOf(now);
}
