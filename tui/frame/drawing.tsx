// Runs Ink, which keeps the components and lays them out. Whenever something has changed, the whole frame goes to a
// surface as lines. Ink's own writer has no terminal here: it rewrites whole lines, and counts back to where the
// previous frame began, which is elsewhere once the size has changed.
import { Writable } from 'node:stream';
import { Box, type DOMElement, render } from 'ink';
import { ReadContext, ThemeContext } from '../components/lines.tsx';
import type { ConsoleStore } from '../console/console-state.ts';
import type { Size } from '../terminal/frame-diff.ts';
import type { Theme } from '../theme.ts';
import { App, Body } from './app.tsx';
import { StoreContext } from './following.tsx';
import { linesInOrder, placedLines } from './placement.ts';

interface DrawingOptions {
  store: ConsoleStore;
  theme: Theme;
  size: () => Size;
  /** For a screen reader: draws only the view, as lines in reading order. */
  isRead: boolean;
  /** Called with every frame. */
  show(lines: readonly string[]): void;
  /** Called when a component threw; nothing is drawn any more. */
  onError(error: unknown): void;
}

/** Draws the console until it is ended. @returns what ends it */
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
          {/* Outside the flow, so that Ink's own frame has no height and nothing is written. */}
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
      // Every frame at once: the painter paces and compares them.
      debug: true,
      // Otherwise Ink reads the environment.
      isScreenReaderEnabled: false,
      exitOnCtrlC: false,
      patchConsole: false,
    },
  );
  // Ink catches what a component throws, and would print it on the screen and go on.
  ink.waitUntilExit().catch(onError);
  draw();
  // Notices and questions are said without a new frame, and a new frame follows the state a moment later.
  const ends = isRead ? store.subscribe(once(draw)) : () => {};
  return () => {
    ends();
    ink.unmount();
  };
}

/** Runs `act` once after the current work, however often it is called. */
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

/** A terminal as far as Ink needs one: it has a size, and discards what is written. */
function sizedStream(size: () => Size): NodeJS.WriteStream {
  // Ink ends only when its last write has completed.
  const stream = new Writable({ write: (_text, _encoding, done) => done() });
  return Object.defineProperties(stream as NodeJS.WriteStream, {
    columns: { get: () => size().columns },
    rows: { get: () => size().rows },
  });
}
