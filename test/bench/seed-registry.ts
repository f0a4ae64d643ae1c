// Fills the database of a data folder with hosts, through the registry and the store themselves.

import { Registry } from '../../daemon/core/registry.ts';
import { HostStore } from '../../daemon/store/host-store.ts';
import { packAddress } from '../../shared/protocol/address.ts';

/** 10.x.y.z, one port: as different as hosts of a network are. */
export function seedRegistry(file: string, hosts: number, maxHosts: number): void {
  const store = new HostStore(file);
  const registry = new Registry({ maxHosts });
  const now = Date.now();
  for (let i = 0; i < hosts; i++) {
    const mixed = Math.imul(i + 1, 0x9e3779b1) >>> 0;
    const ip = `10.${(mixed >>> 16) & 255}.${(mixed >>> 8) & 255}.${mixed & 255}`;
    const words = packAddress(ip, 1024 + (i % 60_000));
    if (words === null) throw new RangeError(ip);
    const id = `${mixed.toString(16).padStart(8, '0')}-928c-4155-bee9-${i.toString(16).padStart(12, '0')}`;
    registry.register(words, id, 'native', now - (mixed % 3_000_000));
  }
  store.commit(registry);
  store.close();
}
