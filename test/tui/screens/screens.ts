// Every screen that the frame tests compare, by view. The first one of a view stands for it where one
// is enough.
import type { ViewName } from '../../../tui/state/common-state.ts';
import { backlogScreens } from './backlog.ts';
import { configScreens } from './config.ts';
import { fleetScreens } from './fleet.ts';
import { hostsScreens } from './hosts.ts';
import { logScreens } from './log.ts';
import { overviewScreens } from './overview.ts';
import { paletteScreens } from './palette.ts';
import { peersScreens } from './peers.ts';
import { redirectsScreens } from './redirects.ts';
import type { Screen } from './screen.ts';

const byView: Record<ViewName, readonly Screen[]> = {
  overview: overviewScreens,
  hosts: hostsScreens,
  peers: peersScreens,
  redirects: redirectsScreens,
  backlog: backlogScreens,
  config: configScreens,
  log: logScreens,
};

const helpOf = (text: string): Screen['actions'] => [
  { type: 'prompt', prompt: { kind: 'help', text, top: 0 } },
];
const help: readonly Screen[] = [
  { name: 'help', view: 'hosts', actions: helpOf('') },
  { name: 'help of the keys that drain', view: 'overview', actions: helpOf('drain') },
];

export const screens: readonly Screen[] = [
  ...Object.values(byView).flat(),
  ...paletteScreens,
  ...fleetScreens,
  ...help,
];

/** One of each view. */
export const representatives: readonly Screen[] = Object.values(byView).flatMap(
  ([first]) => first ?? [],
);

/** The two sizes that are promised to look good. */
export const promisedSizes = [
  { columns: 80, rows: 24 },
  { columns: 200, rows: 50 },
] as const;

/** The smallest and the largest that are promised to be useful. */
export const extremeSizes = [
  { columns: 60, rows: 20 },
  { columns: 300, rows: 80 },
] as const;
