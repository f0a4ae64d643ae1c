// The registry compared with the simplest model, a Map of records. After each step of a random sequence both
// must have the same hosts in the same order, and the pending changes must bring a store, another Map, to that
// state.
import test from 'ava';
import fc from 'fast-check';
import {
  type HostDialect,
  type HostRecord,
  type Registered,
  Registry,
  type StoredHost,
} from '../../../../daemon/core/registry/registry.ts';
import { packed, recordsOf, storedHost } from '../../../fixture/registry.ts';

const maxHosts = 4;
/** A quarter of maxHosts, plus one. */
const tombstones = 2;
const addresses = Array.from({ length: 9 }, (_, index) => `10.0.0.${index}:4000`);
const nodeIds = ['node', 'other', '01234567-89ab-4cde-8f01-23456789abcd'];

class Model {
  hosts = new Map<string, HostRecord>();
  change = 0;
  horizon = 0;

  register(address: string, nodeId: string, dialect: HostDialect, now: number): Registered {
    const host = this.hosts.get(address);
    if (host?.state === 'live') {
      Object.assign(host, { nodeId, dialect, lastSeen: Math.max(host.lastSeen, now) });
      return 'refreshed';
    }
    if (this.inState('live').length === maxHosts) return 'full';
    if (host === undefined && this.hosts.size === maxHosts + tombstones) this.forgetOldest();
    const firstSeen = host?.nodeId === nodeId ? host.firstSeen : now;
    this.hosts.set(address, {
      address,
      nodeId,
      firstSeen,
      lastSeen: Math.max(host?.lastSeen ?? 0, now),
      state: 'live',
      dialect,
      change: ++this.change,
      changedAt: now,
    });
    return host ? 'returned' : 'registered';
  }

  remove(address: string, now: number): void {
    const host = this.hosts.get(address);
    if (host?.state === 'live')
      Object.assign(host, { state: 'gone', change: ++this.change, changedAt: now });
  }

  collect(before: number): void {
    while ((this.inState('gone')[0]?.changedAt ?? before) < before) this.forgetOldest();
  }

  inState(state: HostRecord['state']): HostRecord[] {
    return [...this.hosts.values()]
      .filter((host) => host.state === state)
      .sort((a, b) => a.change - b.change);
  }

  private forgetOldest(): void {
    const oldest = this.inState('gone')[0] as HostRecord;
    this.horizon = Math.max(this.horizon, oldest.change);
    this.hosts.delete(oldest.address);
  }
}

/** A store, kept up to date with the pending changes like the real one. */
class Store {
  readonly hosts = new Map<number, HostRecord>();
  horizon = 0;

  commit(registry: Registry): void {
    const { rows, contacts, forgotten, horizon } = registry.pending();
    for (const row of forgotten) this.hosts.delete(row);
    for (const row of [...rows, ...contacts])
      if (registry.isUsed(row)) this.hosts.set(row, registry.record(row));
    this.horizon = horizon;
    registry.settle();
  }

  contents(): StoredHost[] {
    return [...this.hosts].map(([row, record]) => storedHost(record, row));
  }
}

type Step =
  | { do: 'register'; address: string; nodeId: string; dialect: HostDialect }
  | { do: 'remove' | 'seen'; address: string }
  | { do: 'collect'; age: number }
  | { do: 'commit' | 'restart' };

const anyAddress = fc.constantFrom(...addresses);
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('register' as const),
      address: anyAddress,
      nodeId: fc.constantFrom(...nodeIds),
      dialect: fc.constantFrom<HostDialect[]>('native', 'legacy'),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('remove' as const), address: anyAddress }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('seen' as const), address: anyAddress }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('collect' as const), age: fc.nat(20) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('commit' as const, 'restart') }) },
);

test('registry › it behaves like a Map of records, and its store receives the same', (t) => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 80 }), (steps) => {
      const model = new Model();
      const store = new Store();
      let registry = new Registry({ maxHosts });
      steps.forEach((step, index) => {
        const now = 1_000 + index;
        if (step.do === 'register')
          same(
            registry.register(packed(step.address), step.nodeId, step.dialect, now),
            model.register(step.address, step.nodeId, step.dialect, now),
          );
        else if (step.do === 'collect') {
          registry.collectTombstones(now - step.age);
          model.collect(now - step.age);
        } else if ('address' in step) {
          const row = registry.find(packed(step.address), 0);
          const isLive = row !== -1 && registry.isLive(row);
          same(isLive, model.hosts.get(step.address)?.state === 'live');
          if (!isLive) return;
          if (step.do === 'remove') {
            registry.remove(row, now);
            model.remove(step.address, now);
          } else {
            registry.seen(row, now);
            (model.hosts.get(step.address) as HostRecord).lastSeen = now;
          }
        } else {
          store.commit(registry);
          same(byAddress([...store.hosts.values()]), byAddress([...model.hosts.values()]));
          same(store.horizon, model.horizon);
          if (step.do === 'restart')
            registry = Registry.restore(store.contents(), {
              maxHosts,
              horizon: store.horizon,
              rows: Math.max(...store.hosts.keys()) + 1,
            });
        }
        same(recordsOf(registry, registry.live), model.inState('live'));
        same(recordsOf(registry, registry.gone), model.inState('gone'));
        same(
          [registry.live.length, registry.gone.length],
          [model.inState('live').length, model.inState('gone').length],
        );
        same(registry.horizon, model.horizon);
        same(registry.change, model.change);
        for (const address of addresses)
          same(registry.find(packed(address), 0) !== -1, model.hosts.has(address));
      });
    }),
    { numRuns: 300 },
  );
  t.pass();

  function same(actual: unknown, expected: unknown): void {
    if (JSON.stringify(actual) !== JSON.stringify(expected))
      throw new Error(`${JSON.stringify(actual)} is not ${JSON.stringify(expected)}`);
  }

  function byAddress(records: HostRecord[]): HostRecord[] {
    return records.sort((a, b) => (a.address < b.address ? -1 : 1));
  }
});
