// A snapshot of the zone as one kind of asker sees it: nobody is given an address that it cannot reach (PROTOCOL.md,
// "Address visibility").
import { everyKind, kindOf, kindsListedTo } from '../../../shared/protocol/address-kind.ts';
import { KeptAnswers } from './kept-answers.ts';
import { drawnFor, type ZoneHost, type ZoneSnapshot } from './zone-snapshot.ts';

/** What one kind of asker sees. */
export interface ZoneView extends Pick<ZoneSnapshot, 'ageSeconds' | 'servers' | 'serial'> {
  /** of addresses, by family */
  kinds: number;
  /** live hosts, of which the lists are a sample */
  live: number;
  /** for address records, each address once */
  ipv4: readonly ZoneHost[];
  ipv6: readonly ZoneHost[];
  /** by the transport in which they are reached */
  services: Record<Transport | 'any', readonly ZoneHost[]>;
}

/** What a host is reached by. */
export type Transport = 'tcp' | 'udp';

/** The kinds of addresses that an asker at the IP packed at `words[0]` sees; all of them with LocalHosts=everyone. */
export function kindsSeenFrom(words: Uint32Array, listsAll: boolean): number {
  return listsAll ? everyKind : kindsListedTo(kindOf(words, 0));
}

/** The views of one snapshot. */
export class ZoneViews {
  readonly snapshot: ZoneSnapshot;
  readonly answers = new KeptAnswers();
  private readonly views = new Map<number, ZoneView>();

  constructor(snapshot: ZoneSnapshot) {
    this.snapshot = snapshot;
  }

  /** What an asker sees to whom `kinds` are listed. */
  of(kinds: number): ZoneView {
    const known = this.views.get(kinds);
    if (known !== undefined) return known;
    const { hosts, live, ageSeconds, servers, serial } = this.snapshot;
    const seen = hosts.filter(({ kind }) => (kind & kinds) !== 0);
    const drawn = (use: number) => seen.filter(({ uses }) => (uses & use) !== 0);
    const forAddresses = distinctIps(drawn(drawnFor.address));
    const made: ZoneView = {
      ...{ kinds, ageSeconds, servers, serial },
      services: {
        any: drawn(drawnFor.service),
        tcp: drawn(drawnFor.tcp),
        udp: drawn(drawnFor.udp),
      },
      live: live.find(([listed]) => listed === kinds)?.[1] ?? seen.length,
      ipv4: forAddresses.filter(({ ip }) => ip.length === 4),
      ipv6: forAddresses.filter(({ ip }) => ip.length === 16),
    };
    this.views.set(kinds, made);
    return made;
  }
}

/** One host for each address: those behind one NAT differ in their ports, which address records do not tell. */
export function distinctIps<Host extends ZoneHost>(hosts: readonly Host[]): Host[] {
  const byIp = new Map<string, Host>();
  for (const host of hosts) {
    const ip = host.ip.join();
    if (!byIp.has(ip)) byIp.set(ip, host);
  }
  return [...byIp.values()];
}
