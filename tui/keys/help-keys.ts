// Keys of the help that covers the view.
import type { Binding } from './binding.ts';

const scope = 'help';

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
    help: 'scroll up',
    run: (target) => target.dispatch({ type: 'help-scroll', by: -3 }),
  },
  {
    scope,
    keys: ['down', 'j', 'pagedown'],
    shown: '↓ j PgDn',
    label: '',
    help: 'scroll down',
    run: (target) => target.dispatch({ type: 'help-scroll', by: 3 }),
  },
];
