// Self-preservation in an operator's words: why nothing is deleted, and what ends that. The same on
// the screen and in print.
import type { Status } from '../../shared/ipc/status-contract.ts';
import { safe } from './columns.ts';

interface Words {
  why: string;
  /** what must happen for it to end by itself */
  until: string;
}

/** A daemon may know more reasons than this console. */
const reasons: Readonly<Record<string, Words>> = {
  starting: {
    why: 'this server has just started',
    until: 'one ping cycle (a 25th of the TTL) later',
  },
  stalled: {
    why: 'this process or machine stood still, or its clock jumped',
    until: 'one ping cycle later',
  },
  isolated: {
    why: 'nothing came in over the network for too long',
    until: 'when something does',
  },
  canaries: {
    why: 'fewer than half of the hosts seen last answer',
    until: 'when half of them answer',
  },
};

export function freezeWords({ reason }: Status['selfPreservation']): Words {
  const unknown = { why: safe(reason ?? 'no reason given'), until: 'when that is over' };
  return reasons[reason ?? ''] ?? unknown;
}

/** Right after a start nothing is deleted as a matter of course. */
export function isAlarming({ active, reason }: Status['selfPreservation']): boolean {
  return active && reason !== 'starting';
}
