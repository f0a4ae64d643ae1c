// Screens of the Log.

import type { LogLine } from '../../../shared/output/log-line.ts';
import type { ConsoleAction } from '../../../tui/console/console-state.ts';
import { scrollLog } from '../../../tui/views/log/log-scroll.ts';
import { nextLevel, takeLines } from '../../../tui/views/log/log-state.ts';
import { fixedDelta, fixedLog } from '../fixture-data.ts';
import type { Screen } from './screen.ts';
import { lost } from './situations.ts';

function logged(lines: LogLine[], source = 'first', forgotten = 0): ConsoleAction {
  const status = { level: 'info' as const, lines: lines.at(-1)?.seq ?? forgotten };
  return { type: 'log', change: (log) => takeLines(log, source, { status, lines, forgotten }) };
}

export const filled = logged(fixedLog(60));

const shorter: ConsoleAction = { type: 'log', change: (log) => ({ ...log, isWrapped: false }) };
const errors: ConsoleAction = { type: 'log', change: nextLevel };

export const logScreens: readonly Screen[] = [
  { name: 'log', view: 'log', actions: [logged(fixedLog(3))] },
  { name: 'log that is longer than the screen', view: 'log', actions: [filled] },
  {
    name: 'log with long lines cut, scrolled up',
    view: 'log',
    actions: [
      filled,
      shorter,
      { type: 'log', change: (_, state) => scrollLog(state, { end: 'first' }) },
      { type: 'log', change: (_, state) => scrollLog(state, { by: 2 }) },
    ],
  },
  {
    name: 'log of the lines that match',
    view: 'log',
    actions: [
      filled,
      { type: 'prompt', prompt: { kind: 'filter', text: 'HOST 9 !left', before: '' } },
    ],
  },
  { name: 'log of errors only', view: 'log', actions: [filled, errors] },
  {
    name: 'log of which nothing matches',
    view: 'log',
    actions: [filled, errors, { type: 'filter', text: 'nobody' }],
  },
  {
    name: 'log of a server that was started anew, with lines left out',
    view: 'log',
    actions: [
      logged(
        fixedLog(7).filter(({ seq }) => seq > 4),
        'first',
        4,
      ),
      logged(fixedLog(0), 'second'),
      lost,
    ],
  },
  {
    name: 'log of a server that is slow to tell it',
    view: 'log',
    actions: [
      filled,
      { type: 'log', change: (log) => ({ ...log, readAt: 0 }) },
      {
        type: 'delta',
        now: 4_000,
        delta: fixedDelta({ status: { log: { level: 'info', lines: 1_000 } } }),
      },
    ],
  },
  { name: 'log without a line', view: 'log', actions: [logged([])] },
  { name: 'log that was not read yet', view: 'log' },
];
