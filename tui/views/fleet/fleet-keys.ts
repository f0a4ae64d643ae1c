// Keys of the list of name servers.
import type { Binding } from '../../keys/binding.ts';
import { moveKeys } from '../../keys/common-keys.ts';
import type { CommonState } from '../../state/common-state.ts';
import { type FleetAction, moveFleet, openFleet, switchTo } from '../../state/fleet.ts';

const scope = 'fleet';

export const fleetKeys: readonly Binding<CommonState, FleetAction>[] = [
  {
    scope,
    keys: ['enter'],
    shown: 'Enter',
    label: 'switch',
    help: 'switch to the selected name server',
    run: (target) =>
      target.dispatch({
        type: 'fleet',
        change: (fleet) => switchTo(fleet, fleet.position.cursor),
      }),
  },
  {
    scope,
    keys: ['escape'],
    shown: 'Esc',
    label: 'back',
    help: 'back to the view of the current name server',
    run: (target) => target.dispatch({ type: 'fleet', change: (fleet) => openFleet(fleet, false) }),
  },
  ...moveKeys(
    scope,
    (move): FleetAction => ({ type: 'fleet', change: (fleet) => moveFleet(fleet, move) }),
  ),
];
