// `ddns-tui backlog` without a screen: who waits for an answer, the longest wait first; and closing one.

import type { IpcClient } from '../../../shared/ipc/client.ts';
import type { Backlog, BacklogEntry } from '../../../shared/ipc/contract.ts';
import type { Status } from '../../../shared/ipc/status-contract.ts';
import { backlogText, filteredBacklog, gapTexts, othersText } from '../../text/backlog.ts';
import { safe } from '../../text/columns.ts';
import { count } from '../../text/format.ts';
import { shortTime } from '../../text/peers.ts';
import { plainRows } from '../../text/plain-table.ts';
import { backlogColumns } from '../../views/backlog/backlog-table.ts';
import { jsonText } from './output.ts';

interface BacklogPrinted {
  backlog: Backlog;
  status: Pick<Status, 'backlog' | 'connections'>;
  filter: string;
  /** most connections; null: all that the daemon reported */
  limit: number | null;
}

export function backlogJson(printed: BacklogPrinted): string {
  const { backlog, status } = printed;
  const { at, total, silent, idle, missing } = backlog;
  return jsonText({
    at,
    current: total,
    limit: status.backlog.limit,
    peak: status.backlog.peak,
    connections: { open: status.connections.open, limit: status.connections.limit, silent, idle },
    entries: shownEntries(printed),
    missing: missing.map(({ number, ...worker }) => ({ process: number, ...worker })),
  });
}

export function backlogPlain(printed: BacklogPrinted): string {
  const { backlog, status, filter } = printed;
  const summary = [
    `${backlogText(backlog.total, status)}, peak ${count(status.backlog.peak)} since start`,
    othersText(backlog, status),
    ...gapTexts(backlog),
  ];
  const shown = shownEntries(printed);
  if (shown.length === 0 && backlog.entries.length > 0)
    summary.push(`no connection matches ${safe(filter)}`);
  const table =
    shown.length === 0 ? '' : `\n${plainRows(backlogColumns(shown, backlog.at), shown)}`;
  return `${summary.join('\n')}\n${table}`;
}

function shownEntries({ backlog, filter, limit }: BacklogPrinted): readonly BacklogEntry[] {
  const { entries } = backlog;
  return filteredBacklog(entries, filter).slice(0, limit ?? entries.length);
}

export async function closeConnection(
  client: IpcClient,
  { id, json = false }: { id: string; json?: boolean },
): Promise<string> {
  const closed = await client.closeConnection(id);
  if (json) return jsonText(closed);
  const waited = shortTime(closed.waitedMs);
  return `closed ${safe(closed.source)} after ${waited} in the backlog without a reply; the node may reconnect\n`;
}

export function closeQuestion(id: string): string {
  return `Close connection ${safe(id, 64)} without a reply?`;
}
