// Keys of the Redirects view.
import { bindingsOf } from '../../keys/binding.ts';
import { copyKey, filterKeys, hostsKey, moveKeys } from '../../keys/common-keys.ts';
import { drainKeys, sendKey } from '../../keys/drain-keys.ts';
import { moveRedirects, selectedRedirect, type WithRedirects } from './redirects-state.ts';

const sourceOf = (state: WithRedirects) => selectedRedirect(state)?.asker ?? null;

export const redirectsKeys = bindingsOf<WithRedirects>('redirects', [
  sendKey(
    'drain to the selected target (asks first)',
    (state: WithRedirects) => selectedRedirect(state)?.to ?? null,
  ),
  ...drainKeys,
  ...filterKeys(({ redirects }: WithRedirects) => redirects.filter),
  hostsKey('redirect', sourceOf),
  copyKey('copy the source of the selected redirect', sourceOf),
  ...moveKeys('redirects', moveRedirects, { home: 'newest redirect; follow new ones' }),
]);
