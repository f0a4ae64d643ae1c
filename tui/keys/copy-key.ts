// The key that copies the address of what is selected, the same in every view where something is.
import type { ConsoleState } from '../console/console-state.ts';
import type { Binding, Scope } from './binding.ts';

/** @param chosen the addresses that would be copied now */
export function copyKey(
  scope: Scope,
  help: string,
  chosen: (state: ConsoleState) => readonly string[],
): Binding {
  return {
    scope,
    keys: ['y'],
    shown: 'y',
    label: '',
    help,
    enabled: (state) => chosen(state).length > 0,
    run: (target) => target.copy(chosen(target.state())),
  };
}
