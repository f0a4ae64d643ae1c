// Keys that work in every view, and those of the help that covers it.

import { bodyRows } from '../components/layout.ts';
import { ask } from '../keys/common-keys.ts';
import { viewNames, views } from '../state/common-state.ts';
import { hasDraft } from '../views/config/config-state.ts';
import type { ConsoleBinding, ConsoleTarget } from './key-lookup.ts';
import { openPaletteKey } from './prompt-keys.ts';

const scope = 'everywhere';

export const everywhereKeys: readonly ConsoleBinding[] = [
  {
    scope,
    // The keyboard's stream makes Alt-? of F1.
    keys: ['?', 'alt+?'],
    shown: '?',
    label: 'help',
    help: 'all keys',
    run: (target) => target.dispatch({ type: 'help', open: !target.state().help.open }),
  },
  openPaletteKey,
  ...views.map(viewKey),
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
      const { config, prompt } = target.state();
      const isAsked = prompt?.kind === 'confirm' && prompt.asked.action === 'quit';
      if (hasDraft(config) && !isAsked) ask(target, { action: 'quit' });
      else target.quit();
    },
  },
];

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

/** More lines than the help has; scrolling stops at its end. */
const allLines = 10_000;

/** Lines of a screen less one, which stays in sight. */
const screen = (target: ConsoleTarget) => Math.max(1, bodyRows(target.state()) - 1);

const moves: readonly [
  keys: readonly string[],
  shown: string,
  help: string,
  lines: (target: ConsoleTarget) => number,
][] = [
  [['up', 'k'], '↑ k', 'one line up', () => -1],
  [['down', 'j'], '↓ j', 'one line down', () => 1],
  [['pageup', 'ctrl+b'], 'PgUp Ctrl-B', 'one screen up', (target) => -screen(target)],
  [['pagedown', 'ctrl+f', ' '], 'PgDn Ctrl-F', 'one screen down', screen],
  [['home', 'g'], 'Home g', 'first line', () => -allLines],
  [['end', 'G'], 'End G', 'last line', () => allLines],
];

export const helpKeys: readonly ConsoleBinding[] = [
  {
    scope: 'help',
    keys: ['escape', 'enter'],
    shown: 'Esc Enter',
    label: 'close',
    help: 'close the help',
    run: (target) => target.dispatch({ type: 'help', open: false }),
  },
  ...moves.map(
    ([keys, shown, help, lines]): ConsoleBinding => ({
      scope: 'help',
      keys,
      shown,
      label: '',
      moves: true,
      help,
      run: (target) => target.dispatch({ type: 'help-scroll', by: lines(target) }),
    }),
  ),
];
