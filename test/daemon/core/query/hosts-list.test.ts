import test from 'ava';
import fc from 'fast-check';
import {
  type Asker,
  allHosts,
  ChangesSince,
  hostsBesides,
  lookUp,
} from '../../../../daemon/core/query/hosts-list.ts';
import { Registry } from '../../../../daemon/core/registry/registry.ts';
import { noRow } from '../../../../daemon/core/registry/row-list.ts';
import type { Position } from '../../../../daemon/core/registry/tombstones.ts';
import { type AddressBatch, AddressList } from '../../../../shared/protocol/address.ts';
import { native } from '../../../../shared/protocol/dialect.ts';
import { nobody, sample, texts, textsOf } from '../../../fixture/host-lists.ts';
import { createRandom } from '../../../fixture/random.ts';
import {
  addresses,
  addressesOf,
  addressOf,
  packed,
  register,
  registryOf,
  rowOf,
} from '../../../fixture/registry.ts';
import { textOf } from '../../../shared/protocol/wire.ts';

const hosts = addresses(9);

/** What changed, read to its end. */
function changedSince(registry: Registry, since: number | Position, limit: number, asker: Asker) {
  const cursor = typeof since === 'number' ? { from: since, to: since } : since;
  const changes = new ChangesSince(registry, cursor, limit, asker);
  const [hosts, gone] = [texts(changes.hosts()), texts(changes.gone())];
  return { hosts, gone, upTo: changes.upTo, isComplete: changes.isComplete };
}

test('hosts list › every live host but the asker is listed', (t) => {
  const registry = registryOf(hosts);
  registry.remove(rowOf(registry, addressOf(3)), 2_000);
  const asker = rowOf(registry, addressOf(5));
  t.deepEqual(
    texts(allHosts(registry, { row: asker, until: registry.change })),
    hosts.filter((_, index) => index !== 3 && index !== 5),
  );
});

test('hosts list › a long list comes in batches, and no host is lost between them', (t) => {
  const many = addresses(5_000);
  const registry = registryOf(many, 5_000);
  const batches = [...allHosts(registry, nobody(registry))];
  t.deepEqual(
    batches.map((batch) => batch.length),
    [2_048, 2_048, 904],
  );
  t.deepEqual(texts(batches), many);
});

/** The text of a native reply with all hosts. */
function linesOf(registry: Registry, asker: Asker): string {
  const reply = { kind: 'hosts', cursor: 'c.1', extent: 'full' } as const;
  const hosts = allHosts(registry, asker);
  return textOf(native, { ...reply, hosts, gone: null, failure: null });
}

test('hosts list › kept text equals newly written text after any change, for every asker', (t) => {
  const many = addresses(5_000);
  const registry = registryOf(many, 6_000);
  const listed = (asker: Asker) => linesOf(registry, asker).match(/[\d.]+:\d+/g) ?? [];
  const expected = (besides?: string) =>
    Array.from({ length: registry.rowsUsed }, (_, row) => row)
      .filter((row) => registry.isLive(row))
      .map((row) => registry.record(row).address)
      .filter((address) => address !== besides);
  for (const step of [
    () => {},
    () => registry.remove(rowOf(registry, addressOf(2_047)), 9_000),
    () => register(registry, '10.9.9.9:4000', { now: 9_001 }),
    () => register(registry, addressOf(2_047), { now: 9_002 }),
    () => registry.remove(rowOf(registry, addressOf(0)), 9_003),
    () => registry.collectTombstones(10_000),
    () => register(registry, '10.9.9.8:4000', { now: 9_004 }),
  ]) {
    step();
    t.deepEqual(listed(nobody(registry)), expected());
    const asker = { row: rowOf(registry, addressOf(3_000)), until: registry.change };
    t.deepEqual(listed(asker), expected(addressOf(3_000)));
  }
});

test('hosts list › only the blocks in which a host came or went are written again', (t) => {
  const registry = registryOf(addresses(5_000), 6_000);
  const text = () => Array.from(allHosts(registry, nobody(registry)), ({ lines }) => lines);
  const first = text();
  const isKept = () => text().map((lines, block) => lines === first[block]);
  t.deepEqual(isKept(), [true, true, true]);
  registry.remove(rowOf(registry, addressOf(2_500)), 9_000);
  t.deepEqual(isKept(), [true, false, true]);
  for (let second = 0; second < 60; second++) registry.views.tick();
  t.is(text()[0], first[0]);
  for (let second = 0; second < 61; second++) registry.views.tick();
  t.not(text()[0], first[0], 'no list was asked for in a minute');
});

test('hosts list › an asker gets no kept text with a host that registered after its query', (t) => {
  const registry = registryOf(addresses(100));
  const before = nobody(registry);
  register(registry, '10.9.9.9:4000');
  t.is(texts(allHosts(registry, nobody(registry))).length, 101);
  t.is(texts(allHosts(registry, before)).length, 100);
});

