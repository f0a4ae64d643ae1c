// What a key can do to the console: read its state, change it, and act on the daemon or the terminal.
import type { ConsoleAction, ConsoleState } from '../console/console-state.ts';

export interface Console {
  state(): ConsoleState;
  dispatch(action: ConsoleAction): void;
  /** Asks the daemon to ping these hosts now. */
  pingHosts(addresses: readonly string[]): void;
  /** Puts these addresses into the terminal's clipboard. */
  copy(addresses: readonly string[]): void;
  /** Has the selected name server compared with now. */
  syncSelected(): void;
  /** Does what the open prompt asks about if its word is typed. */
  confirm(): void;
  /** Asks the daemon what the changes of ddns.conf would do. */
  checkConfig(): void;
  saveConfig(): void;
  /** Reads ddns.conf again and takes it over; changes stay. */
  rereadConfig(): void;
  /** Gives the terminal to the operator's editor with the text of ddns.conf. */
  editConfig(): void;
  retryNow(): void;
  repaint(): void;
  suspend(): void;
  quit(): void;
}
