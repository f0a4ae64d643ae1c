// Which hosts this server cannot judge. It says so in its heartbeats (PROTOCOL.md, "Heartbeat") and has no share of them
// meanwhile: the others judge them at once, instead of being asked about each after this server has pinged it in vain.
//
// All hosts: while self-preservation finds too few of them, or while none has answered for a ping cycle. Those of one
// address family: when no ping to any of them could be sent for a ping cycle. It can again once that has been over for a
// ping cycle. By then the others have made all their attempts, so a network that comes and goes delays no deletion.
import { addressWords, isIpv4, parseAddress } from '../../../shared/protocol/address.ts';
import type { Unable } from '../../../shared/protocol/sync-message.ts';
import type { Registry } from '../registry/registry.ts';
import { noRow } from '../registry/row-list.ts';
import type { Ping } from './expiry-effects.ts';
import type { ExpiryIntervals } from './expiry-intervals.ts';

/** Hosts looked at for one of a family: a few microseconds, once in a while. */
const maxLooked = 1_000;

type Family = 'ipv4' | 'ipv6';

/** `deaf`: too few hosts are heard. `unheard`: none has ever answered. Or no ping to that family can be sent. */
type Inability = 'deaf' | 'unheard' | Family;

/** Pings of one address family that could not be sent, none since `since` being sent; monotonic ms. */
interface Unsent {
  since: number;
  at: number;
  /** the latest of them */
  ping: Ping;
}

/** What this server can judge; `mono` is monotonic time in ms. */
export class Ability {
  /** null: every host */
  cannotJudge: Unable | null = null;
  private readonly registry: Registry;
  private intervals: ExpiryIntervals;
  private readonly unsent = new Map<Family, Unsent>();
  /** when each kind of inability was last seen */
  private readonly lasting = new Map<Inability, number>();
  private unheardSince: number | null = null;

  constructor(registry: Registry, intervals: ExpiryIntervals) {
    this.registry = registry;
    this.intervals = intervals;
  }

  configure(intervals: ExpiryIntervals): void {
    this.intervals = intervals;
  }

  /** Too few hosts are heard, or were until less than a ping cycle ago. */
  get isDeaf(): boolean {
    return this.lasting.has('deaf');
  }

  /** A ping has ended. `wasSent`: this machine could send it, whether it was answered or not. */
  pingEnded(ping: Ping, wasSent: boolean, mono: number): void {
    const words = parseAddress(ping.address);
    if (words === null) return;
    const family = isIpv4(words, 0) ? 'ipv4' : 'ipv6';
    if (wasSent) this.unsent.delete(family);
    else this.unsent.set(family, { since: this.unsent.get(family)?.since ?? mono, at: mono, ping });
  }

  /**
   * @param now `isDeaf`: too few hosts are heard; `isUnheard`: none has ever answered; `isOverridden`: an operator
   *   knows that this is no fault of this server
   */
  tick(mono: number, now: { isDeaf: boolean; isUnheard: boolean; isOverridden: boolean }): void {
    const { cycleMs } = this.intervals;
    this.unheardSince = now.isUnheard ? (this.unheardSince ?? mono) : null;
    if (now.isDeaf) this.lasting.set('deaf', mono);
    if (this.unheardSince !== null && mono - this.unheardSince >= cycleMs)
      this.lasting.set('unheard', mono);
    if (now.isOverridden)
      for (const kind of ['deaf', 'unheard'] as const) this.lasting.delete(kind);
    for (const [family, { since, at }] of this.unsent)
      if (at - since >= cycleMs) this.lasting.set(family, mono);
    for (const [kind, at] of this.lasting) if (mono - at >= cycleMs) this.lasting.delete(kind);
    const has = (kind: Inability) => this.lasting.has(kind);
    if (has('deaf') || has('unheard') || (has('ipv4') && has('ipv6'))) this.cannotJudge = 'all';
    else this.cannotJudge = has('ipv4') ? 'ipv4' : has('ipv6') ? 'ipv6' : null;
  }

  /**
   * After a ping that could not be sent others, at the pace of attempts: a server without a share would never learn
   * otherwise that it can send them. Each goes to another host of that family: one of them may have no route, and the
   * rest have.
   */
  probes(mono: number): Ping[] {
    const probes: Ping[] = [];
    for (const [family, unsent] of this.unsent) {
      if (mono - unsent.at <= this.intervals.retryMs) continue;
      unsent.at = mono;
      const row = this.rowAfter(family, unsent.ping.address);
      if (row === noRow) {
        this.unsent.delete(family);
        continue;
      }
      const { address, nodeId, dialect } = this.registry.record(row);
      probes.push({ ...unsent.ping, address, nodeId, dialect });
    }
    return probes;
  }

  /** The live host of the family that came before the one at `address`; after the first, the latest. `noRow`: none. */
  private rowAfter(family: Family, address: string): number {
    const { live, addresses } = this.registry;
    const known = this.registry.find(parseAddress(address) as Uint32Array, 0);
    let row = known !== noRow && this.registry.isLive(known) ? live.previousOf(known) : noRow;
    for (let looked = 0; looked < maxLooked; looked++) {
      if (row === noRow) row = live.last;
      if (row === noRow) break;
      if (isIpv4(addresses, row * addressWords) === (family === 'ipv4')) return row;
      row = live.previousOf(row);
    }
    return noRow;
  }
}
