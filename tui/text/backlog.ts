// What is said of the backlog in more than one place: what a connection in it waits for, which of them a
// filter leaves, and which processes did not report theirs.
import { filterWords, matchesFilter } from '../../shared/filter.ts';
import {
  type Backlog,
  type BacklogEntry,
  type BacklogStage,
  maxBacklogRows,
} from '../../shared/ipc/contract.ts';
import type { Status } from '../../shared/ipc/status-contract.ts';
import { safe } from './columns.ts';
import { count, counted } from './format.ts';

const stages: Readonly<Record<BacklogStage, string>> = {
  reading: 'sending request',
  deciding: 'waiting for disk',
  writing: 'reading reply',
};

/** What it does now, in a few words; a daemon may know more stages than this console. */
export function stageText({ stage }: BacklogEntry): string {
  return stages[stage] ?? safe(stage, 16);
}

export function tlsText({ encrypted }: BacklogEntry): string {
  return encrypted ? 'encrypted' : 'plain';
}

/** Those of which `filter` finds its words in what their row shows, or in the stage as JSON has it. */
export function filteredBacklog(
  entries: readonly BacklogEntry[],
  filter: string,
): readonly BacklogEntry[] {
  const words = filterWords(filter);
  if (words.length === 0) return entries;
  return entries.filter((entry) => {
    const { id, source, dialect, stage } = entry;
    return matchesFilter(words, [id, source, dialect, stage, stageText(entry), tlsText(entry)]);
  });
}

/** `12 of 100 in the backlog, 3 requests refused in the last minute` */
export function backlogText(
  total: number,
  { backlog, refused }: Pick<Status, 'backlog' | 'refused'>,
): string {
  const { backlog: busy = 0 } = refused ?? {};
  const cost = busy === 0 ? '' : `, ${counted(busy, 'request')} refused in the last minute`;
  return `${count(total)} of ${count(backlog.limit)} in the backlog${cost}`;
}

/** `55 of 10,000 connections: 3 silent, 40 idle`; the rest are the backlog. */
export function othersText(
  { silent, idle }: Backlog,
  { connections }: Pick<Status, 'connections'>,
): string {
  const { open, limit } = connections;
  return `${count(open)} of ${counted(limit, 'connection')}: ${count(silent)} silent, ${count(idle)} idle`;
}

/** What is not in the list: one line each, empty when all of it is. */
export function gapTexts({ total, entries, missing }: Backlog): string[] {
  const unknown = missing.reduce((sum, { backlog }) => sum + backlog, 0);
  const cut = total - unknown - entries.length;
  return [
    ...missing.map(
      ({ number, pid, backlog }) =>
        `process ${number} (pid ${pid}) does not answer; its ${counted(backlog, 'connection')} not shown`,
    ),
    // Some may have come or gone while the processes were asked.
    ...(cut > 0 && entries.length >= maxBacklogRows
      ? [`showing the ${count(entries.length)} waiting longest`]
      : []),
  ];
}
