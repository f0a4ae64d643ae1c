// The two lines on top: who answers here and whether it still does, then the views and what is wrong
// with the other name servers.
import type { Connection } from '../state/connection.ts';
import type { ConsoleState } from '../state/console-state.ts';
import { type DaemonData, daemonNow } from '../state/daemon-data.ts';
import { cut, safe } from '../text/columns.ts';
import { duration } from '../text/format.ts';
import { peerAlarms } from '../text/peers.ts';
import type { Theme } from '../theme.ts';
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
  if (data === null) return atEnds(name, `${connectionMark(theme, phase)} `, width);
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
  const room = width - 24;
  const text = cut(parts.join('  ·  '), room);
  return atEnds(`${name}   ${text}`, `${connectionMark(theme, phase)} `, width);
}

function connectionMark(theme: Theme, phase: Connection['phase']): string {
  switch (phase) {
    case 'live':
      return theme.paint('good', '● live');
    case 'lost':
      return theme.paint('warn', '○ lost');
    case 'connecting':
      return theme.paint('label', '○ connecting');
  }
}
