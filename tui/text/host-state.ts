// How close a host is to being deleted, in words: the same on the screen and in print.
import type { Host } from '../../shared/ipc/contract.ts';
import type { Status } from '../../shared/ipc/status-contract.ts';
import { type ListedState, stateWords } from '../../shared/listed-state.ts';
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

/** `4 due, 2 not answering, 1 to be deleted` */
export function dyingText({ due, suspects, condemned }: Status['expiry']): string {
  return `${count(due)} due, ${count(suspects)} not answering, ${count(condemned)} to be deleted`;
}
