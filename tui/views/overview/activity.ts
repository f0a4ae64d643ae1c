// Recent events, newest first: the time of day, a mark for the kind, and the event in a few words.
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

/** What happened to the host of the address, by kind; the daemon's text says more about it. */
const verbs: Readonly<Record<string, string>> = {
  registered: 'joined',
  returned: 'rejoined',
  left: 'left',
  removed: 'removed',
  expired: 'expired',
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
  if (activity.length === 0) return [title, theme.paint('label', 'no events yet')];
  return [
    title,
    ...activity.slice(0, Math.max(0, rows - 1)).map((entry) => {
      const [mark, tone] = marks[entry.kind] ?? (['·', 'label'] as const);
      const text = cut(eventText(entry), width - prefixColumns);
      return `${theme.paint('label', timeOfDay(entry.at))} ${theme.paint(tone, mark)} ${text}`;
    }),
  ];
}

/** `joined 192.0.2.7:4000 (node-09)`, `peer 192.0.2.2:4524 connected (id 7f3e9a15)`, `ddns.conf reloaded` */
function eventText({ kind, address, text }: Activity): string {
  const said = safe(text, 300);
  if (address === null) return said;
  const verb = verbs[kind];
  if (verb !== undefined) return `${verb} ${safe(address)} (${said})`;
  if (kind === 'refused') return `refused ${safe(address)}: ${said}`;
  return `${kind === 'peer' ? 'peer ' : ''}${safe(address)} ${said}`;
}
