// Histories of a registry as fast-check commands, beside a plain Map: contacts, leaves, expiries, pings that are
// answered, a clock that is set back, restarts. A second registry is told of every record now and then, as a peer is,
// and has the same hosts and the same digest afterwards. (registry-model.test.ts compares the order and the store.)
import test from 'ava';
import fc from 'fast-check';
import { Registry } from '../../../../daemon/core/registry/registry.ts';
import { type HostDialect, isSameLanguage } from '../../../../shared/protocol/sync-message.ts';
import {
  addressOf,
  packed,
  recordsOf,
  register,
  rowOf,
  rowsOf,
} from '../../../fixture/registry.ts';

const maxHosts = 5;
const options = { maxHosts, server: 'here' };

interface ModelHost {
  nodeId: string;
  dialect: HostDialect;
  firstSeen: number;
  lastSeen: number;
  isProved: boolean;
}

interface Model {
  now: number;
  live: Map<string, ModelHost>;
  /** hosts that went: who comes back keeps the first contact */
  gone: Map<string, ModelHost>;
}

interface Real {
  registry: Registry;
  peer: Registry;
}

type Command = fc.Command<Model, Real>;

function checkEqual({ live }: Model, { registry }: Real): void {
  const records = recordsOf(registry, registry.live);
  const found = records.map(({ address, nodeId, dialect, firstSeen, lastSeen }) => ({
    address,
    nodeId,
    dialect,
    firstSeen,
    lastSeen,
    isProved: registry.isProved(rowOf(registry, address)),
  }));
  const expected = [...live].map(([address, host]) => ({ address, ...host }));
  const byAddress = (a: { address: string }, b: { address: string }) =>
    a.address < b.address ? -1 : 1;
  same(found.toSorted(byAddress), expected.toSorted(byAddress));
  const changes = records.map(({ change }) => change);
  same(
    changes,
    changes.toSorted((a, b) => a - b),
    'the live list is not in the order of its changes',
  );
  for (const row of rowsOf(registry.gone))
    if (live.has(registry.record(row).address)) throw new Error('live and gone');
}

function same(found: unknown, expected: unknown, what = 'the registry differs from the map'): void {
  const [a, b] = [JSON.stringify(found), JSON.stringify(expected)];
  if (a !== b) throw new Error(`${what}:\n${a}\n${b}`);
}

/** A contact of a node. */
class Contact implements Command {
  private readonly address: string;
  private readonly nodeId: string;
  private readonly dialect: HostDialect;

  constructor(index: number, nodeId: string, dialect: HostDialect) {
    this.address = addressOf(index);
    this.nodeId = nodeId;
    this.dialect = dialect;
  }

  check(): boolean {
    return true;
  }

  run(model: Model, real: Real): void {
    const { address, nodeId, dialect } = this;
    const { now, live, gone } = model;
    const known = live.get(address);
    const outcome = register(real.registry, address, { nodeId, dialect, now });
    if (known !== undefined) {
      same(outcome, 'refreshed');
      // Who asks over UDP and over TCP keeps its transport.
      const spoken = isSameLanguage(known.dialect, dialect) ? known.dialect : dialect;
      const isAnother = known.nodeId !== nodeId || known.dialect !== spoken;
      const lastSeen = now < known.lastSeen ? known.lastSeen + 1 : now;
      const isProved = known.isProved && !isAnother;
      const speaks = isAnother ? dialect : spoken;
      live.set(address, { ...known, nodeId, dialect: speaks, lastSeen, isProved });
    } else if (live.size < maxHosts || this.takesRoom(model, real)) {
      const before = gone.get(address);
      same(outcome, before === undefined ? 'registered' : 'returned');
      const isSame = before?.nodeId === nodeId;
      live.set(address, {
        nodeId,
        dialect,
        firstSeen: isSame ? before.firstSeen : now,
        lastSeen: before !== undefined && now < before.lastSeen ? before.lastSeen + 1 : now,
        isProved: isSame && before.dialect === dialect && before.isProved,
      });
      gone.delete(address);
    } else same(outcome, 'full');
    checkEqual(model, real);
  }

  /** A full registry drops one unproved host for a newcomer, or refuses the newcomer. */
  private takesRoom({ live, gone }: Model, { registry }: Real): boolean {
    const kept = new Set(recordsOf(registry, registry.live).map(({ address }) => address));
    const dropped = [...live].filter(([address]) => !kept.has(address));
    if (dropped.length === 0) return false;
    same(dropped.length, 1, 'more than one host made room');
    for (const [address, host] of dropped) {
      same(host.isProved, false, 'a proved host made room');
      live.delete(address);
      gone.set(address, host);
    }
    return true;
  }

