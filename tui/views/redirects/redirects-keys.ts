// Keys of the Redirects view.
import { bindingsOf } from '../../keys/binding.ts';
import { copyKey, filterKeys, hostsKey, moveKeys } from '../../keys/common-keys.ts';
import { drainKeys, sendKey } from '../../keys/drain-keys.ts';
import { moveRedirects, selectedRedirect, type WithRedirects } from './redirects-state.ts';

export const redirectsKeys = bindingsOf<WithRedirects>('redirects', [
  sendKey(
    'drain to the selected target (asks first)',
    (state: WithRedirects) => selectedRedirect(state)?.to ?? null,
  ),
  ...drainKeys,
  ...filterKeys(({ redirects }: WithRedirects) => redirects.filter),
  hostsKey('redirect', (state: WithRedirects) => selectedRedirect(state)?.asker ?? null),
  copyKey('copy the source of the selected redirect', (state: WithRedirects) => {
    const redirect = selectedRedirect(state);
    return redirect === null ? [] : [redirect.asker];
  }),
  ...moveKeys('redirects', moveRedirects, { home: 'newest redirect; follow new ones' }),
]);
