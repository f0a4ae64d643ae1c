// The counters that an operator looks at, in columns: what was served at first, then what was not. One of
// the latter is set off for a while when it grew.
import type { Counters } from '../../../shared/counters.ts';
import { paneWidth } from '../../components/layout.ts';
import { counterFact, type DaemonData } from '../../state/daemon-data.ts';
import { isFresh } from '../../state/shown.ts';
import { columnsOf, cut } from '../../text/columns.ts';
import { count } from '../../text/format.ts';
import type { Theme } from '../../theme.ts';

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

/** Exactly `rows` lines or fewer, the first one the title. */
export function counterLines(
  theme: Theme,
  data: DaemonData,
  width: number,
  rows: number,
): string[] {
  const columns = paneWidth(width, columnsOfLines.length, gap);
  const height = Math.min(rows - 1, Math.max(...columnsOfLines.map((lines) => lines.length)));
  const body = Array.from({ length: Math.max(0, height) }, (_, row) =>
    columnsOfLines
      .map((lines) => counterLine(theme, lines[row], data, columns))
      .join(' '.repeat(gap)),
  );
  return [theme.paint('strong', cut('Counters since start', width)), ...body];
}

function counterLine(
  theme: Theme,
  line: Line | undefined,
  data: DaemonData,
  width: number,
): string {
  if (!line) return ' '.repeat(width);
  const value = data.status.counters[line.counter];
  const text = count(value);
  const label = cut(line.label, width - text.length - 1);
  const space = ' '.repeat(Math.max(1, width - columnsOf(label) - text.length));
  const isNew = isFresh(data.changes.get(counterFact(line.counter)), data);
  const tone = isNew ? 'selected' : 'warn';
  const shown = line.isTrouble && value > 0 ? theme.paint(tone, text) : text;
  return theme.paint('label', label) + space + shown;
}
