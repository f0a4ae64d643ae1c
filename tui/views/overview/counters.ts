// The counters that an operator looks at, in columns: what was served at first, then what was not.
import type { Counters } from '../../../shared/ipc/contract.ts';
import { paneWidth } from '../../frame/panes.ts';
import { columnsOf, cut } from '../../text/columns.ts';
import { count } from '../../text/format.ts';
import type { Theme } from '../../theme.ts';

interface Line {
  label: string;
  value(counters: Counters): number;
  /** Whether more than none deserves attention. */
  isTrouble: boolean;
}

const served = (label: string, value: Line['value']): Line => ({ label, value, isTrouble: false });
const trouble = (label: string, value: Line['value']): Line => ({ label, value, isTrouble: true });

/** In the order of their weight: a low window drops the last ones. */
const columnsOfLines: readonly (readonly Line[])[] = [
  [
    served('queries', (counters) => counters.queries),
    served('alives', (counters) => counters.alives),
    served('refreshed', (counters) => counters.refreshed),
    served('left', (counters) => counters.left),
    served('expired', (counters) => counters.expired),
    served('removed', (counters) => counters.removed),
    served('connections', (counters) => counters.connections),
    served('commits', (counters) => counters.commits),
    served('pings sent', (counters) => counters.pingsSent),
    served('pings answered', (counters) => counters.pingsAnswered),
    served('redirected', (counters) => counters.redirected),
  ],
  [
    trouble('refused', (counters) => counters.malformed),
    trouble('timed out', (counters) => counters.timedOut),
    trouble('evicted', (counters) => counters.evicted),
    trouble('busy', (counters) => counters.busy),
    trouble('aborted', (counters) => counters.aborted),
    trouble('full', (counters) => counters.registryFull),
    trouble('commits failed', (counters) => counters.commitFailures),
    trouble('updates dropped', (counters) => counters.updatesDropped),
  ],
];

const gap = 2;

/** Exactly `rows` lines or fewer, the first one the title. */
export function counterLines(
  theme: Theme,
  counters: Counters,
  width: number,
  rows: number,
): string[] {
  const columns = paneWidth(width, columnsOfLines.length, gap);
  const height = Math.min(rows - 1, Math.max(...columnsOfLines.map((lines) => lines.length)));
  const body = Array.from({ length: Math.max(0, height) }, (_, row) =>
    columnsOfLines
      .map((lines) => counterLine(theme, lines[row], counters, columns))
      .join(' '.repeat(gap)),
  );
  return [theme.paint('strong', cut('Counted since start', width)), ...body];
}

function counterLine(
  theme: Theme,
  line: Line | undefined,
  counters: Counters,
  width: number,
): string {
  if (!line) return ' '.repeat(width);
  const value = line.value(counters);
  const text = count(value);
  const label = cut(line.label, width - text.length - 1);
  const space = ' '.repeat(Math.max(1, width - columnsOf(label) - text.length));
  const shown = line.isTrouble && value > 0 ? theme.paint('warn', text) : text;
  return theme.paint('label', label) + space + shown;
}
