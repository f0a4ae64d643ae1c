// What a key binding is, and what a key can do. Handlers, footer, `?` help and the table of keys all read the
// same list of bindings, which tui/console/bindings.ts puts together.
import { type CommonAction, type CommonState, viewNames } from '../state/common-state.ts';

/** Where a binding holds: everywhere, in a view, or in what takes over the keyboard while it is open; `prompt` is every
 * line in which text is typed. */
export const scopes = [
  'everywhere',
  ...viewNames,
  'fleet',
  'help',
  'prompt',
  'filter',
  'confirm',
  'palette',
  'setting',
  'review',
] as const;
export type Scope = (typeof scopes)[number];

/**
 * What a key can do to the console: read its state, change it, and act on the daemon or the terminal.
 * `S` is the part of the state that the key reads, `A` its view's own actions.
 */
export interface Console<S extends CommonState = CommonState, A = never> {
  state(): S;
  dispatch(action: CommonAction | A): void;
  /** Asks the daemon to ping these hosts now. */
  pingHosts(addresses: readonly string[]): void;
  /** Copies these addresses to the terminal's clipboard. */
  copy(addresses: readonly string[]): void;
  /** Asks the daemon to compare with the selected name server now. */
  syncSelected(): void;
  /** Performs the action of the open prompt if its word is typed. */
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

/** Several bindings may share a key in a scope: the first that is enabled runs. */
export interface Binding<S extends CommonState = CommonState, A = never> {
  scope: Scope;
  /** Key ids as `keyOf` makes them. */
  keys: readonly string[];
  /** The keys as an operator reads them. */
  shown: string;
  /** One or two words for the footer; empty leaves it out there. */
  label: string;
  /** The keys that the footer names, when one entry there stands for several bindings. */
  hint?: string;
  /** One line for the help and the table of keys. */
  help: string;
  /** It only moves or scrolls. */
  moves?: true;
  /** It is about no row of its view: the palette runs it without going there. */
  anywhere?: true;
  /** It changes something, and does nothing with `--read-only`. */
  changes?: true;
  /** Whether it does anything now; absent means always. */
  enabled?(state: S): boolean;
  run(target: Console<S, A>): void;
}
