// Ink on the terminal: draws the console, or reads it out, reads the keyboard, and lends the terminal to others. The
// terminal's modes are set when it begins and whenever the terminal comes back, whatever was left behind.
import { setTimeout as afterWait } from 'node:timers/promises';
import { type Instance, render, renderToString } from 'ink';
import { createRef } from 'react';
import type { Abilities } from '../abilities.ts';
import type { ConsoleStore } from '../console/console-state.ts';
import { Drawn, Keyboard, Read, type TerminalHandle } from '../frame/console.tsx';
import type { Pressed } from '../input/keyboard.ts';
import { KeyboardStream } from '../input/keyboard-stream.ts';
import {
  asksTerminal,
  backgroundOfReply,
  backgroundQuestion,
  chooseLook,
  type LookChoice,
} from '../look.ts';
import { createReader, readingSize } from '../reading/reader.ts';
import { adaptTo } from '../terminal/adapt.ts';
import { isWideReply, widthQuestion } from '../terminal/ambiguous-width.ts';
import { clean, keepTitle, normalModes, restoreTitle } from '../terminal/modes.ts';
import { createTheme } from '../theme.ts';
import { paced, takenReply } from './paced.ts';

/** No screen shows more frames a second. With fewer, a key waits for the pause after a frame that came by itself. */
const maxFps = 60;
/** How long the terminal has to answer before it is given back: what it answers later, a shell would take for typed. */
const answerMs = 250;

interface InkAppOptions {
  store: ConsoleStore;
  /** what the colours are chosen by */
  look: LookChoice;
  abilities: Abilities;
  /** whether the window has a title of the console's meanwhile */
  hasTitle: boolean;
  onKey(key: Pressed): void;
  /** gets the whole of a pasted text */
  onPaste(text: string): void;
  /** gets what a component throws */
  onError(error: unknown): void;
}

export interface InkApp {
  start(): void;
  /** A key was pressed: what changes now is shown at once. */
  answer(): void;
  /** Draws everything again, or reads it again. */
  repaint(): void;
  /** The window has another size, which the store knows. */
  resized(): void;
  /** Whether somebody else has the terminal. */
  isLent(): boolean;
  /** how often somebody else got it */
  timesLent(): number;
  /** Gives the terminal, as it was before, to somebody else until `act` is done. @param act returns false to end instead */
  lend(act: () => Promise<boolean>): Promise<void>;
  /** Resolves when no answer of the terminal is to be expected any more. */
  quiet(): Promise<void>;
  /** Leaves the screen, which shows what it did before. */
  close(): void;
}

