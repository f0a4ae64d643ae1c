// The two lines on top: who answers here and whether it still does, then the views.
import type { ReactElement } from 'react';
import type { Connection } from '../state/connection.ts';
import type { ViewName } from '../state/console-state.ts';
import { type DaemonData, daemonNow } from '../state/daemon-data.ts';
import { cut, safe } from '../text/columns.ts';
import { count, duration } from '../text/format.ts';
import type { Theme } from '../theme.ts';
import { useSelected, useTheme } from './console-context.ts';
import { Lines } from './lines.tsx';
import { atEnds } from './panes.ts';

const titles: Record<ViewName, string> = { overview: 'Overview', hosts: 'Hosts' };

export function Header(): ReactElement {
  const theme = useTheme();
  const width = useSelected((state) => state.size.columns);
  const data = useSelected((state) => state.data);
  const now = useSelected((state) => state.now);
  const phase = useSelected((state) => state.connection.phase);
  const view = useSelected((state) => state.view);
  const lines = [identityLine(theme, data, phase, now, width), tabsLine(theme, view, width)];
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
  const text = cut(parts.join(theme.colour ? '  ·  ' : '  |  '), room);
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

export function tabsLine(theme: Theme, view: ViewName, width: number): string {
  const names = Object.entries(titles).map(([name, title], index) => {
    const text = ` ${count(index + 1)} ${title} `;
    return { text, painted: name === view ? theme.paint('tab', text) : theme.paint('label', text) };
  });
  const used = names.reduce((sum, { text }) => sum + text.length, 1);
  const rule = theme.paint('rule', '─'.repeat(Math.max(0, width - used - 2)));
  return ` ${names.map(({ painted }) => painted).join('')} ${rule}`;
}
