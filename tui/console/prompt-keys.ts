// Keys while the operator types: what edits the line, the same in every prompt, and what ends it. Every other key that
// has text is typed.
import { edited, type Prompt, promptText, recalled } from '../state/prompt.ts';
import type { FieldEdit } from '../state/text-field.ts';
import { helpPage, helpRows } from './help.ts';
import type { ConsoleBinding, ConsoleTarget } from './key-lookup.ts';
import { paletteKey, paletteOf } from './palette.ts';

type AllBindings = () => readonly ConsoleBinding[];

function edit(change: (prompt: Prompt) => Prompt | null): (target: ConsoleTarget) => void {
  return (target) => {
    const { prompt } = target.state();
    const next = prompt && change(prompt);
    if (next) target.dispatch({ type: 'prompt', prompt: next });
  };
}

const close = (target: ConsoleTarget) => target.dispatch({ type: 'prompt', prompt: null });
const enter = (target: ConsoleTarget) => target.dispatch({ type: 'entered' });

/** As readline has them. */
const edits: readonly [keys: readonly string[], shown: string, help: string, edit: FieldEdit][] = [
  [['left', 'ctrl+b'], '← Ctrl-B', 'a character back', { type: 'move', by: -1, unit: 'character' }],
  [['right', 'ctrl+f'], '→ Ctrl-F', 'a character on', { type: 'move', by: 1, unit: 'character' }],
  [
    ['alt+b', 'ctrl+left', 'alt+left'],
    'Alt-B',
    'a word back',
    { type: 'move', by: -1, unit: 'word' },
  ],
  [
    ['alt+f', 'ctrl+right', 'alt+right'],
    'Alt-F',
    'a word on',
    { type: 'move', by: 1, unit: 'word' },
  ],
  [['home', 'ctrl+a'], 'Home Ctrl-A', 'to the start', { type: 'move', by: -1, unit: 'all' }],
  [['end', 'ctrl+e'], 'End Ctrl-E', 'to the end', { type: 'move', by: 1, unit: 'all' }],
  [
    ['backspace', 'ctrl+h'],
    'Backspace',
    'erase a character',
    { type: 'erase', by: -1, unit: 'character' },
  ],
  [
    ['delete', 'ctrl+d'],
    'Del Ctrl-D',
    'erase the next character',
    { type: 'erase', by: 1, unit: 'character' },
  ],
  [['ctrl+w', 'alt+backspace'], 'Ctrl-W', 'erase a word', { type: 'erase', by: -1, unit: 'word' }],
  [['ctrl+u'], 'Ctrl-U', 'erase to the start', { type: 'erase', by: -1, unit: 'all' }],
  [['ctrl+k'], 'Ctrl-K', 'erase to the end', { type: 'erase', by: 1, unit: 'all' }],
];

const recall = (by: 1 | -1) => (target: ConsoleTarget) =>
  edit((prompt) => recalled(prompt, target.state().history, by))(target);

export const promptKeys: readonly ConsoleBinding[] = [
  ...edits.map(
    ([keys, shown, help, change]): ConsoleBinding => ({
      scope: 'prompt',
      keys,
      shown,
      label: '',
      help,
      run: edit((prompt) => edited(prompt, change)),
    }),
  ),
  {
    scope: 'prompt',
    keys: ['ctrl+p'],
    shown: 'Ctrl-P',
    label: '',
    help: 'an older filter or command',
    run: recall(1),
  },
  {
    scope: 'prompt',
    keys: ['ctrl+n'],
    shown: 'Ctrl-N',
    label: '',
    help: 'a newer filter or command',
    run: recall(-1),
  },
  {
    scope: 'filter',
    keys: ['enter', 'tab'],
    shown: 'Enter',
    label: 'keep',
    help: 'keep the filter',
    run: enter,
  },
  {
    scope: 'filter',
    keys: ['escape'],
    shown: 'Esc',
    label: 'cancel',
    help: 'restore the previous filter',
    run: (target) => {
      edit((prompt) => promptText(prompt, prompt.kind === 'filter' ? prompt.before : ''))(target);
      close(target);
    },
  },
  {
    scope: 'filter',
    keys: ['up'],
    shown: '↑',
    label: 'older',
    help: 'an older filter',
    enabled: ({ history }) => history.filter.length > 0,
    run: recall(1),
  },
  {
    scope: 'filter',
    keys: ['down'],
    shown: '↓',
    label: '',
    help: 'a newer filter; from the newest, keep it and go to the rows',
    run: (target) => {
      const { prompt } = target.state();
      if (prompt?.kind === 'filter' && (prompt.back ?? 0) > 0) recall(-1)(target);
      else enter(target);
    },
  },
  {
    scope: 'confirm',
    keys: ['enter'],
    shown: 'Enter',
    label: 'confirm',
    help: 'confirm, once the word is typed',
    run: (target) => target.confirm(),
  },
  {
    scope: 'confirm',
    keys: ['escape'],
    shown: 'Esc',
    label: 'cancel',
    help: 'cancel',
    run: close,
  },
];

