// What a key can do to the console: read its state, change it, and act on the daemon or the terminal.
import type { ConsoleAction, ConsoleState } from './state/console-state.ts';

export interface Console {
  state(): ConsoleState;
  dispatch(action: ConsoleAction): void;
  pingSelected(): void;
  /** Removes the host of the open prompt if its word is typed. */
  confirmRemove(): void;
  retryNow(): void;
  repaint(): void;
  suspend(): void;
  quit(): void;
}
