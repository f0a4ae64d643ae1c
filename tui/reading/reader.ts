// The console for a screen reader: the screen as lines, written once, and then what is new. Nothing is painted
// over: lines follow each other as a shell writes them, and an open question stands in the last line.
import type { ConsoleState, ConsoleStore } from '../console/console-state.ts';
import { safe } from '../text/columns.ts';
import { durationText } from '../text/format.ts';
import { type Account, accountOf, type SpokenQuestion } from './account.ts';
import { everythingAwaited, newsOf, wholeAccount } from './news.ts';

/** Wide enough that nothing is cut, narrow enough that nothing stands beside a table, and as many rows as one likes
 * to hear at a time; keys page through the others. */
export const readingSize = { columns: 120, rows: 24 };

interface Reader {
  /** Reads from now on. */
  start(): void;
  /** Ends the line of an open question, and is silent until `start`. */
  stop(): void;
  /** Call it for a key: what follows at once answers it. */
  answer(): void;
  again(): void;
}

/**
 * @param draw the view as lines, drawn with the reading theme
 * @param write to the terminal
 */
export function createReader(
  store: ConsoleStore,
  draw: () => readonly string[],
  write: (text: string) => void,
): Reader {
  const writer = createLineWriter(write);
  let isAnswer = false;
  let awaited = everythingAwaited;
  let known: Account | null = null;
  let soon: NodeJS.Immediate | undefined;
  let unsubscribe: (() => void) | null = null;

  const say = () => {
    soon = undefined;
    const now = accountOf(store.get(), draw());
    const news = newsOf(known, now, isAnswer ? 'key' : awaited);
    writer.write(
      known === null ? [...greeting(store.get()), ...news.said] : news.said,
      now.question,
    );
    known = news.known;
    awaited = news.awaited;
    isAnswer = false;
  };
  /** After the current work, which may change more. */
  const saySoon = () => {
    soon ??= setImmediate(say);
  };

  return {
    start: () => {
      unsubscribe ??= store.subscribe(saySoon);
      saySoon();
    },
    stop: () => {
      unsubscribe?.();
      unsubscribe = null;
      clearImmediate(soon);
      soon = undefined;
      writer.end();
    },
    answer: () => {
      isAnswer = true;
      saySoon();
    },
    again: () => {
      if (known === null) return;
      const { attention, question } = known;
      writer.write([...attention.map(({ text }) => text), ...wholeAccount(known)], question);
    },
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
