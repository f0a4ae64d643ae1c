// Keys of the help that covers the view.
import { bodyRows } from '../components/layout.ts';
import type { Binding } from '../keys/binding.ts';

type Target = Parameters<Binding['run']>[0];

const scope = 'help';

/** More lines than it has; scrolling stops at its end. */
const allLines = 10_000;

/** One line of this screen is on the next one too. */
const screen = (target: Target) => Math.max(1, bodyRows(target.state()) - 1);

const moves: readonly [
  keys: readonly string[],
  shown: string,
  help: string,
  lines: (target: Target) => number,
][] = [
  [['up', 'k'], '↑ k', 'one line up', () => -1],
  [['down', 'j'], '↓ j', 'one line down', () => 1],
  [['pageup', 'ctrl+b'], 'PgUp Ctrl-B', 'one screen up', (target) => -screen(target)],
  [['pagedown', 'ctrl+f', ' '], 'PgDn Ctrl-F', 'one screen down', screen],
  [['home', 'g'], 'Home g', 'first line', () => -allLines],
  [['end', 'G'], 'End G', 'last line', () => allLines],
];

export const helpKeys: readonly Binding[] = [
  {
    scope,
    keys: ['escape', 'enter'],
    shown: 'Esc Enter',
    label: 'close',
    help: 'close the help',
    run: (target) => target.dispatch({ type: 'help', open: false }),
  },
  ...moves.map(
    ([keys, shown, help, lines]): Binding => ({
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
