// The terminal's modes while the console is on it: alternate screen, hidden cursor, bracketed paste.
// Whatever way the program ends, `leave` puts back what `enter` changed, exactly once; it also runs
// when the process exits without having called it.
import type { Abilities } from './abilities.ts';

const alternateScreen = { on: '\u001b[?1049h', off: '\u001b[?1049l' };
const bracketedPaste = { on: '\u001b[?2004h', off: '\u001b[?2004l' };
const cursor = { show: '\u001b[?25h', hide: '\u001b[?25l' };
const resetStyle = '\u001b[m';
/** Home and clear: the alternate screen may still show what an earlier program left there. */
const clean = '\u001b[H\u001b[2J';

export interface TerminalScreen {
  enter(): void;
  leave(): void;
  readonly entered: boolean;
}

export function createTerminalScreen(
  output: NodeJS.WriteStream,
  { restoresScreen }: Pick<Abilities, 'restoresScreen'>,
): TerminalScreen {
  let entered = false;
  const leave = () => {
    if (!entered) return;
    entered = false;
    process.off('exit', leave);
    // Where nothing else will, this takes the last frame off the screen.
    const end = restoresScreen ? '' : clean;
    write(output, resetStyle + bracketedPaste.off + cursor.show + alternateScreen.off + end);
  };
  return {
    enter: () => {
      if (entered) return;
      entered = true;
      process.on('exit', leave);
      write(output, alternateScreen.on + cursor.hide + bracketedPaste.on + clean);
    },
    leave,
    get entered() {
      return entered;
    },
  };
}

/** After SIGHUP the terminal may be gone, and then there is nothing to restore. */
function write(output: NodeJS.WriteStream, text: string): void {
  try {
    output.write(text);
  } catch {}
}
