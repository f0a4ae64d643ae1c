// How close a host is to being deleted, in words: the same on the screen and in print.
import { filterWords } from '../../shared/filter.ts';
import type { Host } from '../../shared/ipc/contract.ts';
import type { Status } from '../../shared/ipc/status-contract.ts';
import { type ListedState, statesNamedBy, stateWords } from '../../shared/listed-state.ts';
import type { Token } from '../theme.ts';
import { safe } from './columns.ts';
import { count, counted } from './format.ts';

/** A daemon may know more states than this console. */
export function stateText({ state }: Pick<Host, 'state'>): string {
  return stateWords[state] ?? safe(state, 16);
}

const tones: Partial<Record<ListedState, Token>> = { suspect: 'warn', condemned: 'bad' };

/** How an operator should take the state; null: as nothing special. */
export function stateTone({ state }: Pick<Host, 'state'>): Token | null {
  return tones[state] ?? null;
}

/** `not answering: 2 pings failed`, `to be deleted: 3 pings failed; deletions held back` */
export function stateSentence(host: Host, areDeletesHeldBack: boolean): string {
  const { state, failedPings = 0 } = host;
  const failed = failedPings === 0 ? '' : `: ${counted(failedPings, 'ping')} failed`;
  const held = state === 'condemned' && areDeletesHeldBack ? '; deletions held back' : '';
  return `${stateText(host)}${failed}${held}`;
}

/** Whether a host passes a filter of the Hosts view, by the rules of the daemon. */
export function isFoundBy(
  filter: string,
): (host: Pick<Host, 'address' | 'nodeId' | 'state'>) => boolean {
  const words = filterWords(filter).map((word) => ({ ...word, states: statesNamedBy(word.text) }));
  return ({ address, nodeId, state }) => {
    const cells = [address, nodeId.toLowerCase()];
    return words.every(
      ({ text, isExcluded, states }) =>
        (states.includes(state) || cells.some((cell) => cell.includes(text))) !== isExcluded,
    );
  };
}

/** `4 due, 2 not answering, 1 to be deleted` */
export function dyingText({ due, suspects, condemned }: Status['expiry']): string {
  return `${count(due)} due, ${count(suspects)} not answering, ${count(condemned)} to be deleted`;
}
