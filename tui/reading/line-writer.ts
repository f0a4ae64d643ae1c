// Lines on a terminal, as a shell writes them: nothing is painted over, so that a screen reader speaks
// what comes. The question that is open stands in the last line; what is typed appears behind it.
import type { Question } from './question.ts';

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
