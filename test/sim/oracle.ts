// Knows what really happened to every host and every promise that a server made, and finds fault the
// moment a server breaks one of the rules that hold at any time:
//
// - What was answered is on the disk: a server that starts again, unless its disk was restored from a
//   backup, holds it or something newer. (What it said while its clock was further ahead than peers
//   tolerate may be replaced by something older, said when its clock was right.)
// - A host is deleted by a server only after as many pings of that server's own as there are attempts,
//   over a cycle, none answered; and not when it was alive and could be reached from there throughout
//   them, or when that server had lost its own network in all of them. Where there were others to ask, at least one of them could not have found it alive.
import { expiryIntervals } from '../../daemon/core/expiry/expiry-intervals.ts';
import { noRow } from '../../daemon/core/registry/row-list.ts';
import { compareVersions, maxAheadMs, type Version } from '../../daemon/core/registry/version.ts';
import { packed } from '../fixture/registry.ts';
import { wallAt } from './clock.ts';
import type { Fleet } from './fleet.ts';
import type { Server } from './server.ts';
import type { Act, Deleted, Witness } from './surroundings.ts';

/** A delete, and where and when. */
export interface Deletion extends Deleted {
  server: number;
  at: number;
}

/** A ping, and whether its server's pings could reach nobody at all. */
interface Attempt {
  at: number;
  isLost: boolean;
}

/** What is known of one host. */
export interface HostFacts {
  contacts: Act[];
  leaves: Act[];
  deletions: Deletion[];
  /** the newest version of its contacts and leaves; null: there are none */
  newest: Version | null;
}

export class Oracle implements Witness {
  readonly problems: string[] = [];
  deletes = 0;
  fleet: Fleet | null = null;
  private readonly facts = new Map<string, HostFacts>();
  /** by server: when it pinged a host since their latest contact there */
  private readonly pings = new Map<number, Map<string, Attempt[]>>();

  factsOf(address: string): HostFacts {
    let facts = this.facts.get(address);
    if (facts === undefined) {
      facts = { contacts: [], leaves: [], deletions: [], newest: null };
      this.facts.set(address, facts);
    }
    return facts;
  }

  complain(text: string): void {
    const { world } = this.theFleet;
    this.problems.push(`at ${(world.now / 1_000).toFixed(3)} s: ${text}`);
  }

  started(index: number): void {
    const server = this.theFleet.at(index);
    this.pings.set(server.index, new Map());
    for (const act of server.promised) if (!act.isForgotten) this.checkKept(server, act);
  }

  acted(act: Act): void {
    const facts = this.factsOf(act.address);
    this.forgetWrongTimes(facts, act);
    if (facts.newest === null || isNewer(act.version, facts.newest)) facts.newest = act.version;
    if (act.what === 'leave') {
      facts.leaves.push(act);
      return;
    }
    facts.contacts.push(act);
    this.pings.get(act.server)?.delete(act.address);
  }

  /**
   * What a server said while its clock was wrong is no promise once it changes it with a right one,
   * and whatever it said none once it changes it with a wrong one. A contact may carry a version from
   * such a time long after it.
   */
  private forgetWrongTimes({ contacts, leaves, newest }: HostFacts, act: Act): void {
    const { clock } = this.theFleet.at(act.server);
    const bound = clock.now().wall + maxAheadMs;
    // Nothing earlier has a version that is impossible now, or newer than this one.
    if (newest === null || (newest.ms <= bound && !isNewer(newest, act.version))) return;
    const isWrong = Math.abs(clock.offsetMs) > maxAheadMs;
    for (const earlier of contacts.concat(leaves)) {
      const wasAhead = earlier.version.ms > wallAt(earlier.at) + maxAheadMs;
      const isUndone =
        (isWrong || wasAhead) &&
        earlier.server === act.server &&
        isNewer(earlier.version, act.version);
      if (earlier.version.ms > bound || isUndone) earlier.isForgotten = true;
    }
  }

  answered(): void {}

  pinged(index: number, address: string): void {
    const server = this.theFleet.at(index);
    const pings = this.pings.get(server.index) as Map<string, Attempt[]>;
    const { reach, world } = this.theFleet;
    const isLost = reach.isIsolated(server.index) || reach.isMuted(server.index);
    const attempt = { at: world.now, isLost };
    const attempts = pings.get(address);
    if (attempts === undefined) pings.set(address, [attempt]);
    else attempts.push(attempt);
  }

  expired(index: number, deleted: Deleted): void {
    const server = this.theFleet.at(index);
    const { world, attempts } = this.theFleet;
    this.deletes++;
    this.factsOf(deleted.address).deletions.push({
      ...deleted,
      server: server.index,
      at: world.now,
    });
    const pings = this.pings.get(server.index)?.get(deleted.address) ?? [];
    this.pings.get(server.index)?.delete(deleted.address);
    if (pings.length >= attempts) this.checkJudgement(server, deleted, pings);
    else
      this.complain(
        `${deleted.address} deleted by ${server.id} after ${pings.length} pings since their last contact, not ${attempts}`,
      );
  }

