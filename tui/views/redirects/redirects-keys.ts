// Keys of the Redirects view.
import type { Binding } from '../../keys/binding.ts';
import {
  copyKey,
  drainKeys,
  filterKeys,
  hostsKey,
  moveKeys,
  sendKey,
} from '../../keys/common-keys.ts';
import { type RedirectsAction, selectedRedirect, type WithRedirects } from './redirects-state.ts';

const scope = 'redirects';

export const redirectsKeys: readonly Binding<WithRedirects, RedirectsAction>[] = [
  sendKey(
    scope,
    'drain to the selected target (asks first)',
    (state: WithRedirects) => selectedRedirect(state)?.to ?? null,
  ),
  ...drainKeys(scope),
  ...filterKeys(scope, ({ redirects }: WithRedirects) => redirects.filter),
  hostsKey(scope, 'redirect', (state: WithRedirects) => selectedRedirect(state)?.asker ?? null),
  copyKey(scope, 'copy the source of the selected redirect', (state: WithRedirects) => {
    const redirect = selectedRedirect(state);
    return redirect === null ? [] : [redirect.asker];
  }),
  ...moveKeys(scope, (move): RedirectsAction => ({ type: 'redirects-move', move })).map(
    (binding) =>
      binding.keys.includes('home')
        ? { ...binding, help: 'newest redirect; follow new ones' }
        : binding,
  ),
];
