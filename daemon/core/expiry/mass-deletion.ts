// Whether so many hosts were deleted for not answering that an operator should know. Self-preservation needs half of
// the latest hosts to answer, so a server that lost its way to the others deletes them, and cannot tell that from their
// death; where no other server gives a second opinion, nobody else can.

/** Deletions count for one TTL, in so many steps. */
const steps = 20;

/** Fewer are the usual coming and going of a small network. */
const leastHosts = 20;

/** Of the hosts that were live, deleted within one TTL. */
const leastShare = 1 / 3;

/** Hosts that were deleted for not answering within the last TTL, of those that were live or are. */
export interface Deletions {
  deleted: number;
  of: number;
}

/** Counts the deletions of one name server; `mono` is monotonic time in ms. */
export class MassDeletion {
  /** null: no more than usual were deleted */
  current: Deletions | null = null;
  private readonly stepMs: number;
  private readonly counts: { step: number; deleted: number }[] = [];

  constructor(ttlMs: number) {
    this.stepMs = ttlMs / steps;
  }

  /**
   * @param deleted hosts since the last call
   * @param live hosts that are live now
   */
  tick(mono: number, deleted: number, live: number): void {
    const { counts } = this;
    const step = Math.floor(mono / this.stepMs);
    while (counts[0] !== undefined && counts[0].step <= step - steps) counts.shift();
    if (deleted > 0) {
      const last = counts.at(-1);
      if (last?.step === step) last.deleted += deleted;
      else counts.push({ step, deleted });
    }
    const all = counts.reduce((sum, each) => sum + each.deleted, 0);
    const of = all + live;
    this.current = all >= leastHosts && all >= leastShare * of ? { deleted: all, of } : null;
  }
}

/**
 * Why so many were deleted, and what to do if that is wrong.
 * @param servers that share the pings, this one among them
 */
export function massDeletionText(
  { deleted, of }: Deletions,
  { ttlMs, attempts, servers }: { ttlMs: number; attempts: number; servers: number },
): string {
  const opinion =
    servers > 1
      ? 'and another name server got no answer either'
      : 'and no other name server is there to give a second opinion';
  return `${deleted} of ${of} hosts were deleted within ${ttlMs / 1_000} s and more may follow: ${attempts} pings each got no answer, ${opinion}; if they are alive, look at the network and the firewalls between this server and them`;
}
