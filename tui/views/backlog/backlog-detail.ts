// Everything known of one connection in the backlog, as lines of a pane, and when it ends by itself.
import type { BacklogEntry } from '../../../shared/ipc/contract.ts';
import { requestDeadlineMs, writeDeadlineMs } from '../../../shared/protocol/limits.ts';
import { stageText, tlsText } from '../../text/backlog.ts';
import { cut, fitted, safe, wrap } from '../../text/columns.ts';
import { count, dateTime, duration, size } from '../../text/format.ts';
import { shortTime } from '../../text/peers.ts';
import type { Theme } from '../../theme.ts';

const labelColumns = 10;

/**
 * At most `rows` lines of at most `width` columns: a title and one line for each fact.
 * @param at the daemon's clock
 */
export function backlogDetailLines(
  theme: Theme,
  entry: BacklogEntry,
  at: number,
  width: number,
  rows: number,
): string[] {
  const facts: [label: string, value: string][] = [
    ['waiting', `${shortTime(Math.max(0, at - entry.since))}, since ${dateTime(entry.since)}`],
    ['stage', stageText(entry)],
    ['dialect', `${safe(entry.dialect, 16)}, ${tlsText(entry)}`],
    ['requests', `${count(entry.requests)} complete`],
    ['received', size(entry.bytesIn)],
    ['sent', size(entry.bytesOut)],
    ['id', safe(entry.id, 32)],
  ];
  const lines = facts.map(
    ([label, value]) =>
      theme.paint('label', fitted(label, labelColumns)) + cut(value, width - labelColumns),
  );
  const ending = wrap(endText(entry), width, 3).map((line) => theme.paint('label', line));
  // An IPv6 address has no room beside a label.
  const title = [theme.paint('strong', 'Selected connection'), cut(safe(entry.source), width)];
  return [...title, ...lines, '', ...ending].slice(0, rows);
}

/** Whoever is about to close it by hand may want to know. */
function endText({ stage }: BacklogEntry): string {
  switch (stage) {
    case 'reading':
      return `Closed automatically if the request is incomplete ${duration(requestDeadlineMs)} after its first byte.`;
    case 'writing':
      return `Closed automatically if the reply is not received within ${duration(writeDeadlineMs)}.`;
    default:
      return 'Answered once its change is on disk.';
  }
}
