// What a key binding is, and the one place that looks bindings up: handlers, the footer, the `?` help
// and the README's table all read the same list.

import type { ConsoleState } from '../console/console-state.ts';
import { viewNames } from '../state/views.ts';
import type { Console } from './console.ts';

/** Where a binding holds: everywhere, in a view, or in what takes the keyboard over while it is on the
 * screen. */
export const scopes = [
  'everywhere',
  ...viewNames,
  'help',
  'filter',
  'confirm',
  'palette',
  'setting',
  'review',
] as const;
export type Scope = (typeof scopes)[number];

/** Several may share a key in a scope: the first of them that does something now is meant. */
export interface Binding {
  scope: Scope;
  /** Key ids as `keyId` makes them. */
  keys: readonly string[];
  /** The keys as an operator reads them. */
  shown: string;
  /** One or two words for the footer; empty leaves it out there. */
  label: string;
  /** The keys that the footer names, when one entry there stands for several bindings. */
  hint?: string;
  /** One line for the help and the README. */
  help: string;
  /** It only moves or scrolls. */
  moves?: true;
  /** Whether it does anything now; absent means always. */
  enabled?(state: ConsoleState): boolean;
  run(target: Console): void;
}

/** Scopes in force, the innermost first; typing takes all but a few keys away from the rest. */
export function scopesOf(state: ConsoleState): readonly Scope[] {
  if (state.prompt !== null) return [state.prompt.kind];
  if (state.help.open) return ['help', 'everywhere'];
  if (state.view === 'config' && state.config.review !== null) return ['review', 'everywhere'];
  return [state.view, 'everywhere'];
}

/** Keys that work whatever is on the screen. */
const always = new Set(['ctrl+c', 'ctrl+z', 'ctrl+l']);

/** @param id of a key, as `keyId` makes it */
export function findBinding(
  bindings: readonly Binding[],
  state: ConsoleState,
  id: string,
): Binding | null {
  for (const scope of [...scopesOf(state), ...(always.has(id) ? (['everywhere'] as const) : [])]) {
    const found = bindings.filter((each) => each.scope === scope && each.keys.includes(id));
    // A key of an inner scope that does nothing now is not one of an outer scope meanwhile.
    if (found.length > 0) return found.find((binding) => isEnabled(binding, state)) ?? null;
  }
  return null;
}

export function isEnabled(binding: Binding, state: ConsoleState): boolean {
  return binding.enabled?.(state) ?? true;
}

/** What the footer offers now, in the order of the registry, the innermost scope first. */
export function hintsFor(bindings: readonly Binding[], state: ConsoleState): Binding[] {
  return scopesOf(state).flatMap((scope) => {
    const enabled = bindings.filter((each) => each.scope === scope && isEnabled(each, state));
    return enabled.filter(
      (binding, index) =>
        binding.label !== '' &&
        !enabled.slice(0, index).some(({ keys }) => keys.includes(binding.keys[0] ?? '')),
    );
  });
}
