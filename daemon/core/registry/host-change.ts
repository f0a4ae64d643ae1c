// A row of the registry as another server is told of it.
import type { HostChange } from '../../../shared/protocol/sync-message.ts';
import type { Registry } from './registry.ts';

export function hostChangeOf(registry: Registry, row: number): HostChange {
  const { address, nodeId, state, dialect, firstSeen, lastSeen } = registry.record(row);
  const version = registry.versions.get(row);
  return { address, nodeId, state, dialect, firstSeen, lastSeen, version };
}
