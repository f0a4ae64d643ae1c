// Keys of the Redirects view.
import type { Binding } from '../../keys/binding.ts';
import { drainKeys } from '../../keys/drain-keys.ts';
import { filterKeys } from '../../keys/filter-keys.ts';
import { moveKeys } from '../../keys/move-keys.ts';

const scope = 'redirects';

export const redirectsKeys: readonly Binding[] = [
  ...drainKeys(scope),
  ...filterKeys(scope, 'redirects'),
  ...moveKeys(scope, (target, move) => target.dispatch({ type: 'redirects-scroll', move })),
];
