// The lines between the charts and the counters: how expiry stands, and who pings which share of the
// hosts, each behind its name.
import type { DaemonData } from '../../state/daemon-data.ts';
import { fitted } from '../../text/columns.ts';
import type { Theme } from '../../theme.ts';
import { expiryLines } from './expiry-lines.ts';
import { shareLines } from './share-map.ts';

const nameColumns = 8;

export function standingLines(
  theme: Theme,
  data: DaemonData,
  readOnly: boolean,
  width: number,
): string[] {
  const room = width - nameColumns;
  return [
    ...named(theme, 'Expiry', expiryLines(theme, data, readOnly, room)),
    ...named(theme, 'Pings', shareLines(theme, data.status, room)),
  ];
}

function named(theme: Theme, name: string, lines: readonly string[]): string[] {
  return lines.map(
    (line, index) => theme.paint('label', fitted(index === 0 ? name : '', nameColumns)) + line,
  );
}
