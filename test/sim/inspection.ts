// Looks at all servers now and then, and once more at the end:
//
// - No dead host is served 3 TTL after it was last in contact with anybody. While there is trouble this
//   is asked of a server only when it and those it shares the work with have been able to judge for
//   1.5 TTL: awake, connected, of one mind about who takes part, clocks right, disks writable; and one of
//   them at least can judge any host: deletes are not frozen there, and its pings arrive. A host that it knew was
//   gone may come back with a contact of which a server that was away had not told: it is judged anew. At the end it
//   holds without exception, unless all hosts are silent: then no server has proof that its network works.
// - Nothing that left comes back: a server that has the tombstone of a leave serves that host again only
//   when there was a contact since, or one before that was later by the clock of the server that had it.
// - A server that is gone does not count in the sharing out of work once it was silent for long enough.
// - At the end all servers hold the same live records, but for `lastSeen`, and in them every host that
//   lives and whose latest answered contact is later than whatever was decided against it.
import { noRow } from '../../daemon/core/registry/row-list.ts';
import { maxAheadMs, type Version } from '../../daemon/core/registry/version.ts';
import { wallAt } from './clock.ts';
import type { Fleet } from './fleet.ts';
import type { Host } from './host.ts';
import { type Deletion, isNewer, type Oracle } from './oracle.ts';
import type { SimProcess } from './process.ts';
import type { Server } from './server.ts';
import type { Act } from './surroundings.ts';

/** In TTLs. */
export const servedAfterDeath = 3;
const timeToJudge = 1.5;

/** What a server that is gone had sent may arrive as late as this, on the slowest line; ms. */
const lateMs = 6_000;

/** What the last look at a server found. */
interface Glance {
  process: SimProcess | null;
  /** since when it and those it works with can judge */
  soundSince: number;
  /** hosts that left, and that it knows left */
  left: Set<string>;
  /** hosts that are gone there */
  gone: Set<string>;
  /** when hosts that were gone there were served again */
  backAt: Map<string, number>;
}

export class Inspection {
  /** until when a server's clock counts as wrong, by server */
  readonly clockWrongUntil = new Map<number, number>();
  private readonly fleet: Fleet;
  private readonly oracle: Oracle;
  private readonly glances: Glance[];
  /** of leaves that were said while the clock was ahead: the version that each was given since */
  private readonly stampedAnew = new Map<Act, Version>();

  constructor(fleet: Fleet, oracle: Oracle) {
    this.fleet = fleet;
    this.oracle = oracle;
    this.glances = fleet.servers.map(() => ({
      ...{ process: null, soundSince: 0, left: new Set<string>() },
      ...{ gone: new Set<string>(), backAt: new Map<string, number>() },
    }));
  }

  every(ms: number): void {
    this.fleet.world.after(ms, () => {
      this.look();
      this.every(ms);
    });
  }

  private look(): void {
    const { servers, world } = this.fleet;
    const minds = servers.map((server) => server.process?.participants().join(' ') ?? null);
    for (const server of servers) {
      const glance = this.glances[server.index] as Glance;
      this.lookForLost(server, minds[server.index] ?? '');
      if (!this.canJudge(server, minds)) glance.soundSince = world.now;
      this.lookFor(server, glance);
    }
  }

  private lookFor(server: Server, glance: Glance): void {
    const { fleet, oracle } = this;
    const { now } = fleet.world;
    const { process } = server;
    const isSame = glance.process === process;
    const knew = isSame ? glance.left : new Set<string>();
    const wasGone = isSame ? glance.gone : new Set<string>();
    if (!isSame) glance.backAt.clear();
    glance.process = process;
    glance.left = new Set();
    glance.gone = new Set();
    if (process === null) return;
    const { registry } = process;
    const judgesSince = now - timeToJudge * fleet.ttlMs;
    for (const host of fleet.hosts.values()) {
      const row = registry.find(host.words, 0);
      if (row === noRow) continue;
      const leave = this.leaveOf(host, now);
      if (!registry.isLive(row)) {
        glance.gone.add(host.address);
        if (leave !== null && registry.versions.compare(row, leave.version) >= 0)
          glance.left.add(host.address);
        continue;
      }
      // A leave ends one node. A server that has another one at the address, which it did not know to be
      // gone because it was restored from a backup, denies that this one left.
      const isOfNode = leave !== null && registry.nodeIds.equals(row, leave.nodeId);
      if (isOfNode && knew.has(host.address))
        oracle.complain(
          `${host.address} left at ${seconds(leave.at)} and is served again by ${server.id}, which knew`,
        );
      if (wasGone.has(host.address)) glance.backAt.set(host.address, now);
      const silent = now - this.silentSince(host);
      const isSound =
        Math.max(glance.soundSince, glance.backAt.get(host.address) ?? 0) < judgesSince;
      if (isSound && silent > servedAfterDeath * fleet.ttlMs)
        oracle.complain(
          `${host.address} is still served by ${server.id}, ${seconds(silent)} after its last sign of life`,
        );
    }
  }

