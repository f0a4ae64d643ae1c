// The bytes of a terminal's keyboard and mouse, parsed into events: keys by name, pasted text as a whole, clicks
// and steps of the wheel. A state machine without timers: it keeps an incomplete sequence until more arrives, or
// until its owner calls `flush` because nothing did. So an arrow key whose sequence arrives in two packets over
// SSH stays an arrow key, and held keys that arrive as one chunk (`jjj`) become three events.
import { StringDecoder } from 'node:string_decoder';

/** A key was pressed. */
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

/** A bracketed paste, with its line ends and control characters. */
interface PasteEvent {
  type: 'paste';
  text: string;
}

/** The first button was pressed, or the wheel moved a step. */
export interface MouseEvent {
  type: 'mouse';
  what: 'press' | 'wheel-up' | 'wheel-down';
  /** the cell under the pointer, from 0 */
  column: number;
  row: number;
}

export type InputEvent = KeyEvent | PasteEvent | MouseEvent;

/** A key as bindings name it: `ctrl+c`, `alt+x`, `shift+tab`, `A`, `pagedown`. */
export function keyId(event: KeyEvent): string {
  return `${event.ctrl ? 'ctrl+' : ''}${event.alt ? 'alt+' : ''}${event.shift ? 'shift+' : ''}${event.name}`;
}

/** Characters kept of one paste: more than any text field here takes. */
const maxPaste = 65_536;
/** A sequence longer than this is noise, not a key: the longest known ones have about 20 characters. */
const maxSequence = 256;

const esc = '\u001b';
const pasteBegin = '\u001b[200~';
const pasteEnd = '\u001b[201~';

/** CSI: parameters, intermediates, one final byte. */
const csi = /^\u001b\[([0-?]*)([ -/]*)([@-~])/;
const unfinishedCsi = /^\u001b\[[0-?]*[ -/]*$/;
/** A mouse report of terminals that do not know the one asked for (xterm, Mouse Tracking): three characters
 * follow it, which are not typed text. */
const oldMouse = '\u001b[M';
const oldMouseLength = oldMouse.length + 3;
/** In a mouse report (SGR, 1006): bits of modifier keys held down, and the buttons. */
const heldKeys = 4 + 8 + 16;
const buttons: Readonly<Record<number, MouseEvent['what']>> = {
  0: 'press',
  64: 'wheel-up',
  65: 'wheel-down',
};
/** Replies of the terminal (OSC, DCS, APC, PM, SOS), ended by BEL or ST; the console asks for none. */
const reply = /^\u001b[\]P_^X][^\u0007\u001b]*(?:\u0007|\u001b\\)/;
const unfinishedReply = /^\u001b[\]P_^X][^\u0007\u001b]*\u001b?$/;

const finals: Record<string, string> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  E: 'begin',
  F: 'end',
  H: 'home',
  P: 'f1',
  Q: 'f2',
  R: 'f3',
  S: 'f4',
};

const tildes: Record<string, string> = {
  1: 'home',
  2: 'insert',
  3: 'delete',
  4: 'end',
  5: 'pageup',
  6: 'pagedown',
  7: 'home',
  8: 'end',
  11: 'f1',
  12: 'f2',
  13: 'f3',
  14: 'f4',
  15: 'f5',
  17: 'f6',
  18: 'f7',
  19: 'f8',
  20: 'f9',
  21: 'f10',
  23: 'f11',
  24: 'f12',
};

const controls: Record<number, string> = {
  8: 'backspace',
  9: 'tab',
  10: 'enter',
  13: 'enter',
  127: 'backspace',
};

interface InputParser {
  /** Parses a chunk, which may begin or end within a sequence. */
  push(chunk: Uint8Array | string): InputEvent[];
  /** An incomplete sequence is kept, which `flush` would settle. */
  readonly waiting: boolean;
  /** Call it when nothing more has arrived: a lone ESC is the Escape key, a torn sequence is dropped. */
  flush(): InputEvent[];
}

