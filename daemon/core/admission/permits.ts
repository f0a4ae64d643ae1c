// The backlog, divided among processes. Each connection with an unanswered request holds one of `limit` permits. A
// client of the pool, a process (shared-admission.ts), holds some, wants more when it is short, and gives unused ones back
// when the pool recalls them.
//
// Invariants: no more than `limit` permits are held. When the limit has just been lowered, every permit is reclaimed
// and none is granted until that holds again. A want is granted while a permit is free, and denied only after a round of
// recalls to every holder, begun after the want arrived, brought none. When it brought too few for the complete requests
// that wait, the holders with most incomplete ones are asked to have some of those give way.

/** A holder of permits. Its wants are granted or denied in their order. */
export interface PermitClient {
  grant(permits: number): void;
  deny(wants: number): void;
  /** Return unused permits, and reply even if there are none. */
  recall(): void;
  /** Have this many incomplete requests give way, and reply how many did, even when none. */
  yield(permits: number): void;
  /** Give back this many more, each as it becomes free. */
  reclaim(permits: number): void;
  /** How many permits each holder would have if they were divided evenly. */
  divided(evenPart: number): void;
}

interface Want {
  client: PermitClient;
  isComplete: boolean;
  /** the round that must end before it is denied */
  round: number;
}

/** The permits of all processes; in the main process. */
export class PermitPool {
  private limitNow: number;
  private readonly held = new Map<PermitClient, number>();
  /** reclaimed from each, and not given back yet */
  private readonly reclaimed = new Map<PermitClient, number>();
  private wants: Want[] = [];
  /** number of the latest round, and the clients that have not replied in it */
  private round = 0;
  private readonly asked = new Set<PermitClient>();
  /** incomplete requests of those that replied in this round; null: they were asked to yield already */
  private incomplete: Map<PermitClient, number> | null = null;

  constructor(limit: number) {
    this.limitNow = limit;
  }

  get limit(): number {
    return this.limitNow;
  }

  join(client: PermitClient): void {
    this.held.set(client, 0);
    this.divide();
  }

  /** The client is gone, and its connections with it. */
  leave(client: PermitClient): void {
    this.held.delete(client);
    this.reclaimed.delete(client);
    this.wants = this.wants.filter((want) => want.client !== client);
    this.incomplete?.delete(client);
    this.divide();
    this.replied(client);
  }

  want(client: PermitClient, count: number, isComplete: boolean): void {
    if (!this.held.has(client)) return;
    const wants = Array.from({ length: count }, () => ({
      client,
      isComplete,
      round: this.round + 1,
    }));
    // Complete requests go before incomplete ones.
    const behind = isComplete ? this.wants.findIndex((want) => !want.isComplete) : -1;
    this.wants.splice(behind === -1 ? this.wants.length : behind, 0, ...wants);
    this.serve();
  }

  /**
   * Permits come back: `isReply` to `recall` or `yield`, else because they were reclaimed. `incomplete`: how many of
   * those still held could be yielded.
   */
  giveBack(client: PermitClient, permits: number, isReply: boolean, incomplete: number): void {
    const held = this.held.get(client);
    if (held === undefined) return;
    this.held.set(client, Math.max(0, held - permits));
    if (isReply) {
      this.incomplete?.set(client, incomplete);
      this.replied(client);
      return;
    }
    this.reclaimed.set(client, Math.max(0, (this.reclaimed.get(client) ?? 0) - permits));
    this.serve();
  }

  resize(limit: number): void {
    this.limitNow = limit;
    this.divide();
    this.serve();
  }

  private divide(): void {
    for (const client of this.held.keys())
      client.divided(Math.ceil(this.limitNow / this.held.size));
  }

  private get free(): number {
    return this.limitNow - total(this.held);
  }

  /** Permits over the limit that nobody was asked for yet. */
  private get tooMany(): number {
    return -this.free - total(this.reclaimed);
  }

  private replied(client: PermitClient): void {
    if (this.asked.delete(client) && this.asked.size === 0) this.endRound();
    this.serve();
  }

  private serve(): void {
    while (this.wants.length > 0 && this.free > 0) this.grantNext();
    if (this.asked.size === 0 && (this.wants.length > 0 || this.tooMany > 0)) this.beginRound();
  }

  /** Grants the first client all it wants and a share of the rest, so that it need not ask for each. */
  private grantNext(): void {
    const { client } = this.wants[0] as Want;
    const { free } = this;
    let permits = 0;
    for (; this.wants[0]?.client === client && permits < free; permits++) this.wants.shift();
    if (this.wants.length === 0) permits += Math.floor((free - permits) / (2 * this.held.size));
    this.held.set(client, (this.held.get(client) ?? 0) + permits);
    client.grant(permits);
  }

  private beginRound(): void {
    this.round++;
    this.incomplete = new Map();
    for (const [client, held] of this.held) if (held > 0) this.asked.add(client);
    for (const client of [...this.asked]) client.recall();
  }

  /** Every client has returned its unused permits: all permits still held are in use. */
  private endRound(): void {
    while (this.wants.length > 0 && this.free > 0) this.grantNext();
    if (this.askToYield()) return;
    const denied = new Map<PermitClient, number>();
    for (const { client, round } of this.wants)
      if (round <= this.round) denied.set(client, (denied.get(client) ?? 0) + 1);
    this.wants = this.wants.filter(({ round }) => round > this.round);
    for (const [client, wants] of denied) client.deny(wants);
    if (this.tooMany > 0) this.reclaimAll();
  }

  /** Whether incomplete requests give way to complete ones, once a round: the clients with most yield most. */
  private askToYield(): boolean {
    const { incomplete } = this;
    if (incomplete === null) return false;
    this.incomplete = null;
    const yields = new Map<PermitClient, number>();
    let short = this.wants.filter(
      ({ isComplete, round }) => isComplete && round <= this.round,
    ).length;
    for (; short > 0; short--) {
      let most: PermitClient | null = null;
      for (const [client, count] of incomplete)
        if (count > 0 && count > ((most && incomplete.get(most)) ?? 0)) most = client;
      if (most === null) break;
      incomplete.set(most, (incomplete.get(most) as number) - 1);
      yields.set(most, (yields.get(most) ?? 0) + 1);
    }
    for (const client of yields.keys()) this.asked.add(client);
    for (const [client, permits] of yields) client.yield(permits);
    return this.asked.size > 0;
  }

  /** Reclaims every permit, so that the first ones freed come back; a process has to want them again. */
  private reclaimAll(): void {
    for (const [client, held] of this.held) {
      const more = held - (this.reclaimed.get(client) ?? 0);
      if (more <= 0) continue;
      this.reclaimed.set(client, held);
      client.reclaim(more);
    }
  }
}

function total(permits: ReadonlyMap<PermitClient, number>): number {
  let sum = 0;
  for (const each of permits.values()) sum += each;
  return sum;
}
