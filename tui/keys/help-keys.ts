// Keys of the help that covers the view.
import type { Binding } from './binding.ts';

const scope = 'help';

/** More lines than it has; scrolling stops at its end. */
const allLines = 10_000;

export const helpKeys: readonly Binding[] = [
  {
    scope,
    keys: ['escape', 'enter', ' '],
    shown: 'Esc Enter',
    label: 'close',
    help: 'close the help',
    run: (target) => target.dispatch({ type: 'help', open: false }),
  },
  {
    scope,
    keys: ['up', 'k', 'pageup'],
    shown: '↑ k PgUp',
    label: '',
    moves: true,
    help: 'scroll up',
    run: (target) => target.dispatch({ type: 'help-scroll', by: -3 }),
  },
  {
    scope,
    keys: ['down', 'j', 'pagedown'],
    shown: '↓ j PgDn',
    label: '',
    moves: true,
    help: 'scroll down',
    run: (target) => target.dispatch({ type: 'help-scroll', by: 3 }),
  },
  {
    scope,
    keys: ['home', 'g'],
    shown: 'Home g',
    label: '',
    moves: true,
    help: 'first line',
    run: (target) => target.dispatch({ type: 'help-scroll', by: -allLines }),
  },
  {
    scope,
    keys: ['end', 'G'],
    shown: 'End G',
    label: '',
    moves: true,
    help: 'last line',
    run: (target) => target.dispatch({ type: 'help-scroll', by: allLines }),
  },
];
