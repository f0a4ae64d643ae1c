// The counters that an operator looks at, in columns: what was served at first, then what was not. One of
// the latter is set off for a while when it grew.
import { Box } from 'ink';
import type { ReactElement } from 'react';
import type { Counters } from '../../../shared/counters.ts';
import { paneWidth } from '../../components/layout.ts';
import { Parts, Styled } from '../../components/styled.tsx';
import { counterFact, type DaemonData } from '../../state/daemon-data.ts';
import { isFresh } from '../../state/shown.ts';
import { fitted } from '../../text/columns.ts';
import { count } from '../../text/format.ts';

/** Its label, the counter, and whether more than none deserves attention; by default it does not. */
type Line = readonly [label: string, counter: keyof Counters, isTrouble?: boolean];

/** In the order of their weight: a low window drops the last ones. */
const columnsOfLines: readonly (readonly Line[])[] = [
  [
    ['queries', 'queries'],
    ['alives', 'alives'],
    ['refreshed', 'refreshed'],
    ['left', 'left'],
    ['expired', 'expired'],
    ['removed', 'removed'],
    ['connections', 'connections'],
    ['commits', 'commits'],
    ['pings sent', 'pingsSent'],
    ['pings answered', 'pingsAnswered'],
    ['redirected', 'redirected'],
    ['datagrams', 'datagrams'],
    ['DNS over UDP', 'dnsUdp'],
    ['DNS over TCP', 'dnsTcp'],
  ],
  [
    ['refused', 'malformed', true],
    ['timed out', 'timedOut', true],
    ['evicted', 'evicted', true],
    ['displaced', 'displaced', true],
    ['busy', 'busy', true],
    ['aborted', 'aborted', true],
    ['registry full', 'registryFull', true],
    ['commits failed', 'commitFailures', true],
    ['updates dropped', 'updatesDropped', true],
    ['consoles closed', 'consolesClosed', true],
    ['taken over', 'takeovers'],
    ['not taken over', 'takeoversRefused', true],
    ['DNS truncated', 'dnsTruncated'],
    ['DNS limited', 'dnsLimited', true],
  ],
];

const gap = 2;

interface CounterListProps {
  data: DaemonData;
  width: number;
  /** most of them, the title included */
  rows: number;
}

export function CounterList({ data, width, rows }: CounterListProps): ReactElement {
  const shown = columnsOfLines.map((lines) => lines.slice(0, Math.max(0, rows - 1)));
  const [first = 0, second = 0] = shown.map((lines) =>
    Math.max(
      0,
      ...lines.map(([label, counter]) => label.length + 1 + valueText(data, counter).length),
    ),
  );
  // Where halves are too narrow for the first column, the second, of small numbers, gives way.
  const half = paneWidth(width, 2, gap);
  const left = Math.max(half, Math.min(first, width - gap - second));
  const widths = [left, width - gap - left];
  return (
    <Box flexDirection="column" width={width} flexShrink={0}>
      <Styled as="strong">Counters since start</Styled>
      <Box columnGap={gap}>
        {shown.map((lines, index) => (
          <Box key={lines[0]?.[1]} flexDirection="column" width={widths[index]}>
            {lines.map(([label, counter, isTrouble = false]) => (
              <CounterLine
                key={counter}
                {...{ label, counter, isTrouble, data }}
                width={widths[index] ?? half}
              />
            ))}
          </Box>
        ))}
      </Box>
    </Box>
  );
}

interface CounterLineProps {
  label: string;
  counter: keyof Counters;
  isTrouble: boolean;
  data: DaemonData;
  width: number;
}

function valueText({ status }: DaemonData, counter: keyof Counters): string {
  return count(status.counters[counter]);
}

function CounterLine(props: CounterLineProps): ReactElement {
  const { label, counter, isTrouble, data, width } = props;
  const text = valueText(data, counter);
  const isNew = isFresh(data.changes.get(counterFact(counter)), data);
  const tone =
    isTrouble && data.status.counters[counter] > 0 ? (isNew ? 'selected' : 'warn') : null;
  return <Parts parts={[[fitted(label, width - text.length - 1), 'label'], [' '], [text, tone]]} />;
}
