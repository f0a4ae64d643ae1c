// The two lines on top: the name server and the state of the connection, then the tabs of the views and what is
// wrong. The narrower the window, the fewer words.

import { atEnds } from '../components/layout.ts';
import type { ConsoleState } from '../console/console-state.ts';
import { type ViewName, views } from '../state/common-state.ts';
import { daemonNow } from '../state/daemon-data.ts';
import {
  type ConsoleConnection,
  clockOf,
  dataAge,
  lateAfterMs,
  latestData,
  waiting,
} from '../state/shown.ts';
import { type Alarm, alarmLine, alarmsOf, shortColumns } from '../text/alarms.ts';
import { columnsOf, safe } from '../text/columns.ts';
import { count, counted, durationText } from '../text/format.ts';
import { type Theme, unpainted } from '../theme.ts';

/** The header: two lines. */
export function headerLines(theme: Theme, state: ConsoleState): string[] {
  const { view, size } = state;
  return [identityLine(theme, state), tabsLine(theme, view, alarmsNow(state), size.columns)];
}

function alarmsNow(state: ConsoleState): Alarm[] {
  const latest = latestData(state);
  return latest ? alarmsOf(latest.status) : [];
}

function identityLine(theme: Theme, state: ConsoleState): string {
  const { data, connection, now, size } = state;
  const width = size.columns;
  const name = ` ${theme.paint('title', 'Dynamo DNS')}`;
  const end = `${readOnlyMark(theme, state)}${pauseMark(theme, state)}${connectionMark(theme, connection.phase, dataAge(state))} `;
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

/** In minutes at the finest, so that an idle screen does not change. */
function uptimeText(ms: number): string {
  return ms < 60_000 ? 'just started' : `up ${durationText(ms)}`;
}

function readOnlyMark(theme: Theme, { readOnly }: ConsoleState): string {
  return readOnly ? `${theme.paint('label', 'read-only')}   ` : '';
}

/** How long the screen has been paused, and how much waits; empty when it is not paused. */
function pauseMark(theme: Theme, state: ConsoleState): string {
  if (state.paused === null) return '';
  const time = `paused ${durationText(clockOf(state) - state.paused.since)}`;
  return `${theme.paint('warn', time + waitingText(state))}   `;
}

function waitingText(state: ConsoleState): string {
  const missed = waiting(state, state.view === 'log' ? 'lines' : 'events');
  if (missed === null) return ', restarted since';
  if (missed === 0) return '';
  return `, ${counted(missed, state.view === 'log' ? 'new line' : 'new change')}`;
}

/** The state of the connection, or the age of the data if that is worth a word. */
function connectionMark(theme: Theme, phase: ConsoleConnection['phase'], age: number): string {
  switch (phase) {
    case 'live':
      return age < lateAfterMs
        ? theme.paint('good', '● live')
        : theme.paint('warn', `○ ${durationText(age)} old`);
    case 'lost':
      return theme.paint('warn', '○ lost');
    case 'connecting':
      return theme.paint('label', '○ connecting');
  }
}

/** Blank columns before the tabs, after them, and at the end of the line. */
const blanks = 3;

/** @param alarms the most urgent first */
export function tabsLine(
  theme: Theme,
  view: ViewName,
  alarms: readonly Alarm[],
  width: number,
): string {
  const { tabs, gap } = tabsBeside(alarms, view, width);
  const painted = tabs.map((tab, index) =>
    theme.paint(views[index]?.name === view ? 'tab' : 'label', tab),
  );
  const free = width - tabs.join(gap).length - blanks;
  const parts = alarmLine(alarms, free - 1);
  const used = parts.reduce((sum, { text }) => sum + columnsOf(text), parts.length > 0 ? 1 : 0);
  const rule = theme.paint('rule', '─'.repeat(Math.max(0, free - used)));
  const end = parts.map(({ text, severity }) => theme.paint(severity, text)).join('');
  return ` ${painted.join(gap)} ${rule}${end === '' ? '' : ` ${end}`}`;
}

interface Tabs {
  /** one for each view, in their order */
  tabs: string[];
  gap: string;
}

function tabsBeside(alarms: readonly Alarm[], view: ViewName, width: number): Tabs {
  const [first] = alarms;
  if (first === undefined) return tabsWithin(view, width - blanks);
  // What must be acted on is named, even where the titles of the other views give way to it.
  const alarm = first.severity === 'bad' ? shortColumns(alarms) : first.place.length + 2;
  return tabsWithin(view, width - blanks - alarm - 1);
}

/** With spaces around them, else close together, else only the current one with its title. */
function tabsWithin(view: ViewName, width: number): Tabs {
  const titled = views.map(({ title }, index) => `${count(index + 1)} ${title}`);
  const apart = { tabs: titled.map((tab) => ` ${tab} `), gap: '' };
  const close = { tabs: titled, gap: ' ' };
  for (const form of [apart, close]) if (form.tabs.join(form.gap).length <= width) return form;
  const tabs = apart.tabs.map((tab, index) =>
    views[index]?.name === view ? tab : ` ${count(index + 1)} `,
  );
  return { tabs, gap: '' };
}
