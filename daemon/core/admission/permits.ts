// The backlog, shared out. Each connection whose request is not answered holds a permit, and there are
// `limit` of them, whichever process has the connection: a holder (shared-admission.ts) has some, wants
// more when it is short, and gives back what it does not use when it is asked.
//
// Invariants: no more than `limit` are held, unless the limit has just been lowered: then every permit is
// called in, and none is granted until that is so. A want is granted while there is a free permit, and denied only
// when a round in which every holder was asked, begun after the want was heard of, brought none. When it brought
// too few for the whole requests, the holders with most unfinished ones are asked to have some of those give way.

/** Somebody who holds permits, and hears what becomes of its wants, in their order. */
export interface PermitClient {
  grant(permits: number): void;
  deny(wants: number): void;
  /** Give back what is not used, and say so also when there is nothing. */
  recall(): void;
  /** Have so many unfinished requests give way, and say how many did, also when none. */
  yield(permits: number): void;
  /** Give back so many more, each as it becomes free. */
  owe(permits: number): void;
  /** How many permits each holder would have if all were shared out evenly. */
  divided(evenPart: number): void;
}

interface Want {
  client: PermitClient;
  isWhole: boolean;
  /** the round that must have ended before it is denied */
  round: number;
}

export class PermitPool {
  private limitNow: number;
  private readonly held = new Map<PermitClient, number>();
  /** what they were told that they owe, and did not give back yet */
  private readonly owed = new Map<PermitClient, number>();
  private wants: Want[] = [];
  /** number of the latest round, and who has not replied in it */
  private round = 0;
  private readonly asked = new Set<PermitClient>();
  /** unfinished requests of those who replied in this round; null: they were asked to yield already */
  private unfinished: Map<PermitClient, number> | null = null;

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
    this.owed.delete(client);
    this.wants = this.wants.filter((want) => want.client !== client);
    this.unfinished?.delete(client);
    this.divide();
    this.replied(client);
  }

  want(client: PermitClient, count: number, isWhole: boolean): void {
    if (!this.held.has(client)) return;
    const wants = Array.from({ length: count }, () => ({ client, isWhole, round: this.round + 1 }));
    // Whole requests go before unfinished ones.
    const behind = isWhole ? this.wants.findIndex((want) => !want.isWhole) : -1;
    this.wants.splice(behind === -1 ? this.wants.length : behind, 0, ...wants);
    this.serve();
  }

  /**
   * Permits come back; `isReply` to `recall` or `yield`, or because they were owed. `unfinished` of those
   * still held could be yielded.
   */
  giveBack(client: PermitClient, permits: number, isReply: boolean, unfinished: number): void {
    const held = this.held.get(client);
    if (held === undefined) return;
    this.held.set(client, Math.max(0, held - permits));
    if (isReply) {
      this.unfinished?.set(client, unfinished);
      this.replied(client);
      return;
    }
    this.owed.set(client, Math.max(0, (this.owed.get(client) ?? 0) - permits));
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

  /** Those that must come back and nobody was told to give. */
  private get tooMany(): number {
    return -this.free - total(this.owed);
  }

  private replied(client: PermitClient): void {
    if (this.asked.delete(client) && this.asked.size === 0) this.endRound();
    this.serve();
  }

  private serve(): void {
    while (this.wants.length > 0 && this.free > 0) this.grantNext();
    if (this.asked.size === 0 && (this.wants.length > 0 || this.tooMany > 0)) this.beginRound();
  }

  /** What the first want needs, and a share of the rest, so that it need not ask for each. */
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
    this.unfinished = new Map();
    for (const [client, held] of this.held) if (held > 0) this.asked.add(client);
    for (const client of [...this.asked]) client.recall();
  }

  /** Everybody has given what was unused. What is held still is in use. */
  private endRound(): void {
    while (this.wants.length > 0 && this.free > 0) this.grantNext();
    if (this.askToYield()) return;
    const denied = new Map<PermitClient, number>();
    for (const { client, round } of this.wants)
      if (round <= this.round) denied.set(client, (denied.get(client) ?? 0) + 1);
    this.wants = this.wants.filter(({ round }) => round > this.round);
    for (const [client, wants] of denied) client.deny(wants);
    if (this.tooMany > 0) this.callAllIn();
  }

  /** Whether unfinished requests give way to whole ones, once a round: those who hold most yield most. */
  private askToYield(): boolean {
    const { unfinished } = this;
    if (unfinished === null) return false;
    this.unfinished = null;
    const yields = new Map<PermitClient, number>();
    let short = this.wants.filter(({ isWhole, round }) => isWhole && round <= this.round).length;
    for (; short > 0; short--) {
      let most: PermitClient | null = null;
      for (const [client, count] of unfinished)
        if (count > 0 && count > ((most && unfinished.get(most)) ?? 0)) most = client;
      if (most === null) break;
      unfinished.set(most, (unfinished.get(most) as number) - 1);
      yields.set(most, (yields.get(most) ?? 0) + 1);
    }
    for (const client of yields.keys()) this.asked.add(client);
    for (const [client, permits] of yields) client.yield(permits);
    return this.asked.size > 0;
  }

  /** Each process has to ask again for what it frees, so that those freed first are the ones to go. */
  private callAllIn(): void {
    for (const [client, held] of this.held) {
      const owed = this.owed.get(client) ?? 0;
      const more = held - owed;
      if (more <= 0) continue;
      this.owed.set(client, owed + more);
      client.owe(more);
    }
  }
}

function total(permits: ReadonlyMap<PermitClient, number>): number {
  let sum = 0;
  for (const each of permits.values()) sum += each;
  return sum;
}
