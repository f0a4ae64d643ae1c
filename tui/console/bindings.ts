// Every key of the console, in the order in which the help lists them.
import type { Scope } from '../keys/binding.ts';
import { views } from '../state/common-state.ts';
import { backlogKeys } from '../views/backlog/backlog-keys.ts';
import { configKeys, reviewKeys, settingKeys } from '../views/config/config-keys.ts';
import { hostsKeys } from '../views/hosts/hosts-keys.ts';
import { logKeys } from '../views/log/log-keys.ts';
import { overviewKeys } from '../views/overview/overview-keys.ts';
import { peersKeys } from '../views/peers/peers-keys.ts';
import { redirectsKeys } from '../views/redirects/redirects-keys.ts';
import { everywhereKeys, helpKeys } from './everywhere-keys.ts';
import type { ConsoleBinding } from './key-lookup.ts';
import { paletteKeys, promptKeys } from './prompt-keys.ts';

export const bindings: readonly ConsoleBinding[] = [
  ...overviewKeys,
  ...hostsKeys,
  ...peersKeys,
  ...redirectsKeys,
  ...backlogKeys,
  ...configKeys,
  ...reviewKeys,
  ...logKeys,
  ...everywhereKeys,
  ...helpKeys,
  ...promptKeys,
  ...settingKeys,
  ...paletteKeys(() => bindings),
];

/** The groups of the help and of KEYS.md, with their titles. */
export const keyGroups: readonly { scope: Scope; title: string }[] = [
  { scope: 'everywhere', title: 'Everywhere' },
  ...views.map(({ name, title }) => ({ scope: name, title })),
  { scope: 'palette', title: 'In the command palette' },
  { scope: 'setting', title: 'While editing a setting' },
  { scope: 'review', title: 'Before a change is saved' },
  { scope: 'filter', title: 'While typing a filter' },
  { scope: 'confirm', title: 'While confirming' },
  { scope: 'help', title: 'In this help' },
];
