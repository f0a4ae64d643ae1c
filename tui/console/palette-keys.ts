// The key that opens the palette, and the keys in it. Every other key that has text narrows it.
import type { ConsoleBinding, ConsoleTarget } from './key-lookup.ts';
import { paletteKey, paletteOf } from './palette.ts';
import { editing } from './prompt-keys.ts';

const scope = 'palette';

export const openPaletteKey: ConsoleBinding = {
  scope: 'everywhere',
  keys: [paletteKey],
  shown: paletteKey,
  label: 'actions',
  help: 'what can be done now, by its words; `:hosts 10.1.` filters',
  run: (target) =>
    target.dispatch({ type: 'prompt', prompt: { kind: 'palette', text: '', chosen: 0 } }),
};

/** @param all every binding of the console, once there are all */
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
      label: 'do it',
      help: 'do what is chosen',
      run: (target) => {
        const { entries, chosen } = paletteOf(all(), target.state());
        const entry = entries[chosen];
        if (entry === undefined) return;
        // It finds the console as if its key had been pressed.
        target.dispatch({ type: 'prompt', prompt: null });
        entry.run(target);
      },
    },
    {
      scope,
      keys: ['escape'],
      shown: 'Esc',
      label: 'close',
      help: 'close the list',
      run: (target) => target.dispatch({ type: 'prompt', prompt: null }),
    },
    {
      scope,
      keys: ['up', 'ctrl+p', 'shift+tab'],
      shown: '↑ Ctrl-P',
      label: '',
      help: 'choose the one above',
      run: choose(-1),
    },
    {
      scope,
      keys: ['down', 'ctrl+n', 'tab'],
      shown: '↓ Ctrl-N Tab',
      label: 'choose',
      help: 'choose the one below',
      run: choose(1),
    },
    { scope, keys: ['pageup'], shown: 'PgUp', label: '', help: 'ten up', run: choose(-10) },
    { scope, keys: ['pagedown'], shown: 'PgDn', label: '', help: 'ten down', run: choose(10) },
    ...editing(scope),
  ];
}
