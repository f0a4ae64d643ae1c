// Screens of Hosts.

import type { Host } from '../../../shared/ipc/contract.ts';
import type { ConsoleAction } from '../../../tui/console/console-state.ts';
import { toggleMark } from '../../../tui/views/hosts/hosts-marks.ts';
import { moveBy } from '../../../tui/views/hosts/hosts-state.ts';
import { fixedDelta, fixedHosts, fixedNow, fixedStatus, marksOf } from '../fixture-data.ts';
import type { Screen } from './screen.ts';
import { fleet } from './situations.ts';

/** Two of them, and one that is not in the table any more. */
const marked: ConsoleAction = {
  type: 'hosts',
  change: (hosts) => {
    const gone = { ...hosts, marked: marksOf(['203.0.113.1:40999']) };
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

/** Some of them are due, do not answer, or are to be deleted; one of them is another server's. */
const dying: ConsoleAction = {
  type: 'hosts',
  change: (hosts) =>
    moveBy(
      {
        ...hosts,
        detail: true,
        sort: { by: 'state', descending: true },
        pages: hosts.pages.map((page) => ({
          ...page,
          rows: page.rows.map((host, row) => ({ ...host, ...dyingParts[row] })),
        })),
      },
      1,
    ),
};

const here = fixedStatus().server.id;
const dyingParts: Partial<Host>[] = [
  { state: 'condemned', owner: here, failedPings: 3 },
  { state: 'suspect', owner: here, failedPings: 1 },
  { state: 'due', owner: 'b1b3a7f2c40e4d11' },
];

const heldBack: ConsoleAction = {
  type: 'delta',
  now: 0,
  delta: fixedDelta({
    status: {
      selfPreservation: {
        active: true,
        reason: 'canaries',
        since: fixedNow - 720_000,
        overridden: false,
      },
    },
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
          asked: {
            action: 'remove',
            addresses: fixedHosts(3).map(({ address }) => address),
            hidden: 2,
          },
          hits: fixedHosts(3).map(
            ({ address, nodeId }, index) =>
              `${address} (${nodeId})${index < 2 ? ', hidden by the filter' : ''}`,
          ),
        },
      },
    ],
  },
  { name: 'hosts of which some are dying', view: 'hosts', actions: [fleet, dying] },
  {
    name: 'hosts that are not deleted, although they do not answer',
    view: 'hosts',
    actions: [dying, { type: 'hosts', change: (hosts) => moveBy(hosts, -1) }, heldBack],
  },
  { name: 'hosts of which one just came', view: 'hosts', actions: [arrived] },
  {
    name: 'hosts of a paused console',
    view: 'hosts',
    actions: [{ type: 'pause' }, happened, { type: 'tick', now: 12_000 }],
  },
];
