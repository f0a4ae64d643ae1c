// What a key can do to the console: read its state, change it, and act on the daemon or the terminal.
import type { ConsoleAction, ConsoleState } from './state/console-state.ts';

export interface Console {
  state(): ConsoleState;
  dispatch(action: ConsoleAction): void;
  pingSelected(): void;
  /** Does what the open prompt asks about if its word is typed. */
  confirm(): void;
  retryNow(): void;
  repaint(): void;
  suspend(): void;
  quit(): void;
}
