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

interface Line {
  label: string;
  counter: keyof Counters;
  /** Whether more than none deserves attention. */
  isTrouble: boolean;
}

const served = (label: string, counter: keyof Counters): Line => ({
  label,
  counter,
  isTrouble: false,
});
const trouble = (label: string, counter: keyof Counters): Line => ({
  label,
  counter,
  isTrouble: true,
});

/** In the order of their weight: a low window drops the last ones. */
const columnsOfLines: readonly (readonly Line[])[] = [
  [
    served('queries', 'queries'),
    served('alives', 'alives'),
    served('refreshed', 'refreshed'),
    served('left', 'left'),
    served('expired', 'expired'),
    served('removed', 'removed'),
    served('connections', 'connections'),
    served('commits', 'commits'),
    served('pings sent', 'pingsSent'),
    served('pings answered', 'pingsAnswered'),
    served('redirected', 'redirected'),
    served('datagrams', 'datagrams'),
    served('DNS over UDP', 'dnsUdp'),
    served('DNS over TCP', 'dnsTcp'),
  ],
  [
    trouble('refused', 'malformed'),
    trouble('timed out', 'timedOut'),
    trouble('evicted', 'evicted'),
    trouble('displaced', 'displaced'),
    trouble('busy', 'busy'),
    trouble('aborted', 'aborted'),
    trouble('registry full', 'registryFull'),
    trouble('commits failed', 'commitFailures'),
    trouble('updates dropped', 'updatesDropped'),
    trouble('consoles closed', 'consolesClosed'),
    served('taken over', 'takeovers'),
    trouble('not taken over', 'takeoversRefused'),
    served('DNS truncated', 'dnsTruncated'),
    trouble('DNS limited', 'dnsLimited'),
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
    Math.max(0, ...lines.map((line) => line.label.length + 1 + valueText(data, line).length)),
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
          <Box key={lines[0]?.counter} flexDirection="column" width={widths[index]}>
            {lines.map((line) => (
              <CounterLine key={line.counter} {...{ line, data }} width={widths[index] ?? half} />
            ))}
          </Box>
        ))}
      </Box>
    </Box>
  );
}

interface CounterLineProps {
  line: Line;
  data: DaemonData;
  width: number;
}

function valueText({ status }: DaemonData, { counter }: Line): string {
  return count(status.counters[counter]);
}

function CounterLine({ line, data, width }: CounterLineProps): ReactElement {
  const value = data.status.counters[line.counter];
  const text = valueText(data, line);
  const isNew = isFresh(data.changes.get(counterFact(line.counter)), data);
  const tone = line.isTrouble && value > 0 ? (isNew ? 'selected' : 'warn') : null;
  return (
    <Parts parts={[[fitted(line.label, width - text.length - 1), 'label'], [' '], [text, tone]]} />
  );
}
