// The `:` palette: every action that a key could run now, in this view or in another, found by its words, and views by
// name, with a filter after the name. It reads the same list of bindings as the keys. Pure.
import { filterWords, matchesFilter } from '../../shared/filter.ts';
import type { Scope } from '../keys/binding.ts';
import { changing } from '../keys/common-keys.ts';
import { takesFilter, viewNames, views } from '../state/common-state.ts';
import { switchTo } from '../state/fleet.ts';
import type { ConsoleState } from './console-state.ts';
import {
  type ConsoleBinding,
  type ConsoleTarget,
  isEnabled,
  refusalOf,
  scopesOf,
} from './key-lookup.ts';

export interface PaletteEntry {
  /** the keys that run the same action; empty: none does */
  shown: string;
  help: string;
  run(target: ConsoleTarget): void;
}

interface Palette {
  entries: readonly PaletteEntry[];
  /** row of the chosen entry */
  chosen: number;
  /** why there are no entries */
  problem: string | null;
}

export const paletteKey = ':';

/** The entries for the text that is typed into the open palette. */
export function paletteOf(bindings: readonly ConsoleBinding[], state: ConsoleState): Palette {
  const { prompt } = state;
  if (prompt?.kind !== 'palette') return { entries: [], chosen: 0, problem: null };
  const text = prompt.text.trim();
  const command = filterCommand(text);
  if (typeof command === 'string') return { entries: [], chosen: 0, problem: command };
  const entries =
    command === null
      ? found([...possible(bindings, { ...state, prompt: null }), ...otherServers(state)], text)
      : [command];
  return {
    entries,
    chosen: Math.max(0, Math.min(prompt.chosen, entries.length - 1)),
    problem: entries.length > 0 ? null : problemWith(text, bindings, state),
  };
}

/** What can be done now: in this view, then in the others; what only moves comes last. */
function possible(bindings: readonly ConsoleBinding[], state: ConsoleState): PaletteEntry[] {
  const now = scopesOf(state).flatMap((scope) =>
    bindings.filter(
      (binding) =>
        binding.scope === scope && isEnabled(binding, state) && !binding.keys.includes(paletteKey),
    ),
  );
  const known = new Set(now.map(({ help }) => help));
  return [
    ...now.filter(({ moves }) => !moves),
    ...elsewhere(bindings, state).filter(({ help }) => !known.has(help) && known.add(help)),
    ...now.filter(({ moves }) => moves),
  ];
}

/** What the keys of other views do: most are about a row there, and go there first. */
function elsewhere(bindings: readonly ConsoleBinding[], state: ConsoleState): PaletteEntry[] {
  return views.flatMap(({ name: view, title }, index) => {
    const there = { ...state, view };
    const found =
      view === state.view
        ? []
        : bindings.filter((each) => each.scope === view && !each.moves && isEnabled(each, there));
    return found.map((binding): PaletteEntry => {
      const { shown, help, anywhere } = binding;
      const keys = `${index + 1} ${shown.split(' ')[0]}`;
      if (anywhere) return { ...binding, shown: keys };
      return {
        shown: keys,
        help: `${title}: ${help}`,
        run: (target) => {
          target.dispatch({ type: 'view', view });
          // Going there may have changed what can be done.
          if (isEnabled(binding, target.state())) binding.run(target);
        },
      };
    });
  });
}

function otherServers({ fleet }: ConsoleState): PaletteEntry[] {
  return fleet.servers.flatMap(({ name }, index) => {
    if (index === fleet.current) return [];
    const run = changing('fleet', (each) => switchTo(each, index));
    return [{ shown: '', help: `ctx ${name}: switch to this name server`, run }];
  });
}

/** The entries that have every word of the text, the likeliest first. */
function found<Entry extends PaletteEntry>(entries: readonly Entry[], text: string): Entry[] {
  const words = filterWords(text);
  return entries
    .filter(({ shown, help }) => matchesFilter(words, [shown, help]))
    .map((entry) => ({ entry, rank: rankOf(entry, text.toLowerCase()) }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ entry }) => entry);
}

/** First a key that is the text itself, then help that begins with it, then help with a word that does. */
function rankOf({ shown, help }: PaletteEntry, text: string): number {
  if (text === '') return 0;
  if (shown.toLowerCase().split(' ').includes(text)) return 0;
  const said = help.toLowerCase();
  if (said.startsWith(text)) return 1;
  return said.includes(` ${text}`) ? 2 : 3;
}

/** `hosts 10.1.`: the view and its filter. Null: the text is no such command; a text: why it cannot run. */
function filterCommand(text: string): PaletteEntry | string | null {
  const [name = '', ...words] = text.split(/\s+/);
  const view = views.find((each) => each.name === name.toLowerCase());
  if (view === undefined || words.length === 0) return null;
  if (!takesFilter(view.name)) return `${view.title} cannot be filtered`;
  const filter = words.join(' ');
  return {
    shown: '',
    help: `${view.title} matching ${filter}`,
    run: (target) => {
      target.dispatch({ type: 'view', view: view.name });
      target.dispatch({ type: 'filter', text: filter });
    },
  };
}

/** A command that cannot be run now is named: who looks for it must not think that there is none. */
function problemWith(
  text: string,
  bindings: readonly ConsoleBinding[],
  state: ConsoleState,
): string {
  const behind = { ...state, prompt: null };
  const scopes: readonly Scope[] = [...scopesOf(behind), ...viewNames];
  const [impossible] = found(
    bindings.filter(({ scope }) => scopes.includes(scope)),
    text,
  );
  if (impossible === undefined) return `no command matches ${text}`;
  return refusalOf(impossible, behind) ?? `not possible now: ${impossible.help}`;
}
