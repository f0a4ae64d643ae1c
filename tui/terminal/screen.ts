// Where the console appears: on the screen of a terminal, or read out as lines. For the screen this sets the
// terminal's modes: alternate screen, hidden cursor, bracketed paste, and the mouse if it is wanted. Whatever
// way the program ends, `leave` restores what `enter` changed, exactly once, also when the process exits without
// calling it.
import type { Abilities } from '../abilities.ts';
import { adaptTo } from './adapt.ts';
import type { Size } from './frame-diff.ts';
import { createPainter } from './painter.ts';

/** Where frames appear. */
export interface Surface {
  /** It takes lines in reading order instead of a picture. */
  readonly isRead: boolean;
  /** The size to draw frames for. */
  size(): Size;
  show(lines: readonly string[]): void;
  /** Takes the terminal, for the first time or again. */
  enter(): void;
  /** Gives the terminal back as it was. */
  leave(): void;
  /** Takes the mouse, or leaves it to the terminal, which selects text with it. */
  takeMouse(isWanted: boolean): void;
  /** Call it for a key: the next frame answers it. */
  answer(): void;
  /** Shows everything again. */
  again(): void;
  /** Call it when the terminal was resized. */
  resized(): void;
}

const alternateScreen = { on: '\u001b[?1049h', off: '\u001b[?1049l' };
const bracketedPaste = { on: '\u001b[?2004h', off: '\u001b[?2004l' };
/** Buttons and wheel are reported (1000), in a form that is text whatever the size of the window (1006);
 * xterm, Mouse Tracking. */
const mouse = { on: '\u001b[?1000h\u001b[?1006h', off: '\u001b[?1006l\u001b[?1000l' };
const cursor = { show: '\u001b[?25h', hide: '\u001b[?25l' };
const resetStyle = '\u001b[m';
/** Home and clear: the alternate screen may still show what an earlier program left there. */
const clean = '\u001b[H\u001b[2J';

/** The screen of a terminal: frames are painted on it. */
export function createScreen(output: NodeJS.WriteStream, abilities: Abilities): Surface {
  const size = () => ({ columns: output.columns || 80, rows: output.rows || 24 });
  const painter = createPainter(output, size, adaptTo(abilities));
  let hasEntered = false;
  let isMouseWanted = false;
  const restore = () => {
    if (!hasEntered) return;
    hasEntered = false;
    process.off('exit', restore);
    // Clear the last frame where the terminal does not restore its screen.
    const end = abilities.restoresScreen ? '' : clean;
    const mouseOff = isMouseWanted ? mouse.off : '';
    const modesOff = mouseOff + bracketedPaste.off + cursor.show + alternateScreen.off;
    write(output, resetStyle + modesOff + end);
  };
  return {
    isRead: false,
    size,
    show: painter.show,
    enter: () => {
      if (!hasEntered) {
        hasEntered = true;
        process.on('exit', restore);
        const mouseOn = isMouseWanted ? mouse.on : '';
        write(output, alternateScreen.on + cursor.hide + bracketedPaste.on + mouseOn + clean);
      }
      painter.start();
    },
    leave: () => {
      painter.stop();
      restore();
    },
    takeMouse: (isWanted) => {
      if (isWanted === isMouseWanted) return;
      isMouseWanted = isWanted;
      if (hasEntered) write(output, isWanted ? mouse.on : mouse.off);
    },
    answer: painter.hurry,
    again: painter.repaint,
    resized: painter.repaint,
  };
}

/** Does not throw: after SIGHUP the terminal may be gone, and nothing is left to restore. */
function write(output: NodeJS.WriteStream, text: string): void {
  try {
    output.write(text);
  } catch {}
}
