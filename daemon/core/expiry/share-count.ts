// How many live hosts each of the servers that share the pings has, counted on the walk over all rows
// that looks for those that are due (expiry-scan.ts), so that it costs no walk of its own. A count is
// about the servers that shared while it was made: when they change, it begins anew.
import { addressWords } from '../../../shared/protocol/address.ts';
import type { Registry } from '../registry/registry.ts';
import { ownerIndex, type Participant } from './rendezvous.ts';

export interface ShareView {
  /** false: not every row was looked at yet since the servers changed; `hosts` are those until now */
  complete: boolean;
  servers: { id: string; hosts: number }[];
}

export class ShareCount {
  private readonly registry: Registry;
  private servers: readonly Participant[] = [];
  /** of each server, in this round */
  private hosts: number[] = [];
  private rows = 0;
  /** of each server, when every row had been looked at */
  private last: readonly number[] | null = null;

  constructor(registry: Registry) {
    this.registry = registry;
  }

  /** The servers from now on. */
  among(servers: readonly Participant[]): void {
    if (isSame(servers, this.servers)) return;
    this.servers = servers;
    this.last = null;
    this.begin();
  }

  /** The walk has come to `row`; it comes to all in turn. */
  look(row: number, isLive: boolean): void {
    const { addresses, rowsUsed } = this.registry;
    const owner = isLive ? ownerIndex(addresses, row * addressWords, this.servers) : -1;
    if (owner >= 0) this.hosts[owner] = (this.hosts[owner] as number) + 1;
    if (++this.rows < rowsUsed) return;
    this.last = this.hosts;
    this.begin();
  }

  view(): ShareView {
    const hosts = this.last ?? this.hosts;
    return {
      complete: this.last !== null || this.registry.rowsUsed === 0,
      servers: this.servers.map(({ id }, index) => ({ id, hosts: hosts[index] as number })),
    };
  }

  private begin(): void {
    this.hosts = this.servers.map(() => 0);
    this.rows = 0;
  }
}

function isSame(some: readonly Participant[], others: readonly Participant[]): boolean {
  return some.length === others.length && some.every(({ id }, index) => id === others[index]?.id);
}
