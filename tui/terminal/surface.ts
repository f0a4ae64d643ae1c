// Where the console appears: painted on the screen of a terminal, or read out as lines. Frames come as
// lines, whole; what becomes of them is the surface's part.
import type { Abilities } from '../abilities.ts';
import { adaptTo } from './adapt.ts';
import type { Size } from './frame-diff.ts';
import { createPainter } from './painter.ts';
import { createTerminalScreen } from './screen.ts';

export interface Surface {
  /** Whether it wants lines in the order in which they are read, instead of a picture. */
  readonly isRead: boolean;
  /** What frames are drawn for. */
  size(): Size;
  show(lines: readonly string[]): void;
  /** Takes the terminal, for the first time or again. */
  enter(): void;
  /** Gives it back as it was. */
  leave(): void;
  /** Whether the mouse is the console's. */
  takeMouse(isWanted: boolean): void;
  /** A key was pressed: the next frame answers it. */
  answer(): void;
  /** All of it, from the beginning. */
  again(): void;
  /** The terminal has another size. */
  resized(): void;
}

export function createScreen(output: NodeJS.WriteStream, abilities: Abilities): Surface {
  const size = () => ({ columns: output.columns || 80, rows: output.rows || 24 });
  const screen = createTerminalScreen(output, abilities);
  const painter = createPainter(output, size, adaptTo(abilities));
  return {
    isRead: false,
    size,
    show: painter.show,
    enter: () => {
      screen.enter();
      painter.start();
    },
    leave: () => {
      painter.stop();
      screen.leave();
    },
    takeMouse: screen.takeMouse,
    answer: painter.hurry,
    again: painter.repaint,
    resized: painter.repaint,
  };
}