test('hosts list › a host that comes or goes while the list is read has a later change number', (t) => {
  const registry = registryOf(addresses(3_000), 5_000);
  const cursor = registry.change;
  const list = allHosts(registry, nobody(registry));
  const first = textsOf(list.next().value as AddressBatch);
  registry.remove(rowOf(registry, addressOf(2_999)), 9_000);
  register(registry, '10.9.9.9:4000');
  const listed = new Set([...first, ...texts(list)]);
  const { hosts: added, gone } = changedSince(registry, cursor, 100, nobody(registry));
  for (const address of gone) listed.delete(address);
  for (const address of added) listed.add(address);
  t.deepEqual([...listed].sort(), addressesOf(registry, registry.live).sort());
});

test('hosts list › hosts of the have-list are left out, and unknown ones in it change nothing', (t) => {
  const registry = registryOf(hosts);
  const have = AddressList.of(addressOf(1), addressOf(8), '192.0.2.1:1', addressOf(1));
  const asker = rowOf(registry, addressOf(0));
  const { rows } = lookUp(registry, have);
  const besides = hostsBesides(registry, rows, { row: asker, until: registry.change });
  t.deepEqual(texts(besides), hosts.slice(2, 8));
});

test('hosts list › a host that registered after the have-list was read is listed', (t) => {
  const registry = registryOf(hosts.slice(0, 8));
  const have = AddressList.of(...hosts.slice(0, 8));
  const known = lookUp(registry, have).rows;
  register(registry, addressOf(8));
  t.deepEqual(texts(hostsBesides(registry, known, { row: noRow, until: 9 })), [addressOf(8)]);
});

test('hosts list › a host that came after the query is left for the next one', (t) => {
  const registry = registryOf(hosts.slice(0, 3));
  const asker = nobody(registry);
  register(registry, addressOf(3));
  registry.remove(rowOf(registry, addressOf(0)), 2_000);
  register(registry, addressOf(0));
  t.deepEqual(texts(allHosts(registry, asker)), [addressOf(1), addressOf(2)]);
  t.is(sample(registry, 9, asker, createRandom()).length, 2);
});

test('hosts list › `gone` lists hosts of the have-list that have a tombstone, not unknown ones', (t) => {
  const registry = registryOf(hosts);
  registry.remove(rowOf(registry, addressOf(4)), 2_000);
  const have = AddressList.of(addressOf(3), addressOf(4), '192.0.2.1:1');
  t.deepEqual(lookUp(registry, have).gone.toTexts(), [addressOf(4)]);
});

test('hosts list › a host that came back into another row is left out, whatever the have-list names before it', (t) => {
  const registry = registryOf(hosts.slice(0, 4));
  for (const index of [2, 3]) registry.remove(rowOf(registry, addressOf(index)), 2_000);
  registry.collectTombstones(3_000);
  register(registry, addressOf(2));
  t.not(rowOf(registry, addressOf(2)), 2);
  const { rows } = lookUp(registry, AddressList.of(...hosts.slice(0, 3)));
  t.deepEqual(texts(hostsBesides(registry, rows, nobody(registry))), []);
});

/** How many rows are looked at while `action` runs. */
function visitsOf(registry: Registry, action: () => void): number {
  let visits = 0;
  const { proved, unproved } = registry.views.all;
  const spied = [
    [proved.rows, 'has'],
    [proved.rows, 'from'],
    [unproved.rows, 'has'],
    [unproved.rows, 'from'],
    [registry.live, 'nextOf'],
    [registry.live, 'previousOf'],
    [registry, 'changeOf'],
  ] as const;
  for (const [object, name] of spied) {
    const whole = (object as unknown as Record<string, (...args: unknown[]) => unknown>)[name];
    Object.defineProperty(object, name, {
      configurable: true,
      value: (...args: unknown[]) => {
        visits++;
        return whole?.apply(object, args);
      },
    });
  }
  action();
  for (const [object, name] of spied) Reflect.deleteProperty(object, name);
  return visits;
}

