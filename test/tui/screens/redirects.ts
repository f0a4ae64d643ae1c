// Screens of Redirects.

import { moveRedirects } from '../../../tui/views/redirects/redirects-state.ts';
import type { Screen } from './screen.ts';
import { fleet, sending } from './situations.ts';

export const redirectsScreens: readonly Screen[] = [
  {
    name: 'redirects',
    view: 'redirects',
    actions: [fleet, { type: 'redirects', change: (_, state) => moveRedirects(state, { by: 3 }) }],
  },
  { name: 'redirects of a draining server', view: 'redirects', actions: [fleet, sending('drain')] },
  { name: 'redirects of a server on its own', view: 'redirects' },
  {
    name: 'redirects of which none matches',
    view: 'redirects',
    actions: [
      fleet,
      { type: 'prompt', prompt: { kind: 'filter', text: 'legacy nobody', before: '' } },
    ],
  },
];
