// Which bindings hold now. Handlers, footer, palette and screen reader all ask here.
import { isTooSmall } from '../components/layout.ts';
import type { Binding, Console, Keys, Scope } from '../keys/binding.ts';
import type { ConsoleState } from './console-state.ts';

/** A binding of the whole console, and what it acts on. */
export type ConsoleBinding = Binding<ConsoleState>;
export type ConsoleKeys = Keys<ConsoleState>;
export type ConsoleTarget = Console<ConsoleState>;

/** The scopes that hold now, innermost first; an open prompt leaves only a few keys to the others. */
export function scopesOf(state: ConsoleState): readonly Scope[] {
  if (state.prompt !== null) return [state.prompt.kind, 'prompt'];
  if (state.fleet.isOpen) return ['fleet', 'everywhere'];
  if (state.view === 'config' && state.config.review !== null) return ['review', 'everywhere'];
  return [state.view, 'everywhere'];
}

/** Keys that work whatever is on the screen. */
const always = new Set(['ctrl+c', 'ctrl+z', 'ctrl+l']);
/** Those in a window that is too small to see what others would do. */
const unseen = new Set([...always, 'q']);

/** The binding that a key runs now; null: none. @param id of the key, as `keyOf` makes it */
export function findBinding(
  bindings: readonly ConsoleBinding[],
  state: ConsoleState,
  id: string,
): ConsoleBinding | null {
  const isSeen = !isTooSmall(state);
  const works = isSeen ? always : unseen;
  for (const scope of [
    ...(isSeen ? scopesOf(state) : []),
    ...(works.has(id) ? (['everywhere'] as const) : []),
  ]) {
    const found = bindings.filter((each) => each.scope === scope && each.keys.includes(id));
    // A disabled key of an inner scope does not fall through to an outer one.
    if (found.length > 0) return found.find((binding) => isEnabled(binding, state)) ?? null;
  }
  return null;
}

/** The binding that the key would run without `--read-only`; null: none. */
export function refusedBinding(
  bindings: readonly ConsoleBinding[],
  state: ConsoleState,
  id: string,
): ConsoleBinding | null {
  if (!state.readOnly || findBinding(bindings, state, id) !== null) return null;
  return findBinding(bindings, { ...state, readOnly: false }, id);
}

export function refusalText({ shown, help }: ConsoleBinding): string {
  const what = help.replace(/ \([^)]*\)$/, '');
  return `read-only: ${shown.split(' ')[0]} would ${what}; start without --read-only for that`;
}

export function isEnabled(binding: ConsoleBinding, state: ConsoleState): boolean {
  if (binding.changes && state.readOnly) return false;
  return binding.enabled?.(state) ?? true;
}

/** The bindings that the footer offers now, in the order of the list, innermost scope first. */
export function hintsFor(
  bindings: readonly ConsoleBinding[],
  state: ConsoleState,
): ConsoleBinding[] {
  return scopesOf(state).flatMap((scope) => {
    const enabled = bindings.filter((each) => each.scope === scope && isEnabled(each, state));
    return enabled.filter(
      (binding, index) =>
        binding.label !== '' &&
        !enabled.slice(0, index).some(({ keys }) => keys.includes(binding.keys[0] ?? '')),
    );
  });
}
