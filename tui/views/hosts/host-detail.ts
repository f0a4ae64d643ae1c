// Everything known of one host, as lines of a pane.
import type { Host } from '../../../shared/ipc/contract.ts';
import { cut, fitted, safe } from '../../text/columns.ts';
import { ago, dateTime } from '../../text/format.ts';
import type { Theme } from '../../theme.ts';
import { type HostClock, ttlLeft } from './host-columns.ts';

const labelColumns = 12;

/** At most `rows` lines of at most `width` columns: a title and one line for each fact. */
export function detailLines(
  theme: Theme,
  host: Host | null,
  clock: HostClock,
  width: number,
  rows: number,
): string[] {
  const title = theme.paint('strong', 'Selected host');
  if (host === null) return [title, '', theme.paint('label', 'none')].slice(0, rows);
  const facts: [label: string, value: string][] = [
    ['address', safe(host.address)],
    ...nodeIdFacts(safe(host.nodeId, 400), width - labelColumns),
    ['state', host.state],
    ['dialect', host.dialect],
    ['first seen', `${dateTime(host.firstSeen)} (${ago(clock.at - host.firstSeen)})`],
    ['last seen', `${dateTime(host.lastSeen)} (${ago(clock.at - host.lastSeen)})`],
    ['TTL left', ttlLeft(host, clock)],
  ];
  return [
    title,
    ...facts.map(
      ([label, value]) =>
        theme.paint('label', fitted(label, labelColumns)) + cut(value, width - labelColumns),
    ),
  ].slice(0, rows);
}

/** A node id may be longer than the pane: it goes on, on at most three lines. */
function nodeIdFacts(nodeId: string, width: number): [string, string][] {
  const parts = nodeId.match(new RegExp(`.{1,${Math.max(1, width)}}`, 'gu')) ?? [''];
  return parts.slice(0, 3).map((part, index) => [index === 0 ? 'node id' : '', part]);
}
