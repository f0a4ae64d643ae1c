// Screens of the Overview.
import type { ConsoleAction } from '../../../tui/console/console-state.ts';
import { moveMoment, turnPage, turnSpan } from '../../../tui/views/overview/overview-state.ts';
import {
  fixedDelta,
  fixedNow,
  fixedSamples,
  fixedSnapshot,
  fixedStatus,
  fullDisk,
} from '../fixture-data.ts';
import type { Screen } from './screen.ts';
import { fleet, lost, sending, silent } from './situations.ts';

/** Less than a minute of samples, and nothing is deleted yet. */
const young: ConsoleAction = {
  type: 'snapshot',
  now: 0,
  snapshot: {
    ...fixedSnapshot({
      selfPreservation: {
        active: true,
        reason: 'starting',
        since: fixedNow - 41_000,
        overridden: false,
      },
    }),
    samples: fixedSamples(41),
    hourSamples: fixedSamples(4, 10),
  },
};

const hour: ConsoleAction = { type: 'overview', change: turnSpan };
const nextCharts: ConsoleAction = {
  type: 'overview',
  change: (overview) => turnPage(overview, 3),
};

const frozen: ConsoleAction = {
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

const full: ConsoleAction = {
  type: 'delta',
  now: 0,
  delta: fixedDelta({ status: { storage: fullDisk() } }),
};

const { counters } = fixedStatus();

const refused: ConsoleAction = {
  type: 'delta',
  now: 0,
  delta: fixedDelta({ status: { counters: { ...counters, malformed: counters.malformed + 1 } } }),
};

export const overviewScreens: readonly Screen[] = [
  { name: 'overview', view: 'overview' },
  { name: 'overview of a name server whose disk is full', view: 'overview', actions: [full] },
  {
    name: 'overview of the last hour with the next charts',
    view: 'overview',
    actions: [hour, nextCharts],
  },
  {
    name: 'overview of one of three servers that deletes nothing',
    view: 'overview',
    actions: [fleet, frozen],
  },
  { name: 'overview of a lost connection', view: 'overview', actions: [lost] },
  { name: 'overview of a server that says nothing', view: 'overview', actions: [silent] },
  {
    name: 'overview of a server that just refused a request',
    view: 'overview',
    actions: [refused],
  },
  { name: 'overview of a server that just started', view: 'overview', actions: [young] },
  {
    name: 'overview of a lost server with peers that was about to end',
    view: 'overview',
    actions: [fleet, sending('stopping'), lost],
  },
  {
    name: 'overview of some time ago',
    view: 'overview',
    actions: [fleet, { type: 'overview', change: (_, state) => moveMoment(state, -20) }],
  },
];
