// The console for somebody who listens: what is on the screen as lines, written once, and then what is
// new. The terminal stays as it is, lines follow each other, and nothing is said every second.
import type { ConsoleState } from '../console/console-state.ts';
import type { Adapt } from '../terminal/adapt.ts';
import type { Surface } from '../terminal/surface.ts';
import { safe } from '../text/columns.ts';
import { duration } from '../text/format.ts';
import { type Account, accountOf } from './account.ts';
import { createLineWriter } from './line-writer.ts';
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
