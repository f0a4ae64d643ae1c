// The registry as it was when the daemon last ran, from its database.
import { randomInt } from 'node:crypto';
import { printable } from '../../shared/output/printable.ts';
import { wallNow } from '../../shared/wall-clock.ts';
import { Registry } from '../core/registry/registry.ts';
import type { Logger } from '../log.ts';
import type { HostStore } from './host-store.ts';
import { corrupt, StoreError } from './store-error.ts';

/** @throws StoreError when the file cannot be read, or holds more hosts than MaxHosts */
export function loadRegistry(store: HostStore, maxHosts: number, log: Logger): Registry {
  const startedAt = performance.now();
  const registry = restore(store, maxHosts);
  const [live, gone] = [registry.live.length, registry.gone.length];
  if (live > maxHosts)
    throw new StoreError(
      'store-failed',
      `${store.file} holds ${live} hosts, MaxHosts is ${maxHosts}. Set MaxHosts in ddns.conf to at least ${live}`,
    );
  const rollback = store.beginAnswering(registry);
  if (rollback !== null)
    log.warn(
      { file: store.file, epoch: store.identity.epoch },
      `${store.file} is not as it was when ddnsd last answered: ${rollback}. Its changes are numbered anew, so every node and name server gets a full list once`,
    );
  if (live + gone > 0)
    log.info(
      { live, gone, file: store.file, tookMs: Math.round(performance.now() - startedAt) },
      'registry loaded',
    );
  return registry;
}

function restore(store: HostStore, maxHosts: number): Registry {
  try {
    return Registry.restore(store.records(), {
      maxHosts,
      horizon: store.identity.horizon,
      rows: store.rowsUsed(),
      server: store.identity.serverId,
      entry: store.identity.entry,
      applied: store.applied,
      now: wallNow(),
      salt: randomInt(2 ** 32),
    });
  } catch (error) {
    throw error instanceof RangeError
      ? corrupt(store.file, printable(error.message), error)
      : error;
  }
}
