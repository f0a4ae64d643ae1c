// The columns of the Backlog table, and what is known of one connection. A narrow window drops the columns that weigh
// least.
import type { BacklogEntry } from '../../../shared/ipc/contract.ts';
import { requestDeadlineMs, writeDeadlineMs } from '../../../shared/protocol/limits.ts';
import type { Fact } from '../../components/styled.tsx';
import type { TableColumn } from '../../components/table-columns.ts';
import { stageText, tlsText } from '../../text/backlog.ts';
import type { ColumnName } from '../../text/column-names.ts';
import { columnsOf, safe } from '../../text/columns.ts';
import { count, durationText, size, type Zone, zonedTime } from '../../text/format.ts';
import { shortTime } from '../../text/peers.ts';

/** From here on somebody waits so long that it is worth a look: most are answered in milliseconds. */
const longWaitMs = 5_000;

/** @param at the daemon's clock */
export function backlogColumns(
  entries: readonly BacklogEntry[],
  at: number,
): TableColumn<BacklogEntry, ColumnName<'backlog'>>[] {
  const sources = entries.map(({ source }) => columnsOf(safe(source)));
  const waited = ({ since }: BacklogEntry) => Math.max(0, at - since);
  return [
    {
      name: 'waiting',
      width: 8,
      weight: 1,
      cell: (entry) => shortTime(waited(entry)),
      tone: (entry) => (waited(entry) >= longWaitMs ? 'warn' : null),
    },
    {
      name: 'source',
      width: Math.max(21, ...sources),
      weight: 0,
      cell: ({ source }) => safe(source),
    },
    { name: 'stage', width: 16, weight: 2, cell: stageText },
    { name: 'dialect', width: 7, weight: 3, cell: ({ dialect }) => safe(dialect, 16) },
    { name: 'tls', title: 'TLS', width: 9, weight: 4, cell: tlsText },
    {
      name: 'requests',
      width: 8,
      weight: 7,
      align: 'right',
      cell: ({ requests }) => count(requests),
    },
    { name: 'in', width: 7, weight: 5, align: 'right', cell: ({ bytesIn }) => size(bytesIn) },
    { name: 'out', width: 7, weight: 6, align: 'right', cell: ({ bytesOut }) => size(bytesOut) },
    { name: 'id', width: 10, weight: 8, cell: ({ id }) => safe(id, 32) },
  ];
}

/** What is known of a connection. @param at the daemon's clock */
export function connectionFacts(entry: BacklogEntry, at: number, zone: Zone): Fact[] {
  return [
    [
      'waiting',
      `${shortTime(Math.max(0, at - entry.since))}, since ${zonedTime(entry.since, zone)}`,
    ],
    ['stage', stageText(entry)],
    ['dialect', `${safe(entry.dialect, 16)}, ${tlsText(entry)}`],
    ['requests', `${count(entry.requests)} complete`],
    ['received', size(entry.bytesIn)],
    ['sent', size(entry.bytesOut)],
    ['id', safe(entry.id, 32)],
  ];
}

/** Whoever is about to close it by hand may want to know. */
export function endText({ stage }: BacklogEntry): string {
  switch (stage) {
    case 'reading':
      return `Closed automatically if the request is incomplete ${durationText(requestDeadlineMs)} after its first byte.`;
    case 'writing':
      return `Closed automatically if the reply is not received within ${durationText(writeDeadlineMs)}.`;
    default:
      return 'Answered once its change is on disk.';
  }
}