/** A parser with nothing pending. */
export function createInputParser(): InputParser {
  const decoder = new StringDecoder('utf8');
  let pending = '';
  let paste: string | null = null;

  const takePaste = (): InputEvent | null => {
    const end = pending.indexOf(pasteEnd);
    // The end marker may itself be torn: keep back as much as could be its beginning.
    const ready = end >= 0 ? end : Math.max(0, pending.length - pasteEnd.length + 1);
    paste = ((paste ?? '') + pending.slice(0, ready)).slice(0, maxPaste);
    pending = pending.slice(end >= 0 ? end + pasteEnd.length : ready);
    if (end < 0) return null;
    const text = paste;
    paste = null;
    return { type: 'paste', text };
  };

  const parse = (): InputEvent[] => {
    const events: InputEvent[] = [];
    while (pending !== '') {
      if (paste !== null) {
        const event = takePaste();
        if (event === null) break;
        events.push(event);
        continue;
      }
      const step = pending.startsWith(esc) ? readEscape(pending) : readCharacter(pending);
      if (step === null) {
        if (pending.length > maxSequence) pending = '';
        break;
      }
      if (pending.startsWith(pasteBegin)) paste = '';
      else if (step.event !== null) events.push(step.event);
      pending = pending.slice(step.length);
    }
    return events;
  };

  return {
    push: (chunk) => {
      pending += typeof chunk === 'string' ? chunk : decoder.write(Buffer.from(chunk));
      return parse();
    },
    get waiting() {
      return pending !== '' && paste === null;
    },
    flush: () => {
      if (paste !== null || pending === '') return [];
      const lone = pending === esc;
      const alt = pending.length === 2 ? pending.slice(1) : null;
      pending = '';
      if (lone) return [key('escape')];
      return alt === null ? [] : [key(alt, { alt: true })];
    },
  };
}

interface Step {
  event: KeyEvent | MouseEvent | null;
  length: number;
}

function key(name: string, modifiers: Partial<KeyEvent> = {}): KeyEvent {
  return { type: 'key', name, ctrl: false, alt: false, shift: false, text: '', ...modifiers };
}

/** A sequence that begins with ESC, or null while it is incomplete. */
function readEscape(text: string): Step | null {
  if (text.length === 1) return null;
  const introducer = text[1] ?? '';
  if (introducer === '[') {
    if (text.startsWith(oldMouse))
      return text.length < oldMouseLength ? null : { event: null, length: oldMouseLength };
    const match = csi.exec(text);
    if (match) return { event: csiEvent(match[1] ?? '', match[3] ?? ''), length: match[0].length };
    // Not a sequence after all: drop its introducer, the rest is typed text.
    return unfinishedCsi.test(text) ? null : { event: null, length: 2 };
  }
  if (introducer === 'O') {
    const final = text[2];
    if (final === undefined) return null;
    const name = finals[final];
    return { event: name === undefined ? null : key(name), length: 3 };
  }
  if (']P_^X'.includes(introducer)) {
    const match = reply.exec(text);
    if (match) return { event: null, length: match[0].length };
    return unfinishedReply.test(text) ? null : { event: null, length: 2 };
  }
  if (introducer === esc) return { event: key('escape'), length: 1 };
  const plain = readCharacter(text.slice(1));
  if (plain.event === null) return { event: null, length: 2 };
  return { event: { ...plain.event, alt: true, text: '' }, length: plain.length + 1 };
}

function csiEvent(parameters: string, final: string): KeyEvent | MouseEvent | null {
  return parameters.startsWith('<')
    ? mouseEvent(parameters.slice(1), final)
    : csiKey(parameters, final);
}

/** Null for releases, other buttons and movements. */
function mouseEvent(parameters: string, final: string): MouseEvent | null {
  const [button = 0, column = 0, row = 0] = parameters.split(';').map(Number);
  const what = buttons[button & ~heldKeys];
  if (final !== 'M' || what === undefined || !(column >= 1 && row >= 1)) return null;
  return { type: 'mouse', what, column: column - 1, row: row - 1 };
}

function csiKey(parameters: string, final: string): KeyEvent | null {
  if (final === 'Z') return key('tab', { shift: true });
  const [first = '', second = ''] = parameters.split(';');
  const name = final === '~' ? tildes[first] : finals[final];
  if (name === undefined) return null;
  // xterm's modifiers: 1 + shift (1), alt (2), ctrl (4).
  const modifiers = second === '' ? 0 : Number.parseInt(second, 10) - 1;
  return key(name, {
    shift: (modifiers & 1) !== 0,
    alt: (modifiers & 2) !== 0,
    ctrl: (modifiers & 4) !== 0,
  });
}

function readCharacter(text: string): { event: KeyEvent | null; length: number } {
  const point = text.codePointAt(0) ?? 0;
  const character = String.fromCodePoint(point);
  const named = controls[point];
  if (named !== undefined) return { event: key(named), length: 1 };
  if (point === 0) return { event: key('space', { ctrl: true }), length: 1 };
  if (point < 27) return { event: key(String.fromCharCode(point + 96), { ctrl: true }), length: 1 };
  if (point < 32) return { event: null, length: 1 };
  return { event: key(character, { text: character }), length: character.length };
}
