// Keys of the list of name servers.
import { bindingsOf } from '../../keys/binding.ts';
import { moveKeys } from '../../keys/common-keys.ts';
import type { CommonState } from '../../state/common-state.ts';
import { type FleetAction, moveFleet, openFleet, switchTo } from '../../state/fleet.ts';

export const fleetKeys = bindingsOf<CommonState, FleetAction>('fleet', [
  {
    keys: ['enter'],
    label: 'switch',
    help: 'switch to the selected name server',
    run: (target) =>
      target.dispatch({
        type: 'fleet',
        change: (fleet) => switchTo(fleet, fleet.position.cursor),
      }),
  },
  {
    keys: ['escape'],
    label: 'back',
    help: 'back to the view of the current name server',
    run: (target) => target.dispatch({ type: 'fleet', change: (fleet) => openFleet(fleet, false) }),
  },
  ...moveKeys(
    (move): FleetAction => ({ type: 'fleet', change: (fleet) => moveFleet(fleet, move) }),
  ),
]);
