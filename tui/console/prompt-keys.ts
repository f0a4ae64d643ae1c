// Keys while the operator types into the line at the bottom: a filter, a confirming word, a setting, or the
// palette. Every other key that has text is typed.
import { eraseCharacter, eraseWord, type Prompt, promptText } from '../state/prompt.ts';
import type { ConsoleBinding, ConsoleTarget } from './key-lookup.ts';
import { paletteKey, paletteOf } from './palette.ts';

function edit(change: (prompt: Prompt) => Prompt): (target: ConsoleTarget) => void {
  return (target) => {
    const { prompt } = target.state();
    if (prompt) target.dispatch({ type: 'prompt', prompt: change(prompt) });
  };
}

const close = (target: ConsoleTarget) => target.dispatch({ type: 'prompt', prompt: null });

/** The keys that erase typed text. */
export function editing(scope: Prompt['kind']): ConsoleBinding[] {
  return [
    {
      scope,
      keys: ['backspace'],
      shown: 'Backspace',
      label: '',
      help: 'erase a character',
      run: edit(eraseCharacter),
    },
    {
      scope,
      keys: ['ctrl+w', 'alt+backspace'],
      shown: 'Ctrl-W',
      label: '',
      help: 'erase a word',
      run: edit(eraseWord),
    },
    {
      scope,
      keys: ['ctrl+u'],
      shown: 'Ctrl-U',
      label: '',
      help: 'erase all',
      run: edit((prompt) => promptText(prompt, '')),
    },
  ];
}

export const promptKeys: readonly ConsoleBinding[] = [
  {
    scope: 'filter',
    keys: ['enter', 'tab'],
    shown: 'Enter',
    label: 'keep',
    help: 'keep the filter',
    run: close,
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
    keys: ['up', 'down'],
    shown: '↑ ↓',
    label: '',
    help: 'keep the filter and go to the rows',
    run: close,
  },
  ...editing('filter'),
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
  ...editing('confirm'),
  ...editing('setting'),
];

const scope = 'palette';

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
export function paletteKeys(all: () => readonly ConsoleBinding[]): ConsoleBinding[] {
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
        target.dispatch({ type: 'prompt', prompt: null });
        entry.run(target);
      },
    },
    {
      scope,
      keys: ['escape'],
      shown: 'Esc',
      label: 'close',
      help: 'close the palette',
      run: (target) => target.dispatch({ type: 'prompt', prompt: null }),
    },
    {
      scope,
      keys: ['up', 'ctrl+p', 'shift+tab'],
      shown: '↑ Ctrl-P',
      label: '',
      help: 'previous command',
      run: choose(-1),
    },
    {
      scope,
      keys: ['down', 'ctrl+n', 'tab'],
      shown: '↓ Ctrl-N Tab',
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
    ...editing(scope),
  ];
}
