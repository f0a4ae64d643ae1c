// Keys that several views have: filtering and moving through rows, copying an address.
import type { CommonAction, CommonState, PartAction, PartOf } from '../state/common-state.ts';
import type { Asked } from '../state/confirmation.ts';
import type { ListMove } from '../state/list-position.ts';
import type { Console, Keys } from './binding.ts';

/** Opens the question before an action that one key must not perform. @param hits what it hits, when its title does not say it */
export function ask(
  target: { dispatch(action: CommonAction): void },
  asked: Asked,
  hits: readonly string[] = [],
): void {
  target.dispatch({
    type: 'prompt',
    prompt: { kind: 'confirm', text: '', asked, ...(hits.length > 0 && { hits }) },
  });
}

const moves: readonly [keys: readonly string[], help: string, move: ListMove][] = [
  [['up', 'k'], 'one row up', { by: -1 }],
  [['down', 'j'], 'one row down', { by: 1 }],
  [['pageup', 'ctrl+b'], 'one screen up', { pages: -1 }],
  [['pagedown', 'ctrl+f'], 'one screen down', { pages: 1 }],
  [['ctrl+u'], 'half a screen up', { pages: -0.5 }],
  [['ctrl+d'], 'half a screen down', { pages: 0.5 }],
  [['home', 'g'], 'first row', { end: 'first' }],
  [['end', 'G'], 'last row', { end: 'last' }],
];

/** What a filter finds the hosts at the IP address by: the port of a connection is not the one that its node listens on. */
export function ipOf(address: string): string {
  return address.slice(0, address.lastIndexOf(':') + 1);
}

/** The key that shows the hosts at the IP address of something else. @param addressOf `ip:port`; null: none is selected */
export function hostsKey<S extends CommonState>(
  what: string,
  addressOf: (state: S) => string | null,
): Keys<S> {
  return {
    keys: ['enter'],
    label: 'its hosts',
    help: `show the hosts at the address of the selected ${what}`,
    enabled: (state) => addressOf(state) !== null,
    run: (target) => {
      const address = addressOf(target.state());
      if (address === null) return;
      target.dispatch({ type: 'view', view: 'hosts' });
      target.dispatch({ type: 'filter', text: ipOf(address) });
    },
  };
}

/** What a key does that only changes a part of the state. */
export function changing<S extends CommonState, Part extends PartOf<S>>(
  type: Part,
  change: (part: S[Part], state: S) => S[Part],
): (target: Console<S, PartAction<S, Part>>) => void {
  return (target) => target.dispatch({ type, change });
}

/** The keys that move through rows. @param part of the state, which `move` makes anew @param helps by the first key, instead of the usual ones */
export function moveKeys<S extends CommonState, Part extends PartOf<S>>(
  part: Part,
  move: (state: S, by: ListMove) => S[Part],
  helps: Readonly<Record<string, string>> = {},
): Keys<S, PartAction<S, Part>>[] {
  return moves.map(([keys, help, by]) => ({
    keys,
    help: helps[keys[0] ?? ''] ?? help,
    moves: true,
    run: changing(part, (_, state: S) => move(state, by)),
  }));
}

/** The keys that filter rows. @param filterOf the view's filter now; empty: none */
export function filterKeys<S extends CommonState>(filterOf: (state: S) => string): Keys<S>[] {
  return [
    {
      keys: ['/'],
      label: 'filter',
      help: 'filter as you type: every word must match; `!word` excludes',
      run: (target) => {
        const filter = filterOf(target.state());
        target.dispatch({
          type: 'prompt',
          prompt: { kind: 'filter', text: filter, before: filter },
        });
      },
    },
    {
      keys: ['escape'],
      label: 'clear filter',
      help: 'clear the filter',
      enabled: (state) => filterOf(state) !== '',
      run: (target) => target.dispatch({ type: 'filter', text: '' }),
    },
  ];
}

/** The key that copies addresses. @param chosen what it would copy now; null: nothing */
export function copyKey<S extends CommonState>(
  help: string,
  chosen: (state: S) => string | readonly string[] | null,
): Keys<S> {
  const addresses = (state: S) => [chosen(state) ?? []].flat();
  return {
    keys: ['y'],
    help,
    enabled: (state) => addresses(state).length > 0,
    run: (target) => target.copy(addresses(target.state())),
  };
}
