// The two lines on top: the name server and the state of the connection, then the tabs of the views and what is
// wrong. The narrower the window, the fewer words.

import { Box } from 'ink';
import type { ReactElement } from 'react';
import { addressText } from '../../shared/protocol/address-kind.ts';
import { useSelected } from '../components/following.ts';
import { Parts } from '../components/styled.tsx';
import type { ConsoleState } from '../console/console-state.ts';
import { type ViewName, views } from '../state/common-state.ts';
import { type DaemonData, daemonNow } from '../state/daemon-data.ts';
import { currentColour, currentName } from '../state/fleet.ts';
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
import type { ServerColour, TextPart } from '../theme.ts';

export function Header(): ReactElement {
  const { parts, marks, width } = useSelected(identityOf);
  return (
    <>
      <Box justifyContent="space-between" width={width}>
        <Parts parts={parts} />
        <Parts parts={marks} />
      </Box>
      <TabLine {...useSelected(tabsOf)} />
    </>
  );
}

const name = ' Dynamo DNS';

/** What is known of the name server, and of the screen. */
function identityOf(state: ConsoleState) {
  const { data, size } = state;
  const server = safe(currentName(state), 32);
  const badge = server === '' ? '' : ` ${server} `;
  const columns = columnsOf(name) + (badge === '' ? 0 : 3 + columnsOf(badge));
  const marks = marksOf(state);
  const width = size.columns - 1;
  const room = width - marks.reduce((sum, [text]) => sum + columnsOf(text), 0);
  const parts: TextPart[] = [
    [name, 'title'],
    [badge === '' ? '' : '   '],
    [badge, currentColour(state) ?? 'tab'],
    [data === null ? '' : identityText(state, data, room - columns)],
  ];
  return { parts, marks, width };
}

/** As many of the server's marks as are narrower than `room`. */
function identityText({ now, size }: ConsoleState, data: DaemonData, room: number): string {
  const { server, listen } = data.status;
  const parts = [
    safe(server.id, 16),
    addressText(listen),
    uptimeText(daemonNow(data, now) - server.startedAt),
    ...(size.columns >= 120
      ? [`version ${safe(server.version, 20)}`, `pid ${server.pid}`, safe(server.hostname, 40)]
      : []),
  ];
  let line = '';
  for (const [index, part] of parts.entries()) {
    const longer = `${line}${index === 0 ? '   ' : '  ·  '}${part}`;
    if (columnsOf(longer) >= room) break;
    line = longer;
  }
  return line;
}

/** What is to be known of the screen, at the end of the line. */
export function marksOf(state: ConsoleState): TextPart[] {
  const { readOnly, paused, connection } = state;
  return [
    ...(readOnly ? [['read-only   ', 'label'] as const] : []),
    ...(paused === null ? [] : [[`${pauseText(state)}   `, 'warn'] as const]),
    connectionMark(connection.phase, dataAge(state)),
  ];
}

/** In minutes at the finest, so that an idle screen does not change. */
function uptimeText(ms: number): string {
  return ms < 60_000 ? 'just started' : `up ${durationText(ms)}`;
}

/** How long the screen has been paused, and how much waits. */
function pauseText(state: ConsoleState): string {
  const text = `paused ${durationText(clockOf(state) - (state.paused?.since ?? 0))}`;
  const isLog = state.view === 'log';
  const missed = waiting(state, isLog ? 'lines' : 'events');
  if (missed === null) return `${text}, restarted since`;
  return missed === 0 ? text : `${text}, ${counted(missed, isLog ? 'new line' : 'new change')}`;
}

/** The state of the connection, or the age of the data if that is worth a word. */
function connectionMark(phase: ConsoleConnection['phase'], age: number): TextPart {
  switch (phase) {
    case 'live':
      return age < lateAfterMs ? ['● live', 'good'] : [`○ ${durationText(age)} old`, 'warn'];
    case 'lost':
      return ['○ lost', 'warn'];
    case 'connecting':
      return ['○ connecting', 'label'];
  }
}

/** Blank columns before the tabs, after them, and at the end of the line. */
const blanks = 3;

interface TabLineProps {
  /** null: none of them is shown */
  view: ViewName | null;
  /** of the name server, for the view that is shown; none by default */
  colour?: ServerColour | null;
  /** the most urgent first */
  alarms: readonly Alarm[];
  width: number;
}

function tabsOf(state: ConsoleState): TabLineProps {
  const latest = latestData(state);
  return {
    view: state.fleet.isOpen ? null : state.view,
    colour: currentColour(state),
    alarms: latest ? alarmsOf(latest.status) : [],
    width: state.size.columns,
  };
}

/** The views, and behind a rule what is wrong. */
export function TabLine({ view, colour = null, alarms, width }: TabLineProps): ReactElement {
  const { tabs, gap } = tabsBeside(alarms, view, width);
  const free = width - tabs.join(gap).length - blanks;
  const parts = alarmLine(alarms, free - 1);
  const used = parts.reduce((sum, { text }) => sum + columnsOf(text), parts.length > 0 ? 1 : 0);
  return (
    <Parts
      parts={[
        ...tabs.flatMap((tab, index): TextPart[] => [
          [index === 0 ? ' ' : gap],
          [tab, views[index]?.name === view ? (colour ?? 'tab') : 'label'],
        ]),
        [' '],
        ['─'.repeat(Math.max(0, free - used)), 'rule'],
        [parts.length > 0 ? ' ' : ''],
        ...parts.map(({ text, severity }) => [text, severity] as const),
      ]}
    />
  );
}

interface Tabs {
  /** one for each view, in their order */
  tabs: string[];
  gap: string;
}

function tabsBeside(alarms: readonly Alarm[], view: ViewName | null, width: number): Tabs {
  const [first] = alarms;
  if (first === undefined) return tabsWithin(view, width - blanks);
  // What must be acted on is named, even where the titles of the other views give way to it.
  const alarm = first.severity === 'bad' ? shortColumns(alarms) : first.place.length + 2;
  return tabsWithin(view, width - blanks - alarm - 1);
}

/** With spaces around them, else close together, else only the current one with its title. */
function tabsWithin(view: ViewName | null, width: number): Tabs {
  const titled = views.map(({ title }, index) => `${count(index + 1)} ${title}`);
  const apart = { tabs: titled.map((tab) => ` ${tab} `), gap: '' };
  const close = { tabs: titled, gap: ' ' };
  for (const form of [apart, close]) if (form.tabs.join(form.gap).length <= width) return form;
  const tabs = apart.tabs.map((tab, index) =>
    views[index]?.name === view ? tab : ` ${count(index + 1)} `,
  );
  return { tabs, gap: '' };
}
