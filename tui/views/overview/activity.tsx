// Recent events, newest first: the time of day, a mark for the kind, and the event in a few words.
import { Box } from 'ink';
import { type ReactElement, useContext } from 'react';
import type { Activity } from '../../../shared/ipc/status-contract.ts';
import { Parts, ReadContext, Styled, WidthContext } from '../../components/styled.tsx';
import { clausesWithin, cutMiddle, fitted, safe, wordsWithin } from '../../text/columns.ts';
import { timeOfDay, type Zone } from '../../text/format.ts';
import type { Token } from '../../theme.ts';

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
  backup: ['*', 'accent'],
  imported: ['+', 'accent'],
};

/** What happened to the host of the address, by kind; the daemon's text says more about it. */
const verbs: Readonly<Record<string, string>> = {
  registered: 'joined',
  returned: 'rejoined',
  left: 'left',
  removed: 'removed',
  expired: 'expired',
};

/** Time and mark, and the spaces behind them. */
const prefixColumns = 11;

interface ActivityListProps {
  /** newest first */
  activity: readonly Activity[];
  /** number of the selected event; null: none is */
  selected: number | null;
  /** those up to this time are shown; null: up to now */
  until: number | null;
  zone: Zone;
  width: number;
  /** most of them, the title included */
  rows: number;
}

/** The latest events under a title; further up or down with the selected one. */
export function ActivityList(props: ActivityListProps): ReactElement {
  const { activity, selected, until, zone, width, rows } = props;
  const cursor = activity.findIndex(({ seq }) => seq === selected);
  const top = Math.max(0, cursor - rows + 2);
  return (
    <Box flexDirection="column" width={width} flexShrink={0}>
      <WidthContext value={width}>
        <Parts
          parts={[
            ['Activity', 'strong'],
            until === null
              ? [`, ${zone.name}`, 'label']
              : [` until ${timeOfDay(until, zone)}, ${zone.name}`, 'accent'],
          ]}
        />
        {activity.length === 0 && (
          <Styled as="label">
            {until === null ? 'no events yet' : 'no events kept from then'}
          </Styled>
        )}
        {activity.slice(top, top + Math.max(0, rows - 1)).map((event) => (
          <Event key={event.seq} {...{ event, zone, width }} isSelected={event.seq === selected} />
        ))}
      </WidthContext>
    </Box>
  );
}

interface EventProps extends Pick<ActivityListProps, 'zone' | 'width'> {
  event: Activity;
  isSelected: boolean;
}

function Event({ event, isSelected, zone, width }: EventProps): ReactElement {
  const [mark, tone] = marks[event.kind] ?? (['·', 'label'] as const);
  const time = timeOfDay(event.at, zone);
  const isRead = useContext(ReadContext);
  const text = eventText(event, isRead ? Infinity : width - prefixColumns);
  if (isSelected) return <Styled as="selected">{fitted(`${time} ${mark} ${text}`, width)}</Styled>;
  return <Parts parts={[[time, 'label'], [' '], [mark, tone], [` ${text}`]]} />;
}

/**
 * `joined 192.0.2.7:4000 (node-09)`, `peer 192.0.2.2:4524 connected (id 7f3e9a15)`, `ddns.conf reloaded`: the clauses
 * that fit in whole, else words, else both ends of what is one.
 */
function eventText(event: Activity, width: number): string {
  const texts = textsOf(event);
  const whole = texts.map((text) => clausesWithin(text, width)).find((text) => text !== null);
  const shortest = texts.at(-1) ?? '';
  return whole ?? wordsWithin(shortest, width) ?? cutMiddle(shortest, width);
}

/** What is said of it, from the most words to the fewest. */
function textsOf({ kind, address, text }: Activity): string[] {
  const said = safe(text, 300);
  if (address === null) return [said];
  const verb = verbs[kind];
  if (verb !== undefined) return [`${verb} ${safe(address)} (${said})`, `${verb} ${safe(address)}`];
  if (kind === 'refused') return [`refused ${safe(address)}: ${said}`, `refused ${safe(address)}`];
  const short = `${safe(address)} ${said}`;
  return kind === 'peer' ? [`peer ${short}`, short] : [short];
}
