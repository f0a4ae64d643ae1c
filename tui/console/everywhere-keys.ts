// Keys that work in every view.
import { ask } from '../keys/common-keys.ts';
import { viewNames, views } from '../state/common-state.ts';
import { isFleet, openFleet, switchTo } from '../state/fleet.ts';
import { changedNames, hasDraft } from '../views/config/config-state.ts';
import type { ConsoleBinding, ConsoleTarget } from './key-lookup.ts';
import { openHelpKey, openPaletteKey } from './prompt-keys.ts';

const scope = 'everywhere';

export const everywhereKeys: readonly ConsoleBinding[] = [
  openHelpKey,
  openPaletteKey,
  ...views.map(viewKey),
  {
    scope,
    keys: ['0'],
    shown: '0',
    label: 'servers',
    help: 'the name servers of this console (with several)',
    enabled: isFleet,
    run: (target) => target.dispatch({ type: 'fleet', change: (fleet) => openFleet(fleet, true) }),
  },
  {
    scope,
    keys: [']'],
    shown: ']',
    label: '',
    help: 'next name server (with several)',
    enabled: isFleet,
    run: (target) => turnServer(target, 1),
  },
  {
    scope,
    keys: ['['],
    shown: '[',
    label: '',
    help: 'previous name server (with several)',
    enabled: isFleet,
    run: (target) => turnServer(target, -1),
  },
  {
    scope,
    keys: ['tab', 'right', 'l'],
    shown: 'Tab →',
    label: 'next view',
    help: 'next view',
    run: (target) => turnView(target, 1),
  },
  {
    scope,
    keys: ['shift+tab', 'left', 'h'],
    shown: 'Shift-Tab ←',
    label: '',
    help: 'previous view',
    run: (target) => turnView(target, -1),
  },
  {
    scope,
    keys: ['p'],
    shown: 'p',
    label: '',
    help: 'pause: freeze the screen, buffer updates',
    enabled: (state) => state.paused === null,
    run: (target) => target.dispatch({ type: 'pause' }),
  },
  {
    scope,
    keys: ['p'],
    shown: 'p',
    label: 'resume',
    help: 'resume and show what is new (while paused)',
    enabled: (state) => state.paused !== null,
    run: (target) => target.dispatch({ type: 'pause' }),
  },
  {
    scope,
    keys: ['U'],
    shown: 'U',
    label: '',
    help: 'show times in UTC, or in the zone of this machine',
    run: (target) => target.dispatch({ type: 'zone' }),
  },
  {
    scope,
    keys: ['r'],
    shown: 'r',
    label: 'retry',
    help: 'retry to connect now (while disconnected)',
    enabled: (state) => state.connection.phase === 'lost',
    run: (target) => target.retryNow(),
  },
  {
    scope,
    keys: ['ctrl+l'],
    shown: 'Ctrl-L',
    label: '',
    help: 'redraw; a screen reader reads the screen again',
    run: (target) => target.repaint(),
  },
  {
    scope,
    keys: ['ctrl+z'],
    shown: 'Ctrl-Z',
    label: '',
    help: 'suspend; `fg` resumes',
    run: (target) => target.suspend(),
  },
  {
    scope,
    keys: ['q', 'ctrl+c'],
    shown: 'q Ctrl-C',
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
];

function turnServer(target: ConsoleTarget, by: number): void {
  target.dispatch({ type: 'fleet', change: (fleet) => switchTo(fleet, fleet.current + by) });
}

function turnView(target: ConsoleTarget, by: number): void {
  const index = viewNames.indexOf(target.state().view) + by + viewNames.length;
  const view = viewNames[index % viewNames.length];
  if (view) target.dispatch({ type: 'view', view });
}

function viewKey({ name, title, help }: (typeof views)[number], index: number): ConsoleBinding {
  const key = String(index + 1);
  return {
    scope,
    keys: [key],
    shown: key,
    label: '',
    help: `${title}: ${help}`,
    run: (target) => target.dispatch({ type: 'view', view: name }),
  };
}
