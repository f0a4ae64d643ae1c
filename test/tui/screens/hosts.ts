// Screens of Hosts.
import type { ConsoleAction } from '../../../tui/console/console-state.ts';
import { toggleMark } from '../../../tui/views/hosts/hosts-marks.ts';
import { moveBy } from '../../../tui/views/hosts/hosts-state.ts';
import { fixedDelta, fixedHosts, fixedNow } from '../fixture-data.ts';
import type { Screen } from './screen.ts';

/** Two of them, and one that is not in the table any more. */
const marked: ConsoleAction = {
  type: 'hosts',
  change: (hosts) => {
    const gone = { ...hosts, marked: new Set(['203.0.113.1:40999']) };
    return moveBy(toggleMark(moveBy(toggleMark(gone), 2)), -1);
  },
};

const happened: ConsoleAction = {
  type: 'delta',
  now: 11_000,
  delta: fixedDelta({
    activity: [{ seq: 44, at: fixedNow, kind: 'left', address: null, text: 'x' }],
  }),
};

/** The second one came just now. */
const arrived: ConsoleAction = {
  type: 'hosts',
  change: (hosts) => ({
    ...hosts,
    pages: hosts.pages.map((page) => ({
      ...page,
      rows: page.rows.map((host, row) => (row === 1 ? { ...host, firstSeen: fixedNow } : host)),
    })),
  }),
};

export const hostsScreens: readonly Screen[] = [
  { name: 'hosts', view: 'hosts' },
  {
    name: 'hosts with a question',
    view: 'hosts',
    actions: [
      { type: 'hosts', change: (hosts) => ({ ...hosts, detail: true }) },
      {
        type: 'prompt',
        prompt: {
          kind: 'confirm',
          text: 'rem',
          asked: { action: 'remove', addresses: ['198.51.100.1:40000'] },
        },
      },
    ],
  },
  { name: 'hosts of which some are marked', view: 'hosts', actions: [marked] },
  {
    name: 'hosts with a question about the marked ones',
    view: 'hosts',
    actions: [
      marked,
      { type: 'filter', text: 'a filter that is longer than there is room for in a narrow window' },
      {
        type: 'prompt',
        prompt: {
          kind: 'confirm',
          text: 'remove',
          asked: { action: 'remove', addresses: fixedHosts(3).map(({ address }) => address) },
        },
      },
    ],
  },
  { name: 'hosts of which one just came', view: 'hosts', actions: [arrived] },
  {
    name: 'hosts of a paused console',
    view: 'hosts',
    actions: [{ type: 'pause' }, happened, { type: 'tick', now: 12_000 }],
  },
];
