// The only reader of standard input while the console is on the screen. It switches raw mode, feeds the parser and
// passes each event to one listener. Ink never reads the keyboard.

import { createInputParser, type InputEvent } from './parser.ts';

/** How long the rest of a sequence may take after its ESC. Packets of one key press over SSH arrive within a few ms of
 * each other, and Escape itself should not feel slow. */
const escapeWaitMs = 50;

interface InputOwner {
  /** Switches raw mode on and reads events. */
  start(): void;
  /** Switches raw mode off and reads nothing until `start`. */
  stop(): void;
}

/** @param onEnd called when standard input ends */
export function createInputOwner(
  stdin: NodeJS.ReadStream,
  onEvent: (event: InputEvent) => void,
  onEnd: () => void,
): InputOwner {
  const parser = createInputParser();
  let timer: NodeJS.Timeout | undefined;
  let running = false;

  const settle = () => {
    for (const event of parser.flush()) onEvent(event);
  };
  const onData = (chunk: Buffer) => {
    clearTimeout(timer);
    for (const event of parser.push(chunk)) onEvent(event);
    if (parser.waiting) timer = setTimeout(settle, escapeWaitMs);
  };

  return {
    start: () => {
      if (running) return;
      running = true;
      stdin.setRawMode(true);
      stdin.on('data', onData);
      stdin.once('end', onEnd);
      stdin.resume();
    },
    stop: () => {
      if (!running) return;
      running = false;
      clearTimeout(timer);
      stdin.off('data', onData);
      stdin.off('end', onEnd);
      stdin.pause();
      // The terminal may be gone (SIGHUP), and nothing is left to restore.
      try {
        stdin.setRawMode(false);
      } catch {}
    },
  };
}
