// Keys while the operator types: what edits the line, the same in every prompt, and what ends it. Every other key that
// has text is typed.
import { bindingsOf } from '../keys/binding.ts';
import { type ListMove, scrolled } from '../state/list-position.ts';
import { edited, type Prompt, promptText, recalled } from '../state/prompt.ts';
import type { FieldEdit } from '../state/text-field.ts';
import { helpPage, helpRows } from './help.ts';
import type { ConsoleBinding, ConsoleKeys, ConsoleTarget } from './key-lookup.ts';
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
const edits: readonly [
  keys: readonly string[],
  help: string,
  edit: FieldEdit,
  also?: readonly string[],
][] = [
  [['left', 'ctrl+b'], 'a character back', { type: 'move', by: -1, unit: 'character' }],
  [['right', 'ctrl+f'], 'a character on', { type: 'move', by: 1, unit: 'character' }],
  [['alt+b'], 'a word back', { type: 'move', by: -1, unit: 'word' }, ['ctrl+left', 'alt+left']],
  [['alt+f'], 'a word on', { type: 'move', by: 1, unit: 'word' }, ['ctrl+right', 'alt+right']],
  [['home', 'ctrl+a'], 'to the start', { type: 'move', by: -1, unit: 'all' }],
  [['end', 'ctrl+e'], 'to the end', { type: 'move', by: 1, unit: 'all' }],
  [['backspace'], 'erase a character', { type: 'erase', by: -1, unit: 'character' }, ['ctrl+h']],
  [['delete', 'ctrl+d'], 'erase the next character', { type: 'erase', by: 1, unit: 'character' }],
  [['ctrl+w'], 'erase a word', { type: 'erase', by: -1, unit: 'word' }, ['alt+backspace']],
  [['ctrl+u'], 'erase to the start', { type: 'erase', by: -1, unit: 'all' }],
  [['ctrl+k'], 'erase to the end', { type: 'erase', by: 1, unit: 'all' }],
];

const recall = (by: 1 | -1) => (target: ConsoleTarget) =>
  edit((prompt) => recalled(prompt, target.state().history, by))(target);

const inPrompts: readonly ConsoleKeys[] = [
  ...edits.map(
    ([keys, help, change, also]): ConsoleKeys => ({
      ...{ keys, also, help },
      run: edit((prompt) => edited(prompt, change)),
    }),
  ),
  { keys: ['ctrl+p'], help: 'an older filter or command', run: recall(1) },
  { keys: ['ctrl+n'], help: 'a newer filter or command', run: recall(-1) },
];

const inFilters: readonly ConsoleKeys[] = [
  { keys: ['enter'], also: ['tab'], label: 'keep', help: 'keep the filter', run: enter },
  {
    keys: ['escape'],
    label: 'cancel',
    help: 'restore the previous filter',
    run: (target) => {
      edit((prompt) => promptText(prompt, prompt.kind === 'filter' ? prompt.before : ''))(target);
      close(target);
    },
  },
  {
    keys: ['up'],
    label: 'older',
    help: 'an older filter',
    enabled: ({ history }) => history.filter.length > 0,
    run: recall(1),
  },
  {
    keys: ['down'],
    help: 'a newer filter; from the newest, keep it and go to the rows',
    run: (target) => {
      const { prompt } = target.state();
      if (prompt?.kind === 'filter' && (prompt.back ?? 0) > 0) recall(-1)(target);
      else enter(target);
    },
  },
];

const inQuestions: readonly ConsoleKeys[] = [
  {
    keys: ['enter'],
    label: 'confirm',
    help: 'confirm, once the word is typed',
    run: (target) => target.confirm(),
  },
  { keys: ['escape'], label: 'cancel', help: 'cancel', run: close },
];

export const promptKeys: readonly ConsoleBinding[] = [
  ...bindingsOf('prompt', inPrompts),
  ...bindingsOf('filter', inFilters),
  ...bindingsOf('confirm', inQuestions),
];

export const openPaletteKey: ConsoleKeys = {
  keys: [paletteKey],
  label: 'palette',
  help: 'command palette; `:hosts 10.1.` filters hosts',
  run: (target) =>
    target.dispatch({ type: 'prompt', prompt: { kind: 'palette', text: '', chosen: 0 } }),
};

/** @param all gives every binding of the console; called only when a key is pressed */
export function paletteKeys(all: AllBindings): ConsoleBinding[] {
  const choose = (by: number) => (target: ConsoleTarget) => {
    const { prompt } = target.state();
    if (prompt?.kind !== 'palette') return;
    const { entries, chosen } = paletteOf(all(), target.state());
    const row = Math.max(0, Math.min(chosen + by, entries.length - 1));
    target.dispatch({ type: 'prompt', prompt: { ...prompt, chosen: row } });
  };
  return bindingsOf('palette', [
    {
      keys: ['enter'],
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
    { keys: ['escape'], label: 'close', help: 'close the palette', run: close },
    { keys: ['up'], also: ['shift+tab'], help: 'previous command', run: choose(-1) },
    { keys: ['down', 'tab'], label: 'select', help: 'next command', run: choose(1) },
    { keys: ['pageup'], help: 'ten commands up', run: choose(-10) },
    { keys: ['pagedown'], help: 'ten commands down', run: choose(10) },
  ]);
}

export const openHelpKey: ConsoleKeys = {
  // The keyboard's stream makes Alt-? of F1.
  keys: ['?'],
  also: ['alt+?'],
  label: 'help',
  help: 'all keys; type to find some',
  run: (target) => target.dispatch({ type: 'prompt', prompt: { kind: 'help', text: '', top: 0 } }),
};

/** @param all gives every binding of the console; called only when a key is pressed */
export function helpKeys(all: AllBindings): ConsoleBinding[] {
  const moves: readonly [key: string, help: string, move: ListMove][] = [
    ['up', 'one line up', { by: -1 }],
    ['down', 'one line down', { by: 1 }],
    ['pageup', 'one screen up', { pages: -1 }],
    ['pagedown', 'one screen down', { pages: 1 }],
    ['home', 'first line', { end: 'first' }],
    ['end', 'last line', { end: 'last' }],
  ];
  const scroll = (move: ListMove) => (target: ConsoleTarget) => {
    const state = target.state();
    if (state.prompt?.kind !== 'help') return;
    const { top, lowest } = helpPage(all(), state);
    const prompt = { ...state.prompt, top: scrolled(top, move, lowest, helpRows(state)) };
    target.dispatch({ type: 'prompt', prompt });
  };
  return bindingsOf('help', [
    {
      keys: ['escape', 'enter'],
      also: ['alt+?'],
      label: 'close',
      help: 'close the help',
      run: close,
    },
    {
      keys: ['?'],
      help: 'close the help, before anything is typed',
      enabled: ({ prompt }) => prompt?.text === '',
      run: close,
    },
    ...moves.map(
      ([key, help, move]): ConsoleKeys => ({
        ...{ keys: [key], help, run: scroll(move), moves: true },
        ...(key === 'down' && { label: 'scroll', hint: '↑ ↓' }),
      }),
    ),
  ]);
}
