// What a request does to the registry: it registers its asker, or takes it away (PROTOCOL.md,
// "Requests and replies"). The address of an asker is the source of its connection and the port it
// names, never an IP it claims. Whoever calls this persists what the registry has pending before
// anybody is told.
import { sourceOf } from '../../../shared/protocol/address-kind.ts';
import type { ErrorCode, Refusal, Request } from '../../../shared/protocol/message.ts';
import type { Takeovers } from '../expiry/takeovers.ts';
import type { HostDialect, Registered, Registry } from '../registry/registry.ts';
import { noRow } from '../registry/row-list.ts';
import { hasRoomForUnknown } from '../registry/tombstones.ts';
import type { Counters } from '../stats/counters.ts';
import { SourceBudget } from '../timing/timing.ts';

/** Where a request came from: the IP words of the connection's source, and the dialect it speaks. */
export interface Origin {
  readonly ip: Uint32Array;
  readonly dialect: HostDialect;
}

/** A host that came or went, for whoever watches; `address` is good until the next request. */
export interface Arrival {
  effect: 'registered' | 'returned' | 'left';
  address: Uint32Array;
  nodeId: string;
}

export interface Outcome {
  /** why nothing was done; null: it was */
  refusal: Refusal | null;
  host: Arrival | null;
}

/** A request that names a node. */
export type NodeRequest = Exclude<Request, { verb: 'ping' }>;

/**
 * Leaves of hosts that are not known here, of one source. Hundreds of nodes may be behind a carrier's address,
 * and they come and go by and by: of those few are unknown, which registered elsewhere seconds ago. With a
 * tombstone that lives for a day, a source has 8,896 of them at most.
 */
const unheardLeaves = { atOnce: 256, everyMs: 10_000 };

const quietly: Outcome = { refusal: null, host: null };

export class Registrar {
  /** Address of the node that asked last. */
  readonly asker = new Uint32Array(5);
  private readonly registry: Registry;
  private readonly counters: Counters;
  private readonly unheard = new SourceBudget(unheardLeaves.atOnce, unheardLeaves.everyMs);

  private readonly takeovers: Pick<Takeovers, 'claim'> | null;

  /** Without `takeovers` a node is believed that it has the address of a live host. */
  constructor(
    registry: Registry,
    counters: Counters,
    takeovers: Pick<Takeovers, 'claim'> | null = null,
  ) {
    this.registry = registry;
    this.counters = counters;
    this.takeovers = takeovers;
  }

  /** Does what a request that arrived at `now` (ms since 1970) asks for. */
  carryOut(request: NodeRequest, origin: Origin, now: number): Outcome {
    const { counters } = this;
    this.asker.set(origin.ip);
    this.asker[4] = request.port;
    switch (request.verb) {
      case 'query':
        counters.queries++;
        return this.register(request.nodeId, origin.dialect, now);
      case 'alive':
        counters.alives++;
        return this.register(request.nodeId, origin.dialect, now);
      case 'leave':
        counters.leaves++;
        return this.leave(request.nodeId, now);
    }
  }

  private register(nodeId: string, dialect: HostDialect, now: number): Outcome {
    const { registry, counters } = this;
    if (this.takeovers !== null && this.isKnownOtherwise(nodeId, dialect)) {
      // The address is listed as it is; who has it is found out.
      this.takeovers.claim(this.asker, nodeId, dialect);
      return quietly;
    }
    const { crowdedOut } = registry;
    const registered = registry.register(this.asker, nodeId, dialect, now);
    counters.crowdedOut += registry.crowdedOut - crowdedOut;
    if (registered === 'over-share') {
      counters.registryFull++;
      return refused(
        'registry-full',
        `${sourceOf(this.asker)} has its share of this name server (${registry.shares.mostHosts} hosts, and a day's that left); ask another one`,
      );
    }
    if (registered === 'full') {
      counters.registryFull++;
      return refused(
        'registry-full',
        `this name server holds ${registry.maxHosts} hosts, as many as it may; ask another one`,
      );
    }
    if (registered === 'refreshed') counters.refreshed++;
    else counters.registered++;
    return this.noting(registered, nodeId);
  }

  private isKnownOtherwise(nodeId: string, dialect: HostDialect): boolean {
    const { registry } = this;
    const row = registry.find(this.asker, 0);
    if (row === noRow || !registry.isLive(row)) return false;
    return !registry.nodeIds.equals(row, nodeId) || registry.dialectOf(row) !== dialect;
  }

  private leave(nodeId: string, now: number): Outcome {
    const { registry, counters } = this;
    const row = registry.find(this.asker, 0);
    if (row === noRow || !registry.isLive(row)) return this.leaveUnknown(nodeId, now);
    // Others may share the asker's IP: only who knows the node id may take the host away.
    if (!registry.nodeIds.equals(row, nodeId))
      return refused(
        'wrong-node-id',
        `${registry.record(row).address} is registered under another node id than ${nodeId}; leave with the id it was registered with`,
      );
    registry.remove(row, now);
    counters.left++;
    return this.noting('left', nodeId);
  }

  /** It may have registered elsewhere a moment ago, or behind a cut: the others must learn that it left. */
  private leaveUnknown(nodeId: string, now: number): Outcome {
    const { registry, asker } = this;
    const hasRoom = hasRoomForUnknown(registry.gone.length, registry.maxHosts);
    if (hasRoom && this.unheard.take(sourceOf(asker), now)) {
      registry.leaveUnknown(asker, nodeId, now);
      return quietly;
    }
    return refused(
      'not-stored',
      'more hosts left from there than were ever heard of here; say leave to the name server that answered last',
    );
  }

  private noting(
    what: Arrival['effect'] | Exclude<Registered, 'full' | 'over-share'>,
    nodeId: string,
  ): Outcome {
    if (what === 'refreshed') return quietly;
    return { refusal: null, host: { effect: what, address: this.asker, nodeId } };
  }
}

function refused(code: ErrorCode, text: string): Outcome {
  return { refusal: { code, text }, host: null };
}
