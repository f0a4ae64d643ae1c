// The two lines on top: who answers here and whether it still does, then the views and what is wrong
// with the other name servers.
import type { Connection } from '../state/connection.ts';
import type { ConsoleState } from '../state/console-state.ts';
import { type DaemonData, daemonNow } from '../state/daemon-data.ts';
import { dataAge, lateAfterMs } from '../state/freshness.ts';
import { columnsOf, cut, safe } from '../text/columns.ts';
import { duration } from '../text/format.ts';
import { peerAlarms } from '../text/peers.ts';
import { type Theme, unpainted } from '../theme.ts';
import { atEnds } from './panes.ts';
import { tabsLine } from './tabs.ts';

export function headerLines(theme: Theme, state: ConsoleState): string[] {
  const { data, connection, now, view, size } = state;
  const alarms = data ? peerAlarms(data.status.peers) : [];
  return [
    identityLine(theme, data, connection.phase, now, size.columns),
    tabsLine(theme, view, alarms, size.columns),
  ];
}

function identityLine(
  theme: Theme,
  data: DaemonData | null,
  phase: Connection['phase'],
  now: number,
  width: number,
): string {
  const name = ` ${theme.paint('title', 'Dynamo DNS')}`;
  const mark = `${connectionMark(theme, phase, dataAge({ data, now }))} `;
  if (data === null) return atEnds(name, mark, width);
  const { server, listen } = data.status;
  const uptime = duration(daemonNow(data, now) - server.startedAt);
  const parts = [
    safe(server.id, 16),
    `${listen.address.includes(':') ? `[${listen.address}]` : listen.address}:${listen.port}`,
    `up ${uptime}`,
    ...(width >= 120
      ? [`version ${safe(server.version, 20)}`, `pid ${server.pid}`, safe(server.hostname, 40)]
      : []),
  ];
  const room = width - columnsOf(unpainted(name + mark)) - 4;
  const text = cut(parts.join('  ·  '), room);
  return atEnds(`${name}   ${text}`, mark, width);
}

/** Whether the daemon is there, and how old what it said is, when that is worth a word. */
function connectionMark(theme: Theme, phase: Connection['phase'], age: number): string {
  switch (phase) {
    case 'live':
      return age < lateAfterMs
        ? theme.paint('good', '● live')
        : theme.paint('warn', `○ ${duration(age)} old`);
    case 'lost':
      return theme.paint('warn', '○ lost');
    case 'connecting':
      return theme.paint('label', '○ connecting');
  }
}
