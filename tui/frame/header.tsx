// The two lines on top: who answers here and whether it still does, then the views and what is wrong
// with the other name servers.
import type { ReactElement } from 'react';
import type { Connection } from '../state/connection.ts';
import { type DaemonData, daemonNow } from '../state/daemon-data.ts';
import { cut, safe } from '../text/columns.ts';
import { count, duration } from '../text/format.ts';
import { type Alarm, peerAlarms } from '../text/peers.ts';
import type { Theme } from '../theme.ts';
import { type ViewName, views } from '../views/views.ts';
import { useSelected, useTheme } from './console-context.ts';
import { Lines } from './lines.tsx';
import { atEnds } from './panes.ts';

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

/** @param alarms the most urgent first */
export function tabsLine(
  theme: Theme,
  view: ViewName,
  alarms: readonly Alarm[],
  width: number,
): string {
  const names = views.map(({ name, title }, index) => {
    const text = ` ${count(index + 1)} ${title} `;
    return { text, painted: name === view ? theme.paint('tab', text) : theme.paint('label', text) };
  });
  const used = names.reduce((sum, { text }) => sum + text.length, 1);
  const free = width - used - 2;
  const alarm = alarmText(alarms, free - 1);
  const rule = theme.paint('rule', '─'.repeat(Math.max(0, free - (alarm ? alarm.length + 1 : 0))));
  const end = alarm ? ` ${theme.paint('warn', alarm)}` : '';
  return ` ${names.map(({ painted }) => painted).join('')} ${rule}${end}`;
}

/** All alarms if they fit, in short if need be, else the first one, else a mark. */
function alarmText(alarms: readonly Alarm[], width: number): string {
  const [first] = alarms;
  if (!first) return '';
  const texts = [
    alarms.map(({ text }) => text).join(', '),
    alarms.map(({ short }) => short).join(', '),
    first.text,
    first.short,
  ];
  const text = [...texts, 'peers'].find((each) => each.length + 2 <= width);
  return text === undefined ? '!' : `! ${text}`;
}
