// Looks into and adds to the database of a server that is stopped, through the registry and the
// store themselves.
import { Registry } from '../../daemon/core/registry/registry.ts';
import { noRow } from '../../daemon/core/registry/row-list.ts';
import { HostStore } from '../../daemon/store/host-store.ts';
import { packAddress } from '../../shared/protocol/address.ts';
import { encodeChange, type HostChange } from '../../shared/protocol/sync-message.ts';

function open(file: string, maxHosts: number): { store: HostStore; registry: Registry } {
  const store = new HostStore(file);
  const { horizon, serverId, entry } = store.identity;
  const registry = Registry.restore(store.records(), {
    ...{ maxHosts, horizon, entry },
    rows: store.rowsUsed(),
    server: serverId,
    applied: store.applied,
  });
  return { store, registry };
}

/** Bytes of the lines in which the live records at these addresses would be sent. */
export function recordBytes(
  file: string,
  maxHosts: number,
  isMeant: (address: string) => boolean,
): number {
  const { store, registry } = open(file, maxHosts);
  let bytes = 0;
  for (let row = registry.live.first; row !== noRow; row = registry.live.nextOf(row)) {
    const change = registry.hostChange(row);
    if (isMeant(change.address)) bytes += encodeChange(change).length;
  }
  store.close();
  return bytes;
}

/** Adds hosts at `ip` that another server registered, one whose log is not to be had any more. */
export function addHearsay(file: string, maxHosts: number, ip: string, count: number): void {
  const { store, registry } = open(file, maxHosts);
  const now = Date.now();
  for (let index = 0; index < count; index++) {
    const words = packAddress(ip, 1 + index);
    if (words === null) throw new RangeError(ip);
    const change: HostChange = {
      address: `${ip}:${1 + index}`,
      nodeId: `e58ed763-928c-4155-bee9-${index.toString(16).padStart(12, '0')}`,
      state: 'live',
      dialect: 'native',
      firstSeen: now,
      lastSeen: now,
      version: { ms: now, counter: index, server: '0123456789abcdef' },
    };
    const outcome = registry.merge(change, words, now);
    if (outcome !== 'applied') throw new Error(`${change.address} was ${outcome}`);
  }
  store.commit(registry);
  store.close();
}
