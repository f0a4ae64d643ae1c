// The line of tabs: the views with their number keys, and beside them what is wrong. The narrower the
// window, the fewer words for either.

import { type ViewName, views } from '../state/views.ts';
import type { Alarm } from '../text/alarms.ts';
import { count } from '../text/format.ts';
import type { Theme } from '../theme.ts';

/** Before the tabs, behind them, and at the end of the line. */
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
  const alarm = alarmText(alarms, free - 1);
  const rule = theme.paint('rule', '─'.repeat(Math.max(0, free - (alarm ? alarm.length + 1 : 0))));
  const end = alarm ? ` ${theme.paint('warn', alarm)}` : '';
  return ` ${painted.join(gap)} ${rule}${end}`;
}

/** The view whose tab stands at `column` of such a line; null between them and behind the last. */
export function tabAt(
  column: number,
  view: ViewName,
  alarms: readonly Alarm[],
  width: number,
): ViewName | null {
  const { tabs, gap } = tabsBeside(alarms, view, width);
  let from = 1;
  for (const [index, tab] of tabs.entries()) {
    if (column >= from && column < from + tab.length) return views[index]?.name ?? null;
    from += tab.length + gap.length;
  }
  return null;
}

interface Tabs {
  /** one a view, in their order */
  tabs: string[];
  gap: string;
}

function tabsBeside(alarms: readonly Alarm[], view: ViewName, width: number): Tabs {
  const [first] = alarms;
  const reserved = blanks + (first === undefined ? 0 : placeText(first).length + 1);
  return tabsWithin(view, width - reserved);
}

/** Apart from each other, else side by side, else only the one on the screen with its title. */
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

/** All alarms if they fit, in short if need be, else the first one, else where to look. */
function alarmText(alarms: readonly Alarm[], width: number): string {
  const [first] = alarms;
  if (!first) return '';
  const texts = [
    alarms.map(({ text }) => text).join(', '),
    alarms.map(({ short }) => short).join(', '),
    first.text,
    first.short,
  ];
  const text = texts.find((each) => each.length + 2 <= width);
  return text === undefined ? placeText(first) : `! ${text}`;
}

function placeText({ place }: Alarm): string {
  return `! ${place}`;
}