  private lookForLost(server: Server, mind: string): void {
    const { now } = this.fleet.world;
    const patienceMs = this.fleet.membership.downMs + lateMs;
    if (!server.isAwake) return;
    const counted = new Set(mind.split(' '));
    for (const other of this.fleet.servers) {
      if (other.process !== null || !counted.has(other.id)) continue;
      // What it had sent arrives when a line that was cut is mended, and when a sleeper wakes.
      const silent = now - Math.max(other.crashedAt, server.wakesAt, this.fleet.reach.mendedAt);
      if (silent > patienceMs)
        this.oracle.complain(
          `${server.id} counts on ${other.id}, which has been gone for ${seconds(silent)}`,
        );
    }
  }

  /** At the end, when nothing was wrong for long enough. */
  conclude(): void {
    const { fleet, oracle } = this;
    if (!fleet.isOneList())
      for (const server of fleet.servers)
        oracle.complain(`lists differ: ${server.id} serves ${this.listText(server)}`);
    const hasProof = this.hasProof();
    for (const host of fleet.hosts.values()) {
      const due = this.mustBeServed(host);
      const silent = fleet.world.now - this.silentSince(host);
      for (const server of fleet.servers) {
        const isServed = server.serves(host.address);
        if (due !== null && !isServed)
          oracle.complain(
            `${host.address} lives, was answered by server-${due.server} at ${seconds(due.at)}, and is not served by ${server.id}`,
          );
        if (isServed && hasProof && silent > servedAfterDeath * fleet.ttlMs)
          oracle.complain(
            `${host.address} is served by ${server.id} at the end, ${seconds(silent)} after its last sign of life`,
          );
      }
    }
    for (const server of fleet.servers)
      for (const { address, state, lag } of server.view())
        if (state !== 'alive' || lag !== 0)
          oracle.complain(`${server.id} finds ${address} ${state} with a lag of ${lag} at the end`);
  }

  /** Whether any host was in contact with a server lately: servers that hear none must not judge. */
  private hasProof(): boolean {
    const { hosts, world, ttlMs } = this.fleet;
    const since = world.now - ttlMs;
    const wasHeard = ({ address }: Host) =>
      (this.oracle.factsOf(address).contacts.at(-1)?.at ?? 0) > since;
    return [...hosts.values()].some(wasHeard);
  }

  /** The contact for which a living host must be in every list, or null. */
  private mustBeServed(host: Host): Act | null {
    if (!host.isAlive) return null;
    const { contacts, leaves, deletions } = this.oracle.factsOf(host.address);
    const contact = contacts.findLast((act) => act.isAnswered && !act.isForgotten);
    if (contact === undefined || contact.at < host.since) return null;
    const isAhead = ({ version, at }: Act) => version.ms > wallAt(at) + maxAheadMs;
    // Both from clocks that were ahead are stamped anew, each when its server knows: their order is lost.
    for (const leave of leaves)
      if (
        leave.at >= contact.at ||
        !isNewer(contact.version, leave.version) ||
        (isAhead(leave) && isAhead(contact))
      )
        return null;
    // A clock that was ahead is set back, and the contact with it; one that is behind takes the contact back.
    const corrected = contact.isClockWrong ? contact.version.ms : contact.lastSeen;
    const seen = Math.min(contact.lastSeen, corrected, wallAt(contact.at));
    const wasTakenBack = isAhead(contact);
    // Published anew it wins over a delete that did not know of it, unless that server published it.
    const knewOfIt = ({ server, version }: Deletion) =>
      server === contact.server || version.ms > wallAt(contact.at) - maxAheadMs;
    const wasJudged = deletions.some(
      (deletion) =>
        (wasTakenBack && deletion.at >= contact.at && knewOfIt(deletion)) ||
        (!isNewer(contact.version, deletion.version) &&
          seen <= Math.max(deletion.version.ms, deletion.lastSeen)),
    );
    if (wasJudged) return null;
    return contact;
  }

