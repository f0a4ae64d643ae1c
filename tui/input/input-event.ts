// What keyboard and mouse say, after parsing: keys by name, pasted text as a whole, and where the mouse
// was clicked or its wheel turned.
export interface KeyEvent {
  type: 'key';
  /** A character as typed (`a`, `A`, `/`, ` `), or a name: `up`, `enter`, `escape`, `f1` … */
  name: string;
  ctrl: boolean;
  alt: boolean;
  shift: boolean;
  /** What the key would insert into a text field; empty for the others. */
  text: string;
}

/** A bracketed paste. Line ends and control characters are still in it. */
export interface PasteEvent {
  type: 'paste';
  text: string;
}

/** The first button pressed, or a step of the wheel. */
export interface MouseEvent {
  type: 'mouse';
  what: 'press' | 'wheel-up' | 'wheel-down';
  /** of the cell under the pointer, from 0 */
  column: number;
  row: number;
}

export type InputEvent = KeyEvent | PasteEvent | MouseEvent;

/** The name by which bindings know a key: `ctrl+c`, `alt+x`, `shift+tab`, `A`, `pagedown`. */
export function keyId(event: KeyEvent): string {
  return `${event.ctrl ? 'ctrl+' : ''}${event.alt ? 'alt+' : ''}${event.shift ? 'shift+' : ''}${event.name}`;
}
