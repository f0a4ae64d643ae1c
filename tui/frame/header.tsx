// The two lines on top: who answers here and whether it still does, then the views and what is wrong
// with the other name servers.
import type { ReactElement } from 'react';
import type { Connection } from '../state/connection.ts';
import { type DaemonData, daemonNow } from '../state/daemon-data.ts';
import { cut, safe } from '../text/columns.ts';
import { duration } from '../text/format.ts';
import { peerAlarms } from '../text/peers.ts';
import type { Theme } from '../theme.ts';
import { useSelected, useTheme } from './console-context.ts';
import { Lines } from './lines.tsx';
import { atEnds } from './panes.ts';
import { tabsLine } from './tabs.ts';

export function Header(): ReactElement {
  const theme = useTheme();
  const width = useSelected((state) => state.size.columns);
  const data = useSelected((state) => state.data);
  const now = useSelected((state) => state.now);
  const phase = useSelected((state) => state.connection.phase);
  const view = useSelected((state) => state.view);
  const alarms = data ? peerAlarms(data.status.peers) : [];
  const lines = [
    identityLine(theme, data, phase, now, width),
    tabsLine(theme, view, alarms, width),
  ];
  return <Lines lines={lines} width={width} steady />;
}

export function identityLine(
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
