// Screens of Backlog.
import type { ConsoleAction } from '../../../tui/console/console-state.ts';
import { moveBacklog, takeBacklog } from '../../../tui/views/backlog/backlog-state.ts';
import { fixedBacklog, fixedDelta, fixedEntries } from '../fixture-data.ts';
import type { Screen } from './screen.ts';

function told(change: Parameters<typeof fixedBacklog>[0] = {}): ConsoleAction {
  return { type: 'backlog', change: (backlog) => takeBacklog(backlog, fixedBacklog(change)) };
}

export const waiting = told();

/** Twelve in the backlog, three silent, forty idle. */
const open: ConsoleAction = {
  type: 'delta',
  now: 0,
  delta: fixedDelta({ status: { connections: { open: 55, limit: 10_000 } } }),
};

export const backlogScreens: readonly Screen[] = [
  {
    name: 'backlog',
    view: 'backlog',
    actions: [
      open,
      waiting,
      { type: 'backlog', change: (_, state) => moveBacklog(state, { by: 2 }) },
    ],
  },
  {
    name: 'backlog with nobody in it',
    view: 'backlog',
    actions: [open, told({ entries: [], total: 0 })],
  },
  { name: 'backlog that is not known yet', view: 'backlog' },
  {
    name: 'backlog of which a part is missing, with a question',
    view: 'backlog',
    actions: [
      open,
      told({ missing: [{ number: 2, pid: 4_713, backlog: 5, open: 40 }], total: 17 }),
      {
        type: 'prompt',
        prompt: {
          kind: 'confirm',
          text: 'clo',
          asked: { action: 'close', id: '1-17', source: '198.51.100.1:40000' },
        },
      },
    ],
  },
  {
    name: 'backlog of a daemon that is slow to tell, filtered',
    view: 'backlog',
    actions: [open, waiting, { type: 'tick', now: 7_000 }, { type: 'filter', text: 'legacy' }],
  },
  {
    name: 'backlog with addresses of IPv6',
    view: 'backlog',
    actions: [
      open,
      told({
        entries: fixedEntries(4).map((entry, index) => ({
          ...entry,
          source: `[2001:db8:1111:2222:3333:4444:5555:66${60 + index}]:45240`,
        })),
        total: 4,
      }),
    ],
  },
];