export const openPaletteKey: ConsoleBinding = {
  scope: 'everywhere',
  keys: [paletteKey],
  shown: paletteKey,
  label: 'palette',
  help: 'command palette; `:hosts 10.1.` filters hosts',
  run: (target) =>
    target.dispatch({ type: 'prompt', prompt: { kind: 'palette', text: '', chosen: 0 } }),
};

/** @param all gives every binding of the console; called only when a key is pressed */
export function paletteKeys(all: AllBindings): ConsoleBinding[] {
  const scope = 'palette';
  const choose = (by: number) => (target: ConsoleTarget) => {
    const { prompt } = target.state();
    if (prompt?.kind !== 'palette') return;
    const { entries, chosen } = paletteOf(all(), target.state());
    const row = Math.max(0, Math.min(chosen + by, entries.length - 1));
    target.dispatch({ type: 'prompt', prompt: { ...prompt, chosen: row } });
  };
  return [
    {
      scope,
      keys: ['enter'],
      shown: 'Enter',
      label: 'run',
      help: 'run the selected command',
      run: (target) => {
        const { entries, chosen } = paletteOf(all(), target.state());
        const entry = entries[chosen];
        if (entry === undefined) return;
        // It finds the console as if its own key had been pressed.
        enter(target);
        entry.run(target);
      },
    },
    {
      scope,
      keys: ['escape'],
      shown: 'Esc',
      label: 'close',
      help: 'close the palette',
      run: close,
    },
    {
      scope,
      keys: ['up', 'shift+tab'],
      shown: '↑',
      label: '',
      help: 'previous command',
      run: choose(-1),
    },
    {
      scope,
      keys: ['down', 'tab'],
      shown: '↓ Tab',
      label: 'select',
      help: 'next command',
      run: choose(1),
    },
    {
      scope,
      keys: ['pageup'],
      shown: 'PgUp',
      label: '',
      help: 'ten commands up',
      run: choose(-10),
    },
    {
      scope,
      keys: ['pagedown'],
      shown: 'PgDn',
      label: '',
      help: 'ten commands down',
      run: choose(10),
    },
  ];
}

/** More rows than the help has; scrolling stops at its end. */
const allRows = 10_000;

export const openHelpKey: ConsoleBinding = {
  scope: 'everywhere',
  // The keyboard's stream makes Alt-? of F1.
  keys: ['?', 'alt+?'],
  shown: '?',
  label: 'help',
  help: 'all keys; type to find some',
  run: (target) => target.dispatch({ type: 'prompt', prompt: { kind: 'help', text: '', top: 0 } }),
};

/** @param all gives every binding of the console; called only when a key is pressed */
export function helpKeys(all: AllBindings): ConsoleBinding[] {
  const scope = 'help';
  const scroll =
    (rows: number, screens = 0) =>
    (target: ConsoleTarget) => {
      const state = target.state();
      if (state.prompt?.kind !== 'help') return;
      const { top, lowest } = helpPage(all(), state);
      // One row stays in sight.
      const by = rows + screens * Math.max(1, helpRows(state) - 1);
      const next = Math.max(0, Math.min(lowest, top + by));
      target.dispatch({ type: 'prompt', prompt: { ...state.prompt, top: next } });
    };
  const moves: readonly [key: string, shown: string, help: string, run: ConsoleBinding['run']][] = [
    ['up', '↑', 'one line up', scroll(-1)],
    ['down', '↓', 'one line down', scroll(1)],
    ['pageup', 'PgUp', 'one screen up', scroll(0, -1)],
    ['pagedown', 'PgDn', 'one screen down', scroll(0, 1)],
    ['home', 'Home', 'first line', scroll(-allRows)],
    ['end', 'End', 'last line', scroll(allRows)],
  ];
  return [
    {
      scope,
      keys: ['escape', 'enter', 'alt+?'],
      shown: 'Esc Enter',
      label: 'close',
      help: 'close the help',
      run: close,
    },
    {
      scope,
      keys: ['?'],
      shown: '?',
      label: '',
      help: 'close the help, before anything is typed',
      enabled: ({ prompt }) => prompt?.text === '',
      run: close,
    },
    ...moves.map(
      ([key, shown, help, run]): ConsoleBinding => ({
        ...{ scope, keys: [key], shown, help, run },
        label: '',
        moves: true,
      }),
    ),
  ];
}
