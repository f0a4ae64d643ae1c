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

const whys: Readonly<Record<string, string>> = {
  starting: 'this server has just started',
  stalled: 'the process stalled, the machine slept, or its clock jumped',
  isolated: 'no inbound network traffic',
  canaries: 'fewer than half of the recently seen hosts answer',
};

/** A daemon may know more reasons than this console. */
export function whyHeldBack({ reason }: Pick<Status['selfPreservation'], 'reason'>): string {
  return whys[reason ?? ''] ?? safe(reason ?? 'no reason given');
}

/** @param now the daemon's clock */
export function freezeWords(
  { selfPreservation, ttlMs }: Pick<Status, 'selfPreservation' | 'ttlMs'>,
  now: number,
): Words {
  return { why: whyHeldBack(selfPreservation), until: endsWhen(selfPreservation, ttlMs, now) };
}

function endsWhen(
  { reason, since }: Status['selfPreservation'],
  ttlMs: number,
  now: number,
): string {
  const cycleMs = ttlMs * pingCyclePart;
  switch (reason) {
    case 'starting': {
      const leftMs = since + cycleMs - now;
      return leftMs < 1_000 ? 'any moment now' : `in about ${durationText(leftMs)}`;
    }
    case 'stalled':
      return `${durationText(cycleMs)} after the last stall`;
    case 'isolated':
      return 'when traffic resumes';
    case 'canaries':
      return 'when half of them answer';
    default:
      return 'when this is resolved';
  }
}

/** Right after a start nothing is deleted as a matter of course. */
export function isAlarming({ active, reason }: Status['selfPreservation']): boolean {
  return active && reason !== 'starting';
}