test('hosts list › a list looks at rows in proportion to what it returns, however many are empty', (t) => {
  const size = 40_000;
  const every = addresses(size);
  const registry = registryOf(every);
  const random = createRandom();
  const asker = () => nobody(registry);
  const all = visitsOf(registry, () => sample(registry, 50, asker(), random));
  t.true(all <= 2 * 50, `${all} visits for 50 of all`);
  const have = AddressList.of(...every.slice(100));
  const known = lookUp(registry, have).rows;
  const lacked = visitsOf(registry, () => {
    t.is(texts(hostsBesides(registry, known, asker())).length, 100);
  });
  t.true(lacked <= 3 * 100, `${lacked} visits for the 100 that it lacks`);
  const some = visitsOf(registry, () => {
    t.is(sample(registry, 50, asker(), random, known).length, 50);
  });
  t.true(some <= 3 * 100, `${some} visits for 50 of the 100 that it lacks`);
  for (let index = 0; index < size; index++)
    if (index % 400 !== 0) registry.remove(rowOf(registry, addressOf(index)), 2_000);
  const few = visitsOf(registry, () => t.is(sample(registry, 50, asker(), random).length, 50));
  t.true(few <= 3 * 100, `${few} visits for 50 of 100 live ones`);
  const cursor = registry.change;
  register(registry, addressOf(1), { now: 3_000 });
  registry.remove(rowOf(registry, addressOf(400)), 3_001);
  const changed = visitsOf(registry, () => {
    const { hosts: came, gone } = changedSince(registry, cursor, 50, asker());
    t.deepEqual([came.length, gone.length], [1, 1]);
  });
  t.true(changed <= 20, `${changed} visits for 2 changes`);
});

test('hosts list › changes come oldest first, gone and new hosts in one order', (t) => {
  const registry = registryOf(hosts.slice(0, 4));
  const cursor = registry.change;
  registry.remove(rowOf(registry, addressOf(1)), 2_000);
  register(registry, addressOf(7));
  registry.remove(rowOf(registry, addressOf(2)), 2_001);
  const limited = (limit: number) => {
    const changes = changedSince(registry, cursor, limit, nobody(registry));
    return [changes.hosts, changes.gone, changes.upTo.to, changes.isComplete];
  };
  t.deepEqual(limited(1), [[], [addressOf(1)], 5, false]);
  t.deepEqual(limited(2), [[addressOf(7)], [addressOf(1)], 6, false]);
  t.deepEqual(limited(3), [[addressOf(7)], [addressOf(1), addressOf(2)], 7, true]);
  t.deepEqual(limited(4), [[addressOf(7)], [addressOf(1), addressOf(2)], 7, true]);
});

test('hosts list › changes after the query are left for the next one', (t) => {
  const registry = registryOf(hosts.slice(0, 3));
  const present = registry.change;
  register(registry, addressOf(7));
  registry.remove(rowOf(registry, addressOf(0)), 2_000);
  const changes = changedSince(registry, 1, 100, { row: noRow, until: present });
  t.deepEqual(changes.hosts, [addressOf(1), addressOf(2)]);
  t.deepEqual([changes.gone.length, changes.upTo.to, changes.isComplete], [0, present, true]);
});

test('hosts list › the asker is not among the changes, and does not count for the limit', (t) => {
  const registry = registryOf(hosts.slice(0, 3));
  const changes = changedSince(registry, 0, 2, { row: rowOf(registry, addressOf(0)), until: 3 });
  t.deepEqual(changes.hosts, [addressOf(1), addressOf(2)]);
  t.true(changes.isComplete);
});

test('hosts list › an asker that follows the cursors ends with the live hosts, whatever its limits', (t) => {
  const anyChange = fc.tuple(fc.nat(19), fc.boolean());
  const anyRound = fc.tuple(fc.array(anyChange, { maxLength: 12 }), fc.integer({ min: 1, max: 6 }));
  fc.assert(
    fc.property(fc.array(anyRound, { maxLength: 10 }), (rounds) => {
      const registry = new Registry({ maxHosts: 20 });
      const known = new Set<string>();
      let cursor: Position = { from: 0, to: 0 };
      const ask = (limit: number): boolean => {
        const changes = changedSince(registry, cursor, limit, nobody(registry));
        if (changes.hosts.length + changes.gone.length > limit) throw new Error('over the limit');
        for (const address of changes.gone) known.delete(address);
        for (const address of changes.hosts) known.add(address);
        if (!changes.isComplete && changes.upTo.to <= cursor.to) throw new Error('no progress');
        cursor = changes.upTo;
        return changes.isComplete;
      };
      let now = 1;
      for (const [changes, limit] of rounds) {
        for (const [index, isJoining] of changes) {
          const row = registry.find(packed(addressOf(index)), 0);
          if (isJoining) register(registry, addressOf(index), { now: now++ });
          else if (row !== noRow && registry.isLive(row)) registry.remove(row, now++);
        }
        // One question, which need not reach the end before more changes.
        ask(limit);
      }
      for (let asked = 0; !ask(3); asked++) if (asked > 200) throw new Error('no end');
      return [...known].sort().join() === addressesOf(registry, registry.live).sort().join();
    }),
  );
  t.pass();
});

