// The console for a screen reader: the screen as lines, written once, and then what is new. Nothing is painted
// over: lines follow each other as a shell writes them, and an open question stands in the last line.
import type { ConsoleState } from '../console/console-state.ts';
import type { Adapt } from '../terminal/adapt.ts';
import type { Surface } from '../terminal/screen.ts';
import { safe } from '../text/columns.ts';
import { durationText } from '../text/format.ts';
import { type Account, accountOf, type SpokenQuestion } from './account.ts';
import { everythingAwaited, newsOf, wholeAccount } from './news.ts';

/** Wide enough that nothing is cut, narrow enough that nothing stands beside a table, and as many rows as one likes
 * to hear at a time; keys page through the others. */
export const readingSize = { columns: 120, rows: 24 };

interface ReaderOptions {
  output: NodeJS.WriteStream;
  state: () => ConsoleState;
  adapt: Adapt;
}

/** A surface that reads the screen out. */
export function createReader({ output, state, adapt }: ReaderOptions): Surface {
  const writer = createLineWriter((text) => output.write(adapt(text)));
  let isRunning = false;
  let isAnswer = false;
  let isAnswered = true;
  let awaited = everythingAwaited;
  let known: Account | null = null;
  let drawn: readonly string[] | null = null;

  const say = () => {
    if (!isRunning || drawn === null) return;
    const now = accountOf(state(), drawn);
    const news = newsOf(known, now, isAnswer ? 'key' : awaited);
    writer.write(known === null ? [...greeting(state()), ...news.said] : news.said, now.question);
    known = news.known;
    awaited = news.awaited;
    isAnswered = true;
  };

  return {
    isRead: true,
    size: () => readingSize,
    show: (lines) => {
      drawn = lines;
      say();
    },
    enter: () => {
      isRunning = true;
      say();
    },
    leave: () => {
      isRunning = false;
      writer.end();
    },
    // Lines that are read out have no place to click.
    takeMouse: () => {},
    answer: () => {
      isAnswer = true;
      isAnswered = false;
      // A frame that is drawn at once is the answer. Without one there may still be a notice to say.
      setImmediate(() => {
        if (!isAnswered) say();
        isAnswer = false;
      });
    },
    again: () => {
      if (!isRunning || known === null) return;
      const { attention, question } = known;
      writer.write([...attention.map(({ text }) => text), ...wholeAccount(known)], question);
    },
    resized: () => {},
  };
}

function greeting({ data }: ConsoleState): string[] {
  const keys =
    'Keys: ? lists all keys, Ctrl-L reads the screen again, Tab goes to the next view, q quits.';
  if (data === null) return ['Dynamo DNS.', keys];
  const { server, listen } = data.status;
  const up = durationText(data.at - server.startedAt);
  const where = `${safe(listen.address)} port ${listen.port}`;
  return [`Dynamo DNS, name server ${safe(server.id, 32)} at ${where}, up ${up}.`, keys];
}

interface LineWriter {
  /** Writes `lines`, then the question as it stands now. */
  write(lines: readonly string[], question: SpokenQuestion | null): void;
  /** Ends the line of an open question. */
  end(): void;
}

/** The terminal driver adds the carriage return: Node's raw mode leaves that on. */
const newLine = '\n';
const erase = '\b \b';

/** @param output writes to the terminal */
export function createLineWriter(output: (text: string) => void): LineWriter {
  let open: SpokenQuestion | null = null;
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

function wholeOf({ asked, text }: SpokenQuestion): string {
  return asked + text;
}

/** Turns what is typed in the line into what is typed now. */
function typed(before: SpokenQuestion, now: SpokenQuestion): string {
  if (now.text.startsWith(before.text)) return now.text.slice(before.text.length);
  if (before.text.startsWith(now.text))
    return erase.repeat([...before.text].length - [...now.text].length);
  return newLine + wholeOf(now);
}
