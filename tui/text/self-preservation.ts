// Self-preservation in an operator's words: why nothing is deleted, and what ends that. The same on
// the screen and in print.
import type { Status } from '../../shared/ipc/status-contract.ts';
import { safe } from './columns.ts';
import { durationText } from './format.ts';

interface Words {
  why: string;
  /** what must happen for it to end by itself */
  until: string;
}

/** A ping cycle is a 25th of the TTL. */
const pingCyclePart = 1 / 25;

/** @param now the daemon's clock */
export function freezeWords(
  { selfPreservation, ttlMs }: Pick<Status, 'selfPreservation' | 'ttlMs'>,
  now: number,
): Words {
  const { reason, since } = selfPreservation;
  const cycleMs = ttlMs * pingCyclePart;
  switch (reason) {
    case 'starting': {
      const leftMs = since + cycleMs - now;
      const until = leftMs < 1_000 ? 'any moment now' : `in about ${durationText(leftMs)}`;
      return { why: 'this server has just started', until };
    }
    case 'stalled':
      return {
        why: 'the process stalled, the machine slept, or its clock jumped',
        until: `${durationText(cycleMs)} after the last stall`,
      };
    case 'isolated':
      return { why: 'no inbound network traffic', until: 'when traffic resumes' };
    case 'canaries':
      return {
        why: 'fewer than half of the recently seen hosts answer',
        until: 'when half of them answer',
      };
    default:
      // A daemon may know more reasons than this console.
      return { why: safe(reason ?? 'no reason given'), until: 'when this is resolved' };
  }
}

/** Right after a start nothing is deleted as a matter of course. */
export function isAlarming({ active, reason }: Status['selfPreservation']): boolean {
  return active && reason !== 'starting';
}
