// Ink at work: it keeps the components and lays them out. The frame goes to whoever shows it as lines,
// whole, whenever something changed. Ink's own writer rewrites whole lines, and counts lines back to where
// the frame before began, which is somewhere else once the size changed: it has no terminal here.
import { Writable } from 'node:stream';
import { Box, type DOMElement, render } from 'ink';
import { ReadContext, ThemeContext } from '../components/lines.tsx';
import type { ConsoleStore } from '../console/console-state.ts';
import type { Size } from '../terminal/frame-diff.ts';
import type { Theme } from '../theme.ts';
import { App, Body } from './app.tsx';
import { StoreContext } from './following.tsx';
import { linesInOrder, placedLines } from './placement.ts';

export interface DrawingOptions {
  store: ConsoleStore;
  theme: Theme;
  size: () => Size;
  /** For a screen reader: what is drawn are the lines of the view in the order in which they are read. */
  isRead: boolean;
  /** Called with every frame. */
  show(lines: readonly string[]): void;
  /** A component threw; nothing is drawn any more. */
  onError(error: unknown): void;
}

/** Draws from now on. @returns what ends it */
export function startDrawing(options: DrawingOptions): () => void {
  const { store, theme, size, isRead, show, onError } = options;
  let root: DOMElement | null = null;
  const draw = () => {
    // Null before the first frame is laid out, and after an error.
    if (root !== null) show(isRead ? linesInOrder(root) : placedLines(root, size().rows));
  };
  const ink = render(
    <StoreContext value={store}>
      <ThemeContext value={theme}>
        <ReadContext value={isRead}>
          {/* Out of the flow, so that for Ink the frame has no height and there is nothing to write. */}
          <Box
            position="absolute"
            ref={(node) => {
              root = node;
            }}
          >
            {isRead ? <Body /> : <App />}
          </Box>
        </ReadContext>
      </ThemeContext>
    </StoreContext>,
    {
      stdout: sizedStream(size),
      onRender: draw,
      // Every frame at once: pacing and comparing them is the painter's part.
      debug: true,
      // Else Ink asks the environment.
      isScreenReaderEnabled: false,
      exitOnCtrlC: false,
      patchConsole: false,
    },
  );
  // Ink catches what a component throws, and would report it on the screen of a console that goes on.
  ink.waitUntilExit().catch(onError);
  draw();
  // What is told does not all change what is drawn, and what is drawn follows the state a moment later.
  const ends = isRead ? store.subscribe(once(draw)) : () => {};
  return () => {
    ends();
    ink.unmount();
  };
}

/** Runs `act` after all that is under way, once however often it is asked for. */
function once(act: () => void): () => void {
  let isWaiting = false;
  return () => {
    if (isWaiting) return;
    isWaiting = true;
    setImmediate(() => {
      isWaiting = false;
      act();
    });
  };
}

/** A terminal as far as Ink needs one: it has a size, and takes what is written. */
function sizedStream(size: () => Size): NodeJS.WriteStream {
  // Ink ends only once a last write is reported as done.
  const stream = new Writable({ write: (_text, _encoding, done) => done() });
  return Object.defineProperties(stream as NodeJS.WriteStream, {
    columns: { get: () => size().columns },
    rows: { get: () => size().rows },
  });
}
