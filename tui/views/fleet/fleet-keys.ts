// Keys of the list of name servers.
import { bindingsOf } from '../../keys/binding.ts';
import { changing, moveKeys } from '../../keys/common-keys.ts';
import { moveFleet, openFleet, switchTo } from '../../state/fleet.ts';

export const fleetKeys = bindingsOf('fleet', [
  {
    keys: ['enter'],
    label: 'switch',
    help: 'switch to the selected name server',
    run: changing('fleet', (fleet) => switchTo(fleet, fleet.position.cursor)),
  },
  {
    keys: ['escape'],
    label: 'back',
    help: 'back to the view of the current name server',
    run: changing('fleet', (fleet) => openFleet(fleet, false)),
  },
  ...moveKeys('fleet', moveFleet),
]);
