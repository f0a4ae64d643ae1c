// The two lines on top: who answers here and whether it still does, then the views and what is wrong.

import { atEnds } from '../components/panes.ts';
import type { ConsoleState } from '../console/console-state.ts';
import type { Connection } from '../state/connection.ts';
import { daemonNow } from '../state/daemon-data.ts';
import { dataAge, lateAfterMs } from '../state/freshness.ts';
import { clockOf, latestData, waiting } from '../state/pause.ts';
import type { ViewName } from '../state/views.ts';
import { type Alarm, alarmsOf } from '../text/alarms.ts';
import { columnsOf, safe } from '../text/columns.ts';
import { counted, duration } from '../text/format.ts';
import { type Theme, unpainted } from '../theme.ts';
import { tabAt, tabsLine } from './tabs.ts';

export function headerLines(theme: Theme, state: ConsoleState): string[] {
  const { view, size } = state;
  return [identityLine(theme, state), tabsLine(theme, view, alarmsNow(state), size.columns)];
}

/** The view whose tab stands at `column` of the second line. */
export function tabUnder(column: number, state: ConsoleState): ViewName | null {
  return tabAt(column, state.view, alarmsNow(state), state.size.columns);
}

function alarmsNow(state: ConsoleState): Alarm[] {
  const latest = latestData(state);
  return latest ? alarmsOf(latest.status) : [];
}

function identityLine(theme: Theme, state: ConsoleState): string {
  const { data, connection, now, size } = state;
  const width = size.columns;
  const name = ` ${theme.paint('title', 'Dynamo DNS')}`;
  const end = `${pauseMark(theme, state)}${connectionMark(theme, connection.phase, dataAge(state))} `;
  if (data === null) return atEnds(name, end, width);
  const { server, listen } = data.status;
  const parts = [
    safe(server.id, 16),
    `${listen.address.includes(':') ? `[${listen.address}]` : listen.address}:${listen.port}`,
    uptimeText(daemonNow(data, now) - server.startedAt),
    ...(width >= 120
      ? [`version ${safe(server.version, 20)}`, `pid ${server.pid}`, safe(server.hostname, 40)]
      : []),
  ];
  let line = name;
  for (const [index, part] of parts.entries()) {
    const longer = `${line}${index === 0 ? '   ' : '  ·  '}${part}`;
    if (columnsOf(unpainted(longer + end)) >= width) break;
    line = longer;
  }
  return atEnds(line, end, width);
}

/** Not by the second: nothing changes on the screen while nothing happens. */
function uptimeText(ms: number): string {
  return ms < 60_000 ? 'just started' : `up ${duration(ms)}`;
}

/** For how long the screen stands still, and what waits; empty while it does not. */
function pauseMark(theme: Theme, state: ConsoleState): string {
  if (state.paused === null) return '';
  const time = `paused ${duration(clockOf(state) - state.paused.since)}`;
  return `${theme.paint('warn', time + waitingText(state))}   `;
}

function waitingText(state: ConsoleState): string {
  const count = waiting(state);
  if (count === null) return ', restarted since';
  if (count === 0) return '';
  const what = counted(count, state.view === 'log' ? 'line' : 'change');
  return `, ${what} ${count === 1 ? 'waits' : 'wait'}`;
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
