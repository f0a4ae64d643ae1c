// The keys by which an operator sends every node elsewhere, and takes nodes again.
import type { ConsoleState } from '../console/console-state.ts';
import { latestData } from '../state/pause.ts';
import { isByHand } from '../text/redirecting.ts';
import { ask } from './ask.ts';
import type { Binding, Scope } from './binding.ts';

/** Whether nodes can be sent elsewhere by hand: not while the server ends, which does so by itself. */
function canSend(state: ConsoleState): boolean {
  const data = latestData(state);
  if (state.readOnly || data === null) return false;
  return data.status.peers.length > 0 && data.status.redirecting.mode !== 'stopping';
}

/** @param chosen the name server that every node would be sent to; null: none is selected */
export function sendKey(
  scope: Scope,
  help: string,
  chosen: (state: ConsoleState) => string | null,
): Binding {
  return {
    scope,
    keys: ['t'],
    shown: 't',
    label: 'send all to it',
    help,
    enabled: (state) => {
      const address = chosen(state);
      const status = latestData(state)?.status;
      const isPeer = status?.peers.some((peer) => peer.address === address) ?? false;
      return canSend(state) && isPeer && status?.redirecting.to !== address;
    },
    run: (target) => {
      const address = chosen(target.state());
      if (address !== null) ask(target, { action: 'send', address });
    },
  };
}

export function drainKeys(scope: Scope): Binding[] {
  return [
    {
      scope,
      keys: ['d'],
      shown: 'd',
      label: 'drain',
      help: 'drain: nodes go elsewhere (asks first; not with --read-only)',
      enabled: (state) => canSend(state) && latestData(state)?.status.redirecting.mode !== 'drain',
      run: (target) => ask(target, { action: 'drain' }),
    },
    {
      scope,
      keys: ['u'],
      shown: 'u',
      label: 'end drain',
      help: 'end the drain (asks first; not with --read-only)',
      enabled: (state) => {
        const data = latestData(state);
        return !state.readOnly && data !== null && isByHand(data.status.redirecting);
      },
      run: (target) => ask(target, { action: 'undrain' }),
    },
  ];
}
