// The keys by which an operator sends every node elsewhere, and takes nodes again.
import type { ConsoleState } from '../state/console-state.ts';
import { latestData } from '../state/pause.ts';
import { isByHand } from '../text/redirecting.ts';
import { ask } from './ask.ts';
import type { Binding, Scope } from './binding.ts';

/** Whether nodes can be sent elsewhere by hand: not while the server ends, which does so by itself. */
export function canSend(state: ConsoleState): boolean {
  const data = latestData(state);
  if (state.readOnly || data === null) return false;
  return data.status.peers.length > 0 && data.status.redirecting.mode !== 'stopping';
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