  private get theFleet(): Fleet {
    if (this.fleet === null) throw new Error('the oracle watches no fleet');
    return this.fleet;
  }

  private checkJudgement(server: Server, deleted: Deleted, pings: Attempt[]): void {
    const { ttlMs, attempts, hosts } = this.theFleet;
    const { address, nodeId, dialect } = deleted;
    const { cycleMs, tickMs } = expiryIntervals(ttlMs, attempts);
    const who = `${address} deleted by ${server.id}`;
    const judged = pings.slice(-attempts);
    const [first, last] = [judged[0]?.at as number, judged.at(-1)?.at as number];
    const span = last - (pings[0] as Attempt).at;
    if (span < cycleMs - tickMs)
      this.complain(`${who} after attempts over ${Math.round(span)} ms, not ${cycleMs}`);
    // A native ping is no longer answered with that id. Of a legacy host an accepted connection is the answer.
    const host = hosts.get(address);
    if (host === undefined || (dialect === 'native' && !host.isKnownAs(nodeId))) return;
    if (this.wasReachable(server.index, address, first))
      this.complain(`${who}, alive and in reach of it throughout the attempts`);
    if (
      this.canKnow(server) &&
      host.isAlive &&
      host.since <= first &&
      judged.every(({ isLost }) => isLost)
    )
      this.complain(`${who}, alive, but that server had lost its own network`);
    const others = (server.process?.participants() ?? []).filter((id) => id !== server.id);
    // The opinion may be from before the last attempts, so the host must live since the first. A server that knows of
    // its deletion before that, which did not reach this one, says so instead of pinging it, whatever it has learned by
    // now; and one that knows another node there gets no answer from that.
    const begun = (pings[0] as Attempt).at;
    const { deletions } = this.factsOf(address);
    const couldTell = (id: string) => {
      const other = this.theFleet.at(Number(id.split('-')[1]));
      const known = other.live().find((each) => each.address === address);
      return (
        host.since <= first &&
        known !== undefined &&
        !deletions.some((each) => each.server === other.index && each.at >= begun) &&
        (known.dialect !== 'native' || host.isKnownAs(known.nodeId)) &&
        this.wasReachable(other.index, address, last)
      );
    };
    if (others.length > 0 && others.every(couldTell))
      this.complain(`${who}, alive and in reach of ${others.join(', ')}, whose opinion counts`);
  }

  /** Whether a server can know that its pings arrive nowhere: only where most hosts answered before. */
  private canKnow(server: Server): boolean {
    const { registry } = server.process ?? {};
    return registry !== undefined && 2 * registry.unprovedRows.count() < registry.live.length;
  }

  /** Whether the host lived and the server could reach it ever since. */
  private wasReachable(server: number, address: string, since: number): boolean {
    const { reach, hosts } = this.theFleet;
    const host = hosts.get(address);
    if (host === undefined || !host.isAlive || host.since > since) return false;
    return reach.pingsSince(server, address) < since;
  }

  /**
   * Whether a version from a clock that was ahead gave way to an older one. It may be from before the act: peers refuse
   * it until the clock of one of them is ahead, too.
   */
  private wasTakenBack({ address }: Act): boolean {
    const { contacts, leaves } = this.factsOf(address);
    return [...contacts, ...leaves].some((each) => each.version.ms > wallAt(each.at) + maxAheadMs);
  }

  /** Whether a contact since the leave, or before it at a server with another clock, may win over it. */
  private mayOutlive(leave: Act): boolean {
    const since = leave.at - 2 * maxAheadMs;
    return this.factsOf(leave.address).contacts.some(
      ({ at, server }) => at > leave.at || (server !== leave.server && at > since),
    );
  }

  private checkKept(server: Server, act: Act): void {
    const { registry } = server.process ?? {};
    if (registry === undefined) return;
    const row = registry.find(packed(act.address), 0);
    const what = act.what === 'leave' ? 'leave' : 'registration';
    const who = `${act.address}: its ${what}, answered by ${server.id} at ${(act.at / 1_000).toFixed(3)} s,`;
    if (row === noRow) {
      this.complain(`${who} is not on the disk after a crash`);
      return;
    }
    const order = registry.versions.compare(row, act.version);
    const wasDeleted = this.factsOf(act.address).deletions.some(({ at }) => at >= act.at);
    if (order < 0 && this.wasTakenBack(act)) {
      if (registry.isLive(row) && act.what === 'leave' && !this.mayOutlive(act))
        this.complain(`${who} is undone on the disk after a crash, and its version taken back`);
      return;
    }
    if (order < 0) this.complain(`${who} is older on the disk after a crash`);
    if (order !== 0) return;
    // By a clock that is far behind the contact was before a delete that was before it.
    if (act.isClockWrong) return;
    if (registry.isGone(row) && act.what === 'contact' && !wasDeleted)
      this.complain(`${who} is gone on the disk after a crash`);
    if (registry.isLive(row) && act.what === 'leave')
      this.complain(`${who} is undone on the disk after a crash`);
  }
}

export function isNewer(a: Version, b: Version): boolean {
  return compareVersions(a, b) > 0;
}
