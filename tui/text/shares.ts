// Who pings which share of the live hosts, in names and per cent: the same on the screen and in print.
import type { Status } from '../../shared/ipc/status-contract.ts';
import { safe } from './columns.ts';
import { count } from './format.ts';
import { sharedPingsText } from './peers.ts';

export interface NamedShare {
  id: string;
  name: string;
  hosts: number;
  /** 0 to 1; all are 0 while no host was counted */
  part: number;
}

/** This server first. */
export function namedShares({ shares, server }: Pick<Status, 'shares' | 'server'>): NamedShare[] {
  const all = shares.servers.reduce((sum, { hosts }) => sum + hosts, 0);
  return shares.servers.map(({ id, address, hosts }) => ({
    id,
    name: nameOf(server, id, address),
    hosts,
    part: all === 0 ? 0 : hosts / all,
  }));
}

/** The name server with that id, as operators know it. */
export function serverName(
  { server, peers }: Pick<Status, 'server' | 'peers'>,
  id: string,
): string {
  return nameOf(server, id, peers.find((peer) => peer.id === id)?.address ?? null);
}

function nameOf(server: Status['server'], id: string, address: string | null): string {
  return id === server.id ? 'this server' : safe(address ?? id, 64);
}

/** Of each name server that pings a share, by its id. */
export type SharesById = ReadonlyMap<string | null, NamedShare>;

/** What each of them pings; nothing while there is only one. */
export function sharesById(status: Pick<Status, 'shares' | 'server'>): SharesById {
  const named = namedShares(status);
  return new Map(named.length < 2 ? [] : named.map((share) => [share.id, share]));
}

/** `33 %`; a few of many are not none. */
export function percent(part: number): string {
  return part > 0 && part < 0.01 ? '< 1 %' : `${Math.round(100 * part)} %`;
}

/** `split among 2 name servers: this server 402 (49 %), 192.0.2.2:4524 425 (51 %)` */
export function sharesText(status: Status): string {
  const shared = sharedPingsText(status.expiry.servers);
  const named = namedShares(status);
  if (named.length < 2) return shared;
  const each = named.map(({ name, hosts, part }) => `${name} ${count(hosts)} (${percent(part)})`);
  return `${shared}${status.shares.complete ? '' : ' (still counting)'}: ${each.join(', ')}`;
}
