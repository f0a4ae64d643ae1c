// Screens of the palette.
import type { Screen } from './screen.ts';

export const paletteScreens: readonly Screen[] = [
  {
    name: 'palette',
    view: 'hosts',
    actions: [{ type: 'prompt', prompt: { kind: 'palette', text: '', chosen: 2 } }],
  },
  {
    name: 'palette with a few words',
    view: 'overview',
    actions: [{ type: 'prompt', prompt: { kind: 'palette', text: 'log', chosen: 0 } }],
  },
  {
    name: 'palette that finds nothing',
    view: 'overview',
    actions: [{ type: 'prompt', prompt: { kind: 'palette', text: 'frobnicate', chosen: 0 } }],
  },
];
