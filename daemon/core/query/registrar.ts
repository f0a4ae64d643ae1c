// What a request changes in the registry: it registers its asker or removes it (PROTOCOL.md, "Requests and
// replies"). An asker's address is the source IP of its connection and the port it names, never an IP it claims.
// The caller commits what is pending in the registry before it replies.

import type { Counters } from '../../../shared/counters.ts';
import { addressKind, kindOf, networkOf, sourceOf } from '../../../shared/protocol/address-kind.ts';
import type { ErrorCode, Reply, Request } from '../../../shared/protocol/message.ts';
import { isSameLanguage } from '../../../shared/protocol/sync-message.ts';
import type { Takeovers } from '../expiry/takeovers.ts';
import type { HostDialect, Registry } from '../registry/registry.ts';
import { noRow } from '../registry/row-list.ts';
import { hasRoomForUnknown } from '../registry/tombstones.ts';
import { SourceBudget } from '../timing/timing.ts';
import type { Origin } from './verdict.ts';

/** A request that names a node. */
export type NodeRequest = Exclude<Request, { verb: 'ping' }>;

/** What a request did to its asker's host; `unchanged`: no change of the list. */
export type Effect = 'registered' | 'returned' | 'left' | 'unchanged';

/** Why it did nothing: the reply. */
export type RequestError = Reply & { kind: 'busy' | 'error' };

/** A collaborator that finds out which of two nodes has an address (core/expiry/takeovers.ts). */
export type ClaimTaker = Pick<Takeovers, 'claim'>;

/**
 * Leaves of unknown hosts that one source may have recorded: 256 at once, then one every ten seconds. Of the
 * hundreds of nodes behind a carrier's address few are unknown: those that registered elsewhere seconds ago. A
 * tombstone lives for a day, so a source has 8,896 of them at most.
 */
const unknownLeaves = { atOnce: 256, everyMs: 10_000 };

/** Most new hosts a minute: of a source, and of an IPv4 /24 or an IPv6 /48. */
export interface NewHostLimits {
  newHostsPerSource: number;
  newHostsPerNetwork: number;
}

const minuteMs = 60_000;

/** When a node whose source has too many new hosts may come back, in seconds: some more may register by then. */
const comeBackSeconds = 20;

/** Carries requests out; one for each registry. */
export class Registrar {
  /** address of the latest asker, packed */
  readonly asker = new Uint32Array(5);
  private readonly registry: Registry;
  private readonly counters: Counters;
  private readonly takeovers: ClaimTaker | null;
  private perSource: SourceBudget | null = null;
  private perNetwork: SourceBudget | null = null;
  private readonly unknown = new SourceBudget(unknownLeaves.atOnce, unknownLeaves.everyMs);

  /** Without `takeovers`, a node that claims the address of a live host is believed. */
  constructor(registry: Registry, counters: Counters, takeovers: ClaimTaker | null = null) {
    this.registry = registry;
    this.counters = counters;
    this.takeovers = takeovers;
  }

  /** Limits new hosts from now on; without a call there is no limit. */
  configure({ newHostsPerSource: ofSource, newHostsPerNetwork: ofNetwork }: NewHostLimits): void {
    this.perSource = new SourceBudget(ofSource, minuteMs / ofSource);
    this.perNetwork = new SourceBudget(ofNetwork, minuteMs / ofNetwork);
  }

  /** Carries out a request that arrived at `now` (ms since 1970). */
  carryOut(request: NodeRequest, { ip, dialect }: Origin, now: number): Effect | RequestError {
    const { counters } = this;
    this.asker.set(ip);
    this.asker[4] = request.port;
    switch (request.verb) {
      case 'query':
        counters.queries++;
        if (dialect === 'legacy') counters.legacyQueries++;
        return this.register(request.nodeId, dialect, now);
      case 'alive':
        counters.alives++;
        return this.register(request.nodeId, dialect, now);
      case 'leave':
        counters.leaves++;
        return this.leave(request.nodeId, now);
    }
  }

  private register(nodeId: string, dialect: HostDialect, now: number): Effect | RequestError {
    const { registry, counters } = this;
    const row = registry.find(this.asker, 0);
    const isListed = row !== noRow && registry.isLive(row);
    if (isListed && this.takeovers !== null && this.isOtherwise(row, nodeId, dialect)) {
      // The host stays listed as it is until a ping shows which node has the address.
      this.takeovers.claim(this.asker, nodeId, dialect);
      return 'unchanged';
    }
    if (!isListed && !this.mayBeNew(now)) {
      counters.tooManyNew++;
      return { kind: 'busy', seconds: comeBackSeconds };
    }
    const { crowdedOut } = registry;
    const registered = registry.register(this.asker, nodeId, dialect, now);
    counters.crowdedOut += registry.crowdedOut - crowdedOut;
    switch (registered) {
      case 'over-share':
        counters.registryFull++;
        return refusal(
          'registry-full',
          `${sourceOf(this.asker)} has as many hosts here as one source may (${registry.shares.mostHosts}, and those that left within a day); use another name server`,
        );
      case 'full':
        counters.registryFull++;
        return refusal(
          'registry-full',
          `the registry is full (${registry.maxHosts} hosts); use another name server`,
        );
      case 'refreshed':
        counters.refreshed++;
        return 'unchanged';
      default:
        counters.registered++;
        return registered;
    }
  }

  /** Whether the asker's source and its network have few new hosts in this minute. */
  private mayBeNew(now: number): boolean {
    const { asker, perSource, perNetwork } = this;
    // Who can use the addresses of this machine is on it already.
    if (kindOf(asker, 0) === addressKind.loopback) return true;
    return (
      (perSource?.take(sourceOf(asker), now) ?? true) &&
      (perNetwork?.take(networkOf(asker), now) ?? true)
    );
  }

  private isOtherwise(row: number, nodeId: string, dialect: HostDialect): boolean {
    const { registry } = this;
    return (
      !registry.nodeIds.equals(row, nodeId) || !isSameLanguage(registry.dialectOf(row), dialect)
    );
  }

  private leave(nodeId: string, now: number): Effect | RequestError {
    const { registry, counters } = this;
    const row = registry.find(this.asker, 0);
    if (row === noRow || !registry.isLive(row)) return this.leaveUnknown(nodeId, now);
    // Several nodes may share the asker's IP; the node id shows that the host is its own.
    if (!registry.nodeIds.equals(row, nodeId))
      return refusal(
        'wrong-node-id',
        `${registry.record(row).address} is registered under another node id than ${nodeId}; leave with the id it was registered with`,
      );
    registry.remove(row, now);
    counters.left++;
    return 'left';
  }

  /** The host may have registered with a peer a moment ago, or behind a partition: peers must learn that it left. */
  private leaveUnknown(nodeId: string, now: number): Effect | RequestError {
    const { registry, asker } = this;
    const hasRoom = hasRoomForUnknown(registry.gone.length, registry.maxHosts);
    if (!hasRoom || !this.unknown.take(sourceOf(asker), now))
      return refusal(
        'not-stored',
        'too many hosts that are unknown here left from this source; send leave to the name server that replied last',
      );
    registry.leaveUnknown(asker, nodeId, now);
    return 'unchanged';
  }
}

function refusal(code: ErrorCode, text: string): RequestError {
  return { kind: 'error', code, text };
}