/** @returns it, reading keys and showing nothing yet */
export function createInkApp(options: InkAppOptions): InkApp {
  const { store, look, abilities, hasTitle, onKey, onPaste, onError } = options;
  const { stdin, stdout } = process;
  const { isRead, restoresScreen } = abilities;
  for (const stream of [stdout, process.stderr]) letWait(stream);
  const drawn = paced(store, stdout);
  let adapt = adaptTo(abilities);
  let onAdapted = () => {};
  const reader = isRead
    ? createReader(
        store,
        () => renderToString(<Read store={store} />, readingSize).split('\n'),
        (text) => stdout.write(adapt(text)),
      )
    : null;
  const terminal = createRef<TerminalHandle>();
  let theme = createTheme(chooseLook(look));
  let quiet: Promise<unknown> = Promise.resolve();
  const answered = { background: () => {}, width: () => {} };
  const keyboard = new KeyboardStream(stdin, (reply) => {
    if (reply === takenReply) return drawn.taken();
    const answer = backgroundOfReply(reply);
    const isWide = isWideReply(reply);
    if (answer !== null) {
      theme = createTheme(chooseLook({ ...look, answer }));
      answered.background();
      show();
    } else if (isWide !== null) {
      answered.width();
      if (isWide) showInAscii();
    }
  });
  /** The answer comes when it comes: nothing waits for it but the end. */
  const ask = (what: keyof typeof answered, question: string) => {
    stdout.write(question);
    const answer = new Promise<void>((resolve) => {
      answered[what] = resolve;
    });
    quiet = Promise.all([quiet, Promise.race([answer, afterWait(answerMs)])]);
  };
  // Not before the terminal has stopped to echo what it reads.
  if (asksTerminal(look, abilities))
    keyboard.once('reading', () => ask('background', backgroundQuestion));
  if (!isRead) keyboard.on('reading', drawn.ask);
  const controlled = (
    // Nothing but lines is written for a screen reader, no sequence that asks for marks around what is pasted either.
    <Keyboard onKey={onKey} onPaste={isRead ? null : onPaste} handle={terminal} />
  );
  // In the background of a shell the system stops the program here, before Ink takes the screen.
  stdin.setRawMode(true);
  const ink: Instance = render(null, {
    stdin: keyboard as unknown as NodeJS.ReadStream,
    alternateScreen: true,
    incrementalRendering: true,
    // All components follow a change of the store in one frame.
    concurrent: true,
    interactive: !isRead,
    maxFps,
    // Where it is supported, Escape is no longer the beginning of other keys.
    kittyKeyboard: { mode: restoresScreen && !isRead ? 'auto' : 'disabled' },
    // Ink's own mode for screen readers writes everything anew with each change.
    isScreenReaderEnabled: false,
    exitOnCtrlC: false,
    patchConsole: false,
  });
  // Ink catches what a component throws.
  ink.waitUntilExit().catch(onError);

  const enter = () => {
    stdout.write(normalModes(restoresScreen) + (hasTitle ? keepTitle : ''));
  };
  /** Lines that are read out are no frame, which would need modes. */
  const leave = () => {
    if (isRead) return;
    const rest = (hasTitle ? restoreTitle : '') + (restoresScreen ? '' : clean);
    stdout.write(normalModes(restoresScreen) + rest);
  };
  const repaint = () => (reader ? reader.again() : terminal.current?.write(clean));
  const show = () =>
    ink.rerender(
      <>
        {controlled}
        {!isRead && <Drawn store={drawn.store} theme={theme} adapt={adapt} onAdapted={onAdapted} />}
      </>,
    );
  const repaintLater = () => void ink.waitUntilRenderFlush().then(repaint);
  const showInAscii = () => {
    adapt = adaptTo({ characters: 'ascii' });
    // What stands in the rows then is not where Ink wrote it.
    onAdapted = repaintLater;
    show();
  };
  let isLent = false;
  let timesLent = 0;
  return {
    start: () => {
      if (!isRead) {
        enter();
        stdout.write(clean);
        // It is written to the screen, where nothing is yet.
        if (abilities.characters === 'unicode') ask('width', widthQuestion);
      }
      show();
      reader?.start();
    },
    answer: () => {
      reader?.answer();
      drawn.answer();
    },
    repaint,
    resized: () => {
      // The frame is drawn anew below: it must be one for this size, or rows of the old one stay between its lines.
      drawn.showNow();
      // Ink draws the old frame at the new size before the new one, wherever the terminal has moved it.
      repaintLater();
    },
    isLent: () => isLent,
    timesLent: () => timesLent,
    lend: async (act) => {
      if (isLent || terminal.current === null) return;
      isLent = true;
      timesLent++;
      reader?.stop();
      await Promise.all([quiet, drawn.quiet()]);
      let comesBack = true;
      await terminal.current.suspend(async () => {
        // Ink leaves the terminal as it is where it draws no frame.
        if (isRead) keyboard.setRawMode(false);
        leave();
        comesBack = await act();
        if (!comesBack) return;
        if (isRead) keyboard.setRawMode(true);
        else enter();
      });
      isLent = false;
      if (comesBack) reader?.start();
    },
    quiet: async () => {
      await Promise.all([quiet, drawn.quiet()]);
    },
    close: () => {
      reader?.stop();
      ink.unmount();
      leave();
    },
  };
}

/**
 * Writes to a terminal in the background: one that takes nothing would hold up everything else, signals too. Node has no
 * public name for this.
 */
function letWait(stream: NodeJS.WriteStream): void {
  const { _handle } = stream as { _handle?: { setBlocking?(isBlocking: boolean): void } };
  _handle?.setBlocking?.(false);
}
