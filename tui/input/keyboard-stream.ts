// The terminal's input, one key, paste or reply at a time, for Ink to name. Ink waits 20 ms for the rest of a
// sequence, keeps everything after the beginning of a paste for itself until its end, and calls a listener once for
// keys that arrive together; this waits longer, ends a paste that the terminal does not end, and separates keys.
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/** How long the rest of a sequence may take after its ESC: over a slow SSH connection two packets of one key arrive
 * up to 80 ms apart, and Escape itself should not feel slow. */
const escapeWaitMs = 100;
/** Silence that ends a paste whose end never comes. */
const pasteWaitMs = 1_000;
/** Nobody types the beginning of a reply: the rest of it may be as slow as the line. */
const replyWaitMs = 1_000;
/** Characters kept of one paste: more than any text field here takes. */
const maxPaste = 65_536;
/** A sequence longer than this is noise: the longest known ones have about 20 characters. */
const maxSequence = 256;

const paste = { begin: '\u001b[200~', end: '\u001b[201~' };
/** Escape as kitty's keyboard protocol writes it, which nothing can follow. */
const escapeKey = '\u001b[27u';
/** F1, which Ink does not name, as SS3, CSI, VT220 and the Linux console write it; it becomes Alt-?. */
const f1 = /^\u001b(?:OP|\[(?:P|1;\d+P|11~|11;\d+~|\[A))$/;
const altQuestion = '\u001b?';
/** A key with others held, by its code, as xterm writes it (modifyOtherKeys): tmux can be set to do so unasked. */
const otherKey = /^\u001b\[27;(\d+);(\d+)~$/;
/** `*` to `9` of a keypad in application mode (VT100): each is the letter that is 64 behind it. */
const keypad = /^\u001bO([j-y])$/;
/** A key of the keypad as kitty's protocol writes it, from 57399 on. */
const kittyKeypad = /^\u001b\[(57399|574(?:0\d|1[0-5]))(\D.*)$/;
const kittyKeypadKeys = '0123456789./*-+\r=';

/** A key in the spelling that Ink knows. */
function respelled(key: string): string {
  if (f1.test(key)) return altQuestion;
  const [, letter] = keypad.exec(key) ?? [];
  if (letter !== undefined) return String.fromCharCode(letter.charCodeAt(0) - 64);
  const [, code, rest] = kittyKeypad.exec(key) ?? [];
  if (code !== undefined)
    return `\u001b[${kittyKeypadKeys.charCodeAt(Number(code) - 57_399)}${rest}`;
  return key.replace(otherKey, '\u001b[$2;$1u');
}

/** A whole key, paste or reply at the beginning of the text. */
const whole = new RegExp(
  [
    // A report of the mouse as X10 has it: a button and a place, each a character.
    String.raw`\u001b\[M[^\u001b]{3}`,
    // CSI; the Linux console's function keys have a second bracket.
    String.raw`\u001b\[(?!M)\[?[0-?]*[ -/]*[@-Z\\-~]`,
    // SS3: function keys, and arrows in application mode.
    String.raw`\u001bO[\d;]*[@-~]`,
    // A reply (DCS, OSC, PM, APC, SOS), ended by BEL or ST.
    String.raw`\u001b[\]P_^X][^\u0007\u001b]*(?:\u0007|\u001b\\)`,
    // Alt with a character, which begins none of these.
    String.raw`\u001b[^[O\]P_^X\u001b]`,
    String.raw`[^\u001b]`,
  ].join('|'),
  'uy',
);
/** The beginning of a sequence that may still become one. */
const unfinished =
  /^\u001b(?:\[\[?[0-?]*[ -/]*|\[M[^\u001b]{0,2}|O[\d;]*|[\]P_^X][^\u0007\u001b]*\u001b?)?$/;
/** The beginning of the reply to a question about colours. */
const reply = /^\u001b\]1/;
const colourReply = /^\u001b\]1[01];/;
/** Replies, those to DSR and CPR among them, reports of the mouse as X10 has it, and what is left of a sequence that is
 * none. F3 with Shift, Ctrl or Alt looks like the reply to CPR, and is no key here. */
const dropped = /^\u001b(?:[\]P_^X]|\[0n$|\[\d+;\d+R$|\[M|[[O]?$)/;

/** Reads what waits in the terminal in raw mode: it was typed to another program, and is no key here. */
function dropWaiting(): void {
  try {
    const terminal = openSync('/dev/tty', constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      // Ends with EAGAIN.
      while (readSync(terminal, Buffer.alloc(4_096)) > 0);
    } finally {
      closeSync(terminal);
    }
  } catch {}
}

/** What Ink reads as its standard input. It reads the terminal while raw mode is on, and emits `reading` when it begins to. */
export class KeyboardStream extends Readable {
  readonly isTTY = true;
  private readonly terminal: NodeJS.ReadStream;
  private decoder = new StringDecoder('utf8');
  private pending = '';
  /** whether raw mode was on, and somebody else had the terminal since */
  private wasLent = false;
  private timer: NodeJS.Timeout | undefined;
  /** What came last, when nothing followed it in time; a late reply begins with it. */
  private givenUp = '';
  private readonly onReply: (reply: string) => void;

  /**
   * @param terminal its input
   * @param onReply gets the whole sequence of a reply (to DSR or CPR; DCS, OSC, PM, APC, SOS), which is no key
   */
  constructor(terminal: NodeJS.ReadStream, onReply: (reply: string) => void = () => {}) {
    super({ objectMode: true, read: () => {} });
    this.terminal = terminal;
    this.onReply = onReply;
  }

  setRawMode(isOn: boolean): this {
    this.terminal.off('data', this.receive);
    clearTimeout(this.timer);
    this.pending = '';
    this.decoder = new StringDecoder('utf8');
    if (isOn) this.terminal.on('data', this.receive).resume();
    else this.terminal.pause();

    // The terminal may be gone (SIGHUP), and nothing is left to restore.
    try {
      this.terminal.setRawMode(isOn);
    } catch {}
    if (isOn && this.wasLent) dropWaiting();
    this.wasLent = !isOn;
    if (isOn) this.emit('reading');
    return this;
  }

  /** Keys are text already. */
  override setEncoding(): this {
    return this;
  }

  ref(): this {
    this.terminal.ref();
    return this;
  }

  unref(): this {
    this.terminal.unref();
    return this;
  }

  private readonly receive = (chunk: Buffer): void => {
    clearTimeout(this.timer);
    const text = this.decoder.write(chunk);
    const isLate = this.givenUp !== '' && colourReply.test(this.givenUp + text);
    this.pending += isLate ? this.givenUp + text : text;
    this.givenUp = '';
    this.release();
    if (this.pending !== '') this.timer = setTimeout(this.settle, this.waitMs());
  };

  /** Nothing more has arrived: a lone ESC is the Escape key, a torn sequence is dropped, a paste ends. */
  private readonly settle = (): void => {
    if (this.isPasting()) this.pending += paste.end;
    else {
      this.givenUp = this.pending;
      this.pending = this.pending === '\u001b' ? escapeKey : '';
    }
    this.release();
  };

  private waitMs(): number {
    if (this.isPasting()) return pasteWaitMs;
    return reply.test(this.pending) ? replyWaitMs : escapeWaitMs;
  }

  private isPasting(): boolean {
    return this.pending.startsWith(paste.begin);
  }

  private release(): void {
    while (this.pending !== '') {
      const length = this.isPasting() ? this.pasteLength() : this.keyLength();
      if (length === null) return;
      const key = this.pending.slice(0, length);
      this.pending = this.pending.slice(length);
      if (!dropped.test(key)) this.push(respelled(key));
      else if (key.length > 2) this.onReply(key);
    }
  }

  /** Null while it is incomplete. */
  private pasteLength(): number | null {
    const end = this.pending.indexOf(paste.end);
    if (end >= 0) return end + paste.end.length;
    // The end may itself be torn: keep as much as could be its beginning.
    if (this.pending.length > maxPaste + paste.end.length)
      this.pending = this.pending.slice(0, maxPaste) + this.pending.slice(-paste.end.length);
    return null;
  }

  /** Null while it is incomplete. */
  private keyLength(): number | null {
    whole.lastIndex = 0;
    const key = whole.exec(this.pending)?.[0];
    if (key !== undefined) return key.length;
    if (unfinished.test(this.pending)) {
      if (this.pending.length > maxSequence) this.pending = '';
      return null;
    }
    // No sequence after all: Escape before another one, else an introducer before typed text.
    if (!this.pending.startsWith('\u001b\u001b')) return 2;
    this.push(escapeKey);
    return 1;
  }
}
