// Every key of the console, in the order in which the help lists them.
import { backlogKeys } from '../views/backlog/backlog-keys.ts';
import { configKeys, reviewKeys, settingKeys } from '../views/config/config-keys.ts';
import { fleetKeys } from '../views/fleet/fleet-keys.ts';
import { hostsKeys } from '../views/hosts/hosts-keys.ts';
import { logKeys } from '../views/log/log-keys.ts';
import { overviewKeys } from '../views/overview/overview-keys.ts';
import { peersKeys } from '../views/peers/peers-keys.ts';
import { redirectsKeys } from '../views/redirects/redirects-keys.ts';
import { everywhereKeys } from './everywhere-keys.ts';
import type { ConsoleBinding } from './key-lookup.ts';
import { helpKeys, paletteKeys, promptKeys } from './prompt-keys.ts';

export const bindings: readonly ConsoleBinding[] = [
  ...overviewKeys,
  ...hostsKeys,
  ...peersKeys,
  ...redirectsKeys,
  ...backlogKeys,
  ...configKeys,
  ...reviewKeys,
  ...logKeys,
  ...fleetKeys,
  ...everywhereKeys,
  ...promptKeys,
  ...settingKeys,
  ...paletteKeys(() => bindings),
  ...helpKeys(() => bindings),
];
