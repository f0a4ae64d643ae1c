// `ddns-tui hosts` without a screen: the same filter and sort as in the view, read page by page, so a
// million rows need no memory here and the daemon is never ahead of the reader.
import type { IpcClient } from '../../../shared/ipc/client.ts';
import { type Host, type HostColumn, maxPageRows } from '../../../shared/ipc/contract.ts';
import { safe } from '../../text/columns.ts';
import { dateTime, iso, type Zone } from '../../text/format.ts';
import { stateText } from '../../text/host-state.ts';
import type { Output } from './output.ts';

/** Rows of one page: finding a page costs the daemon more than a row of it does. */
const pageRows = maxPageRows;

interface HostsOptions {
  filter: string;
  sort: HostColumn;
  descending: boolean;
  limit: number | null;
  json: boolean;
  /** of the times in plain text */
  zone: Zone;
}

export async function printHosts(
  client: IpcClient,
  options: HostsOptions,
  output: Output,
): Promise<void> {
  const { filter, sort, descending, json, zone } = options;
  let left = options.limit ?? Number.POSITIVE_INFINITY;
  let anchor: string | undefined;
  if (!json && !(await output.write(header(zone)))) return;
  while (left > 0) {
    const page = await client.page({
      filter,
      sort: { by: sort, descending },
      limit: Math.min(left, pageRows),
      anchor,
    });
    const lines = page.rows.map((host) => (json ? jsonLine(host) : plainLine(host, zone)));
    if (lines.length > 0 && !(await output.write(lines.join('')))) return;
    left -= page.rows.length;
    if (page.last === null || page.rows.length === 0) return;
    anchor = page.last;
  }
}

/** Of a host that is to be pinged, by whom, and how often that failed. */
export function jsonLine(host: Host): string {
  const { owner, failedPings = 0, ...rest } = host;
  const shown = { ...rest, firstSeen: iso(rest.firstSeen), lastSeen: iso(rest.lastSeen) };
  // Of a million hosts `jsonText` would take twice as long.
  return `${JSON.stringify(owner === undefined ? shown : { ...shown, owner, failedPings })}\n`;
}

/** Rows are printed as they come, so the widths are fixed: an IPv4 address, a UUID, two times, the longest state. */
const widths = [21, 36, 19, 19, 13];

export function header({ name }: Zone): string {
  const times = [`FIRST SEEN, ${name}`, `LAST SEEN, ${name}`];
  return plainCells('ADDRESS', 'NODE ID', ...times, 'STATE', 'DIALECT');
}

export function plainLine(host: Host, zone: Zone): string {
  return plainCells(
    safe(host.address),
    safe(host.nodeId),
    dateTime(host.firstSeen, zone),
    dateTime(host.lastSeen, zone),
    stateText(host),
    safe(host.dialect),
  );
}

/** A longer text is never cut here: it only moves the rest of its line. */
function plainCells(...cells: string[]): string {
  return `${cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join('  ')}\n`;
}
