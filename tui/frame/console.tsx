// The console as an Ink program: on the screen, or read out, and the keyboard of both.
import { useApp, useStdout } from 'ink';
import { type ReactElement, type Ref, useEffect, useImperativeHandle } from 'react';
import { StoreContext } from '../components/following.ts';
import { AdaptContext, ReadContext, ThemeContext } from '../components/styled.tsx';
import type { ConsoleStore } from '../console/console-state.ts';
import { type Pressed, useKeyboard } from '../input/keyboard.ts';
import { readingTheme } from '../reading/spoken.ts';
import type { Theme } from '../theme.ts';
import { App, Body } from './app.tsx';

/** What Ink does with the terminal when it is told to. */
export interface TerminalHandle {
  /** Gives the terminal to somebody else until `act` is done, and draws everything again. */
  suspend(act: () => Promise<void>): Promise<void>;
  /** Writes `text`, and the frame anew. */
  write(text: string): void;
}

interface KeyboardProps {
  onKey(key: Pressed): void;
  /** gets the whole of a pasted text; null: it is typed */
  onPaste: ((text: string) => void) | null;
  handle: Ref<TerminalHandle>;
}

export function Keyboard({ onKey, onPaste, handle }: KeyboardProps): null {
  const { suspendTerminal } = useApp();
  const { write } = useStdout();
  useKeyboard(onKey, onPaste);
  useImperativeHandle(handle, () => ({ suspend: suspendTerminal, write }), [
    suspendTerminal,
    write,
  ]);
  return null;
}

interface DrawnProps {
  store: ConsoleStore;
  /** makes of a line what the terminal can show */
  adapt: (line: string) => string;
  /** is called once it is drawn with another `adapt` that came with it */
  onAdapted?: () => void;
  theme: Theme;
}

export function Drawn({ store, theme, adapt, onAdapted }: DrawnProps): ReactElement {
  useEffect(() => onAdapted?.(), [onAdapted]);
  return (
    <StoreContext value={store}>
      <ThemeContext value={theme}>
        <AdaptContext value={adapt}>
          <App />
        </AdaptContext>
      </ThemeContext>
    </StoreContext>
  );
}

/** The view alone, as lines to be spoken. */
export function Read({ store }: { store: ConsoleStore }): ReactElement {
  return (
    <StoreContext value={store}>
      <ThemeContext value={readingTheme}>
        <ReadContext value={true}>
          <Body />
        </ReadContext>
      </ThemeContext>
    </StoreContext>
  );
}
