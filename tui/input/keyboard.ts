// Ink's names of keys as the ids that bindings have.
import { type Key, useInput, usePaste } from 'ink';

const names = [
  ['upArrow', 'up'],
  ['downArrow', 'down'],
  ['leftArrow', 'left'],
  ['rightArrow', 'right'],
  ['pageUp', 'pageup'],
  ['pageDown', 'pagedown'],
  ['home', 'home'],
  ['end', 'end'],
  ['return', 'enter'],
  ['escape', 'escape'],
  ['tab', 'tab'],
  ['backspace', 'backspace'],
  ['delete', 'delete'],
] as const satisfies readonly (readonly [keyof Key, string])[];

export interface Pressed {
  /** as bindings name it: `ctrl+c`, `alt+x`, `shift+tab`, `A`, `pagedown` */
  id: string;
  /** what it types; empty for keys that type nothing */
  text: string;
}

/** The key of `useInput`'s arguments; null: none that has a name. */
export function keyOf(input: string, key: Key): Pressed | null {
  const named = input === '\n' ? 'enter' : names.find(([flag]) => key[flag])?.[1];
  // kitty's protocol reports a letter by the one without Shift and Caps Lock.
  const isUpper = Boolean(key.shift) !== Boolean(key.capsLock);
  const character = isUpper && input.length === 1 ? input.toUpperCase() : input;
  if (named === undefined && character === '') return null;
  const held = `${key.ctrl ? 'ctrl+' : ''}${key.meta ? 'alt+' : ''}`;
  if (named !== undefined) return { id: `${held}${key.shift ? 'shift+' : ''}${named}`, text: '' };
  return { id: held + character, text: held === '' ? character : '' };
}

/**
 * Calls `onKey` for each key, and `onPaste` with the whole of a pasted text.
 * @param onPaste null: what is pasted is typed
 */
export function useKeyboard(
  onKey: (key: Pressed) => void,
  onPaste: ((text: string) => void) | null,
): void {
  useInput((input, key) => {
    const pressed = key.eventType === 'release' ? null : keyOf(input, key);
    if (pressed !== null) onKey(pressed);
  });
  usePaste((text) => onPaste?.(text), { isActive: onPaste !== null });
}
