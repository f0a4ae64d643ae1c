// Which bindings hold now. Handlers, footer, palette and screen reader all ask here.
import { isTooSmall } from '../components/layout.ts';
import { notConnected } from '../daemon/actions.ts';
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
  return boundTo(bindings, state, id).find((binding) => isEnabled(binding, state)) ?? null;
}

/** Why a key does nothing now; null: it does something, or there is nothing that it could act on. */
export function keyRefusal(
  bindings: readonly ConsoleBinding[],
  state: ConsoleState,
  id: string,
): string | null {
  const bound = boundTo(bindings, state, id);
  if (bound.some((binding) => isEnabled(binding, state))) return null;
  return (
    bound.map((binding) => refusalOf(binding, state)).find((refusal) => refusal !== null) ?? null
  );
}

/** Those that share the key in the innermost scope that has it: a disabled one does not fall through to an outer one. */
function boundTo(
  bindings: readonly ConsoleBinding[],
  state: ConsoleState,
  id: string,
): ConsoleBinding[] {
  const isSeen = !isTooSmall(state);
  const works = isSeen ? always : unseen;
  for (const scope of [
    ...(isSeen ? scopesOf(state) : []),
    ...(works.has(id) ? (['everywhere'] as const) : []),
  ]) {
    const found = bindings.filter((each) => each.scope === scope && each.keys.includes(id));
    if (found.length > 0) return found;
  }
  return [];
}

export function isEnabled(binding: ConsoleBinding, state: ConsoleState): boolean {
  return hasObject(binding, state) && refusalOf(binding, state) === null;
}

function hasObject({ enabled }: ConsoleBinding, state: ConsoleState): boolean {
  return enabled?.(state) ?? true;
}

/**
 * Why the binding is of no use now; null: it is, or there is nothing that it could act on. `--read-only` is named only
 * where nothing else is in the way: to start without it must be of use.
 */
export function refusalOf(binding: ConsoleBinding, state: ConsoleState): string | null {
  if (!hasObject(binding, state)) return null;
  if (binding.asks && state.connection.phase === 'lost') return notConnected.text;
  const refusal = binding.refusal?.(state) ?? null;
  return refusal === null && binding.changes && state.readOnly ? readOnlyText(binding) : refusal;
}

function readOnlyText({ shown, help }: ConsoleBinding): string {
  const what = help.replace(/ \([^)]*\)$/, '');
  return `read-only: ${shown.split(' ')[0]} would ${what}; start without --read-only for that`;
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
