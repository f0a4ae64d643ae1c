// The keys that move through rows, the same in every view that has rows.
import type { ListMove } from '../state/list-position.ts';
import type { Binding, Scope } from './binding.ts';

type Target = Parameters<Binding['run']>[0];

const moves: readonly [keys: readonly string[], shown: string, help: string, move: ListMove][] = [
  [['up', 'k'], '↑ k', 'one row up', { by: -1 }],
  [['down', 'j'], '↓ j', 'one row down', { by: 1 }],
  [['pageup', 'ctrl+b'], 'PgUp Ctrl-B', 'one screen up', { pages: -1 }],
  [['pagedown', 'ctrl+f'], 'PgDn Ctrl-F', 'one screen down', { pages: 1 }],
  [['home', 'g'], 'Home g', 'first row', { end: 'first' }],
  [['end', 'G'], 'End G', 'last row', { end: 'last' }],
];

export function moveKeys(scope: Scope, run: (target: Target, move: ListMove) => void): Binding[] {
  return moves.map(([keys, shown, help, move]) => ({
    scope,
    keys,
    shown,
    label: '',
    help,
    moves: true,
    run: (target) => run(target, move),
  }));
}
