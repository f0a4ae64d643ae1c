// What a key binding is, and what a key can do. Handlers, footer, `?` help and the table of keys all read the
// same list of bindings, which tui/console/bindings.ts puts together.
import {
  type CommonAction,
  type CommonState,
  type PartAction,
  views,
} from '../state/common-state.ts';

/**
 * Where a binding holds: everywhere, in a view, or in what takes over the keyboard while it is open; `prompt` is every
 * line in which text is typed. With the titles that the help and KEYS.md have, in their order.
 */
export const keyGroups = [
  { scope: 'everywhere', title: 'Everywhere' },
  ...views.map(({ name, title }) => ({ scope: name, title })),
  { scope: 'fleet', title: 'Name servers' },
  { scope: 'prompt', title: 'While typing' },
  { scope: 'filter', title: 'While typing a filter' },
  { scope: 'palette', title: 'In the command palette' },
  { scope: 'confirm', title: 'While confirming' },
  { scope: 'setting', title: 'While editing a setting' },
  { scope: 'review', title: 'Before a change is saved' },
  { scope: 'help', title: 'In this help' },
] as const;
export type Scope = (typeof keyGroups)[number]['scope'];

/**
 * What a key can do to the console: read its state, change it, and act on the daemon or the terminal.
 * `S` is the part of the state that the key reads, `A` what changes what views have of their own of it.
 */
export interface Console<S extends CommonState = CommonState, A = PartAction<S>> {
  state(): S;
  dispatch(action: CommonAction | A): void;
  pingHosts(addresses: readonly string[]): void;
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

/** What keys of a scope do. Several may share one: the first that is enabled runs. */
export interface Keys<S extends CommonState = CommonState, A = PartAction<S>> {
  /** Key ids as `keyOf` makes them. */
  keys: readonly string[];
  /** Others that do the same, and are not named. */
  also?: readonly string[];
  /** One or two words for the footer; without them it is left out there. */
  label?: string;
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
  /** It asks the name server for something, and does nothing without a connection. */
  asks?: true;
  /** Whether there is anything that it could act on now; absent means always. */
  enabled?(state: S): boolean;
  /** Why it is of no use now, although there is: a sentence for the operator; null: it is. Absent means never. */
  refusal?(state: S): string | null;
  run(target: Console<S, A>): void;
}

export interface Binding<S extends CommonState = CommonState, A = PartAction<S>>
  extends Keys<S, A> {
  scope: Scope;
  /** Those that are named, as an operator reads them. */
  shown: string;
  label: string;
}

/** The bindings of a scope, in the order in which the footer and the help have them. */
export function bindingsOf<S extends CommonState>(
  scope: Scope,
  all: readonly Keys<S>[],
): Binding<S>[] {
  return all.map((each) => {
    const { keys, also = [], label = '' } = each;
    return { ...each, scope, keys: [...keys, ...also], shown: keys.map(read).join(' '), label };
  });
}

const names: Readonly<Record<string, string>> = {
  ...{ up: '↑', down: '↓', left: '←', right: '→', pageup: 'PgUp', pagedown: 'PgDn' },
  ...{ home: 'Home', end: 'End', enter: 'Enter', escape: 'Esc', tab: 'Tab', ' ': 'Space' },
  ...{ delete: 'Del', backspace: 'Backspace' },
};

function read(id: string): string {
  const [, held = '', key = id] = /^(ctrl|alt|shift)\+(.+)$/.exec(id) ?? [];
  const name = names[key] ?? (held === '' ? key : key.toUpperCase());
  return held === '' ? name : `${held.charAt(0).toUpperCase()}${held.slice(1)}-${name}`;
}
