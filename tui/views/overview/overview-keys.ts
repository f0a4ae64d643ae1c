// Keys of the Overview.

import { ask } from '../../keys/ask.ts';
import type { Binding } from '../../keys/binding.ts';

export const overviewKeys: readonly Binding[] = [
  {
    scope: 'overview',
    keys: ['o'],
    shown: 'o',
    label: 'override',
    help: 'override self-preservation (asks first; not with --read-only)',
    enabled: ({ data, readOnly }) => {
      if (readOnly || data === null) return false;
      const { active, overridden } = data.status.selfPreservation;
      return active && !overridden;
    },
    run: (target) => ask(target, { action: 'override' }),
  },
];
