// What just happened, newest first: the time of day, a mark for its kind, the address, and
// the daemon's words.
import type { Activity } from '../../../shared/ipc/status-contract.ts';
import { cut, safe } from '../../text/columns.ts';
import { timeOfDay } from '../../text/format.ts';
import type { Theme, Token } from '../../theme.ts';

/** By kind; a daemon may know kinds that this console does not. */
const marks: Readonly<Record<string, readonly [mark: string, tone: Token]>> = {
  registered: ['+', 'good'],
  returned: ['+', 'good'],
  left: ['-', 'label'],
  removed: ['-', 'warn'],
  expired: ['-', 'label'],
  refused: ['!', 'warn'],
  storage: ['!', 'bad'],
  reloaded: ['*', 'accent'],
  pinged: ['>', 'accent'],
  peer: ['*', 'accent'],
  drained: ['!', 'warn'],
  closed: ['-', 'warn'],
};

/** Time, mark and the spaces around them. */
const prefixColumns = 11;

/** At most `rows` lines, the first one the title. */
export function activityLines(
  theme: Theme,
  activity: readonly Activity[],
  width: number,
  rows: number,
): string[] {
  const title = theme.paint('strong', 'Activity');
  if (activity.length === 0) return [title, theme.paint('label', 'nothing yet')];
  return [
    title,
    ...activity.slice(0, Math.max(0, rows - 1)).map((entry) => {
      const [mark, tone] = marks[entry.kind] ?? (['·', 'label'] as const);
      const address = entry.address === null ? '' : `${safe(entry.address)} `;
      const text = cut(address + safe(entry.text, 300), width - prefixColumns);
      return `${theme.paint('label', timeOfDay(entry.at))} ${theme.paint(tone, mark)} ${text}`;
    }),
  ];
}