  toString(): string {
    return `contact(${this.address}, ${this.nodeId}, ${this.dialect})`;
  }
}

type Deed = 'leave' | 'expire' | 'prove';

/** What happens to a host that is there. */
class OfHost implements Command {
  private readonly address: string;
  private readonly deed: Deed;

  constructor(index: number, deed: Deed) {
    this.address = addressOf(index);
    this.deed = deed;
  }

  check({ live }: Readonly<Model>): boolean {
    return live.has(this.address);
  }

  run(model: Model, real: Real): void {
    const { registry } = real;
    const row = rowOf(registry, this.address);
    const host = model.live.get(this.address) as ModelHost;
    if (this.deed === 'prove') {
      registry.prove(row, model.now);
      const lastSeen = model.now < host.lastSeen ? host.lastSeen + 1 : model.now;
      model.live.set(this.address, { ...host, lastSeen, isProved: true });
    } else {
      if (this.deed === 'leave') registry.remove(row, model.now);
      else registry.expire(row, model.now);
      model.live.delete(this.address);
      model.gone.set(this.address, host);
    }
    checkEqual(model, real);
  }

  toString(): string {
    return `${this.deed}(${this.address})`;
  }
}

/** Time passes, or the clock is set back a little. */
class Pass implements Command {
  private readonly ms: number;

  constructor(ms: number) {
    this.ms = ms;
  }

  check(): boolean {
    return true;
  }

  run(model: Model): void {
    model.now += this.ms;
  }

  toString(): string {
    return `pass(${this.ms})`;
  }
}

/** The name server starts again from what it stored. */
class Restart implements Command {
  check(): boolean {
    return true;
  }

  run(model: Model, real: Real): void {
    const { registry } = real;
    const rows = [...rowsOf(registry.live), ...rowsOf(registry.gone)];
    const stored = rows.map((row) => {
      const host = registry.stored(row);
      return { ...host, words: Uint32Array.from(host.words), nodeId: copied(host.nodeId) };
    });
    const { horizon, log } = registry;
    const again = Registry.restore(stored, {
      ...options,
      horizon,
      entry: log.last,
      rows: Math.max(0, ...rows.map((row) => row + 1)),
    });
    same(digestOf(again), digestOf(registry), 'another digest after a restart');
    same(again.log.last, registry.log.last, 'another entry after a restart');
    real.registry = again;
    checkEqual(model, real);
  }

  toString(): string {
    return 'restart()';
  }
}

function copied(id: string | Uint32Array): string | Uint32Array {
  return typeof id === 'string' ? id : Uint32Array.from(id);
}

function digestOf(registry: Registry): string {
  return registry.digest.buckets();
}

/** The peer is told of every record, and has the same hosts then. */
class Tell implements Command {
  check(): boolean {
    return true;
  }

  run({ now }: Model, { registry, peer }: Real): void {
    for (const row of [...rowsOf(registry.gone), ...rowsOf(registry.live)]) {
      const change = registry.hostChange(row);
      peer.merge(change, packed(change.address), now);
    }
    const hosts = (one: Registry) =>
      recordsOf(one, one.live)
        .map(({ address, nodeId, dialect }) => `${address} ${nodeId} ${dialect}`)
        .toSorted();
    same(hosts(peer), hosts(registry), 'the peer differs');
    same(digestOf(peer), digestOf(registry), 'equal hosts with digests that differ');
  }

  toString(): string {
    return 'tell()';
  }
}

const index = fc.nat({ max: 7 });
const commands = [
  fc
    .tuple(
      index,
      fc.constantFrom('n1', 'n2', '5f0c7a52-6e1b-4c1c-9a55-0f6f0f6d3b1e'),
      fc.constantFrom<HostDialect>('native', 'legacy', 'udp'),
    )
    .map(([at, nodeId, dialect]) => new Contact(at, nodeId, dialect)),
  fc
    .tuple(index, fc.constantFrom<Deed>('leave', 'expire', 'prove'))
    .map(([at, deed]) => new OfHost(at, deed)),
  fc.integer({ min: -2_000, max: 100_000 }).map((ms) => new Pass(ms)),
  fc.constant(new Restart()),
  fc.constant(new Tell()),
];

test('registry › whatever happens in whatever order, it has the hosts of a plain Map, and a peer that is told has them too', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.commands(commands, { maxCommands: 60, size: 'max' }), (history) => {
        const setup = () => ({
          model: { now: 1_000_000, live: new Map(), gone: new Map() },
          real: {
            registry: new Registry(options),
            peer: new Registry({ maxHosts: 100, server: 'there' }),
          },
        });
        fc.modelRun(setup, history);
      }),
      { numRuns: 200, includeErrorInReport: true },
    ),
  );
});
