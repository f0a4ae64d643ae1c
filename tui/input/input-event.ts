// What the keyboard says, after parsing: keys by name, and pasted text as a whole.
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

export type InputEvent = KeyEvent | PasteEvent;

/** The name by which bindings know a key: `ctrl+c`, `alt+x`, `shift+tab`, `A`, `pagedown`. */
export function keyId(event: KeyEvent): string {
  return `${event.ctrl ? 'ctrl+' : ''}${event.alt ? 'alt+' : ''}${event.shift ? 'shift+' : ''}${event.name}`;
}
