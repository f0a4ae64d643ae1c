// Keys that work in every view.
import { bindingsOf } from '../keys/binding.ts';
import { ask, changing } from '../keys/common-keys.ts';
import { viewNames, views } from '../state/common-state.ts';
import { isFleet, openFleet, switchTo } from '../state/fleet.ts';
import { changedNames, hasDraft } from '../views/config/config-state.ts';
import type { ConsoleState } from './console-state.ts';
import type { ConsoleKeys, ConsoleTarget } from './key-lookup.ts';
import { openHelpKey, openPaletteKey } from './prompt-keys.ts';

export const everywhereKeys = bindingsOf<ConsoleState>('everywhere', [
  openHelpKey,
  openPaletteKey,
  ...views.map(viewKey),
  {
    keys: ['0'],
    label: 'servers',
    help: 'the name servers of this console (with several)',
    enabled: (state) => isFleet(state) && !state.fleet.isOpen,
    run: changing('fleet', (fleet) => openFleet(fleet, true)),
  },
  {
    keys: [']'],
    help: 'next name server (with several)',
    enabled: isFleet,
    run: changing('fleet', (fleet) => switchTo(fleet, fleet.current + 1)),
  },
  {
    keys: ['['],
    help: 'previous name server (with several)',
    enabled: isFleet,
    run: changing('fleet', (fleet) => switchTo(fleet, fleet.current - 1)),
  },
  {
    keys: ['tab', 'right'],
    also: ['l'],
    label: 'next view',
    help: 'next view',
    run: (target) => turnView(target, 1),
  },
  {
    keys: ['shift+tab', 'left'],
    also: ['h'],
    help: 'previous view',
    run: (target) => turnView(target, -1),
  },
  {
    keys: ['p'],
    help: 'pause: freeze the screen, buffer updates',
    enabled: (state) => state.paused === null,
    run: (target) => target.dispatch({ type: 'pause' }),
  },
  {
    keys: ['p'],
    label: 'resume',
    help: 'resume and show what is new (while paused)',
    enabled: (state) => state.paused !== null,
    run: (target) => target.dispatch({ type: 'pause' }),
  },
  {
    keys: ['U'],
    help: 'show times in UTC, or in the zone of this machine',
    run: (target) => target.dispatch({ type: 'zone' }),
  },
  {
    keys: ['N'],
    help: 'show the latest notices again',
    enabled: ({ pastNotices }) => pastNotices.length > 0,
    run: (target) => target.dispatch({ type: 'past-notices' }),
  },
  {
    keys: ['r'],
    label: 'retry',
    help: 'retry to connect now (while disconnected)',
    enabled: (state) => state.connection.phase === 'lost',
    run: (target) => target.retryNow(),
  },
  {
    keys: ['ctrl+l'],
    help: 'redraw; a screen reader reads the screen again',
    run: (target) => target.repaint(),
  },
  { keys: ['ctrl+z'], help: 'suspend; `fg` resumes', run: (target) => target.suspend() },
  {
    keys: ['q', 'ctrl+c'],
    label: 'quit',
    help: 'quit',
    run: (target) => {
      const { config, fleet, prompt } = target.state();
      const isAsked = prompt?.kind === 'confirm' && prompt.asked.action === 'quit';
      const others = fleet.servers.filter(({ hasDraft: isDrafted }) => isDrafted);
      if ((hasDraft(config) || others.length > 0) && !isAsked)
        ask(target, { action: 'quit' }, [
          ...changedNames(config),
          ...others.map(({ name }) => `changes of ${name}`),
        ]);
      else target.quit();
    },
  },
]);

function turnView(target: ConsoleTarget, by: number): void {
  const index = viewNames.indexOf(target.state().view) + by + viewNames.length;
  const view = viewNames[index % viewNames.length];
  if (view) target.dispatch({ type: 'view', view });
}

function viewKey({ name, title, help }: (typeof views)[number], index: number): ConsoleKeys {
  const key = String(index + 1);
  return {
    keys: [key],
    help: `${title}: ${help}`,
    run: (target) => target.dispatch({ type: 'view', view: name }),
  };
}