test('hosts list › `gone` lists only hosts that the asker may have', (t) => {
  const registry = registryOf(hosts.slice(0, 3));
  const since = registry.change;
  const gone = (from = since) => changedSince(registry, from, 100, nobody(registry)).gone;
  register(registry, addressOf(7));
  const withIt = registry.change;
  registry.remove(rowOf(registry, addressOf(7)), 2_000);
  t.deepEqual([gone(), gone(withIt)], [[], [addressOf(7)]]);
  // Again and again: those who asked in between knew it, or knew that it was gone.
  register(registry, addressOf(7));
  const withItAgain = registry.change;
  registry.remove(rowOf(registry, addressOf(7)), 2_000);
  const without = registry.change;
  register(registry, addressOf(7));
  registry.remove(rowOf(registry, addressOf(7)), 2_000);
  t.deepEqual(
    [since, withIt, withItAgain, without, registry.change - 1].map((from) => gone(from)),
    [[], [addressOf(7)], [addressOf(7)], [], [addressOf(7)]],
  );
});

test('hosts list › a host in the row of a forgotten one does not inherit its past', (t) => {
  const registry = registryOf(hosts.slice(0, 3));
  register(registry, addressOf(7));
  registry.remove(rowOf(registry, addressOf(7)), 2_000);
  registry.collectTombstones(3_000);
  const since = registry.change;
  register(registry, addressOf(8));
  registry.remove(rowOf(registry, addressOf(8)), 4_000);
  t.deepEqual(changedSince(registry, since, 100, nobody(registry)).gone, []);
});

test('hosts list › a limited delta looks at few rows, wherever its cursor is among the changes', (t) => {
  const size = 60_000;
  const registry = registryOf(addresses(size));
  for (let index = 0; index < size; index += 7)
    registry.remove(rowOf(registry, addressOf(index)), 100_000);
  for (const since of [1, size / 3, size / 2, size - 1, size + 1_000, registry.change - 2]) {
    let found = 0;
    const visits = visitsOf(registry, () => {
      const { hosts: came, gone } = changedSince(registry, since, 1, nobody(registry));
      found = came.length + gone.length;
    });
    t.is(found, 1, `since ${since}`);
    t.true(visits < 400, `${visits} visits for the first change since ${since}`);
  }
});

test('hosts list › a delta that is read slowly continues where it was, whatever changes in between', (t) => {
  const registry = registryOf(addresses(6_000), 9_000);
  const asker = nobody(registry);
  const changes = new ChangesSince(registry, { from: 0, to: 0 }, Number.POSITIVE_INFINITY, asker);
  const batches = changes.hosts();
  const told = new Set(textsOf(batches.next().value as AddressBatch));
  // The row at which it stands, what is before and behind it, and newcomers.
  for (const index of [0, 2_047, 2_048, 2_049, 5_999])
    registry.remove(rowOf(registry, addressOf(index)), 9_000);
  register(registry, addressOf(2_047), { now: 9_001 });
  register(registry, addressOf(7_000), { now: 9_001 });
  for (const address of texts(batches)) told.add(address);
  for (const address of texts(changes.gone())) told.delete(address);
  t.true(changes.isComplete);
  const next = changedSince(registry, changes.upTo, 1_000, nobody(registry));
  for (const address of next.gone) told.delete(address);
  for (const address of next.hosts) told.add(address);
  t.deepEqual([...told].sort(), addressesOf(registry, registry.live).sort());
});

test('hosts list › when tombstones are forgotten while a delta is read, its cursor leads to a full list', (t) => {
  const registry = registryOf(hosts.slice(0, 3));
  const changes = new ChangesSince(registry, { from: 1, to: 1 }, 100, nobody(registry));
  const told = texts(changes.hosts());
  registry.remove(rowOf(registry, addressOf(1)), 2_000);
  registry.collectTombstones(3_000);
  texts(changes.gone());
  t.deepEqual(told, [addressOf(1), addressOf(2)]);
  t.deepEqual([changes.isComplete, changes.upTo], [false, { from: 1, to: 1 }]);
});

test('hosts list › every list has proved hosts first', (t) => {
  const registry = registryOf(hosts);
  const proved = [addressOf(8), addressOf(2)];
  for (const address of proved) registry.prove(rowOf(registry, address), 2_000);
  const asker = nobody(registry);
  const known = lookUp(registry, AddressList.of(addressOf(0))).rows;
  const first = (list: string[]) => list.slice(0, 2).sort();
  const expected = [...proved].sort();
  t.deepEqual(first(texts(allHosts(registry, asker))), expected);
  t.deepEqual(first(texts(hostsBesides(registry, known, asker))), expected);
  t.deepEqual(first(sample(registry, 5, asker, createRandom())), expected);
  t.deepEqual(sample(registry, 2, asker, createRandom()).sort(), expected);
  t.is(texts(allHosts(registry, asker)).length, hosts.length);
});
