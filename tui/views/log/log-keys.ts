// Keys of the Log view. `p` stays free: it is for pausing.
import type { Binding } from '../../keys/binding.ts';
import { filterKeys } from '../../keys/filter-keys.ts';
import { moveKeys } from '../../keys/move-keys.ts';
import { type LogState, nextLevel } from './log-state.ts';

const scope = 'log';

function change(
  keys: readonly string[],
  shown: string,
  label: string,
  help: string,
  next: (log: LogState) => LogState,
): Binding {
  const run: Binding['run'] = (target) => target.dispatch({ type: 'log', change: next });
  return { scope, keys, shown, label, help, run };
}

export const logKeys: readonly Binding[] = [
  ...filterKeys(scope, 'lines'),
  change(
    ['L'],
    'L',
    'level',
    'show only errors, then warnings too, then more, and all again',
    nextLevel,
  ),
  change(['w', 'enter'], 'w Enter', 'wrap', 'wrap long lines, or cut them', (log) => ({
    ...log,
    isWrapped: !log.isWrapped,
  })),
  ...moveKeys(scope, (target, move) => target.dispatch({ type: 'log-scroll', move })).map(
    (binding) =>
      binding.keys.includes('end')
        ? { ...binding, help: 'newest line, and follow those that come' }
        : binding,
  ),
];