  /**
   * The latest leave, when it was answered and nothing since speaks against it. Said while the clock was
   * ahead, it counts from when it was stamped anew: until then nobody else could know of it.
   */
  private leaveOf(host: Host, now: number): Pick<Act, 'at' | 'nodeId' | 'version'> | null {
    const { contacts, leaves } = this.oracle.factsOf(host.address);
    const leave = leaves.at(-1);
    if (leave === undefined || !leave.isAnswered || leave.isForgotten || host.isAlive) return null;
    const isPossible = leave.version.ms <= wallAt(leave.at) + maxAheadMs;
    const version = isPossible ? leave.version : this.versionSince(leave, host, now);
    if (version === null) return null;
    const latest = Math.max(version.ms, isPossible ? leave.lastSeen : 0);
    const isUndone = contacts.some(
      (act) => act.at > leave.at || act.lastSeen > latest || !isNewer(version, act.version),
    );
    return isUndone ? null : { at: leave.at, nodeId: leave.nodeId, version };
  }

  /** What the server that a leave was said to has stamped it with since; null: it has not. */
  private versionSince(leave: Act, { words }: Host, now: number): Version | null {
    const known = this.stampedAnew.get(leave);
    if (known !== undefined) return known;
    const { id, process } = this.fleet.at(leave.server);
    const row = process?.registry.find(words, 0) ?? noRow;
    if (process === null || row === noRow || !process.registry.isGone(row)) return null;
    const version = process.registry.versions.get(row);
    const isOfNow =
      version.ms > wallAt(leave.at) - maxAheadMs && version.ms <= wallAt(now) + maxAheadMs;
    if (version.server !== id || !isOfNow) return null;
    this.stampedAnew.set(leave, version);
    return version;
  }

  /** Since when nobody can know that the host lives; now, while it does. */
  private silentSince(host: Host): number {
    if (host.isAlive) return this.fleet.world.now;
    const { contacts } = this.oracle.factsOf(host.address);
    return Math.max(host.since, contacts.at(-1)?.at ?? 0);
  }

  /** Whether the server and all it shares the work with are in a state to judge hosts. */
  private canJudge(server: Server, minds: readonly (string | null)[]): boolean {
    const mind = minds[server.index] ?? null;
    if (mind === null) return false;
    const { reach, network, servers } = this.fleet;
    if (servers.some((each) => this.isClockWrong(each))) return false;
    const others = mind.split(' ').map((id) => this.fleet.at(Number(id.split('-')[1])));
    const areWell = others.every(
      (other) =>
        minds[other.index] === mind &&
        this.isWell(other) &&
        reach.between(server.index, other.index) &&
        network.delayMs(server.index, other.index) === 0,
    );
    return areWell && others.some((other) => this.mayDelete(other));
  }

  private mayDelete({ index, process }: Server): boolean {
    const { reach } = this.fleet;
    return (
      process?.expiry.frozenFor === null &&
      !reach.isMuted(index) &&
      !reach.lacksFamily(index, '[::1]:1')
    );
  }

  private isWell(server: Server): boolean {
    return (
      server.isAwake &&
      !server.disk.isFull &&
      !this.fleet.reach.isIsolated(server.index) &&
      ['canaries', null].includes(server.process?.expiry.frozenFor ?? null)
    );
  }

  /** Its records reach all the others, before it takes part and after. */
  private isClockWrong({ index, isAwake }: Server): boolean {
    return isAwake && this.fleet.world.now < (this.clockWrongUntil.get(index) ?? 0);
  }

  private listText(server: Server): string {
    return server
      .live()
      .map(({ address, nodeId, version }) => `${address} ${nodeId} ${version.ms}.${version.server}`)
      .join(', ');
  }
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(3)} s`;
}
