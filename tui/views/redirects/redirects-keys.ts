// Keys of the Redirects view.
import type { Binding } from '../../keys/binding.ts';
import { copyKey } from '../../keys/copy-key.ts';
import { drainKeys, sendKey } from '../../keys/drain-keys.ts';
import { filterKeys } from '../../keys/filter-keys.ts';
import { moveKeys } from '../../keys/move-keys.ts';
import { selectedRedirect } from './redirects-state.ts';

const scope = 'redirects';

export const redirectsKeys: readonly Binding[] = [
  sendKey(
    scope,
    'send every node to where this one was sent (asks first; not with --read-only)',
    (state) => selectedRedirect(state)?.to ?? null,
  ),
  ...drainKeys(scope),
  ...filterKeys(scope, 'redirects'),
  copyKey(scope, 'copy the address that asked', (state) => {
    const redirect = selectedRedirect(state);
    return redirect === null ? [] : [redirect.asker];
  }),
  ...moveKeys(scope, (target, move) => target.dispatch({ type: 'redirects-move', move })).map(
    (binding) =>
      binding.keys.includes('home')
        ? { ...binding, help: 'newest redirect, and follow those that come' }
        : binding,
  ),
];
