// Keys of the help that covers the view.
import { bodyRows } from '../components/layout.ts';
import type { ConsoleBinding, ConsoleTarget } from './key-lookup.ts';

const scope = 'help';

/** More lines than it has; scrolling stops at its end. */
const allLines = 10_000;

/** One line of this screen is on the next one too. */
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
    scope,
    keys: ['escape', 'enter'],
    shown: 'Esc Enter',
    label: 'close',
    help: 'close the help',
    run: (target) => target.dispatch({ type: 'help', open: false }),
  },
  ...moves.map(
    ([keys, shown, help, lines]): ConsoleBinding => ({
      scope,
      keys,
      shown,
      label: '',
      moves: true,
      help,
      run: (target) => target.dispatch({ type: 'help-scroll', by: lines(target) }),
    }),
  ),
];
