import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import {
  type Asker,
  allHosts,
  changedSince,
  hostsBesides,
  lookUp,
  sample,
} from '../../../daemon/core/hosts-list.ts';
import { Registry } from '../../../daemon/core/registry.ts';
import { noRow } from '../../../daemon/core/row-list.ts';
import {
  type AddressBatch,
  AddressList,
  addressWords,
  formatAddress,
} from '../../../shared/protocol/address.ts';
import { native } from '../../../shared/protocol/native.ts';
import { createRandom, seed } from '../../fixture/random.ts';
import {
  addressesOf,
  addressOf,
  packed,
  register,
  registryOf,
  rowOf,
} from '../../fixture/registry.ts';
import { textOf } from '../../shared/protocol/wire.ts';

const hosts = Array.from({ length: 9 }, (_, index) => addressOf(index));

/** Who asks now and is not in the registry. */
function nobody(registry: Registry): Asker {
  return { row: noRow, until: registry.change };
}

/** Each batch is read before the next one is made, as they are sent. */
function texts(batches: Iterable<AddressBatch>): string[] {
  return Array.from(batches, textsOf).flat();
}

function textsOf({ words, length }: AddressBatch): string[] {
  return Array.from({ length }, (_, index) => formatAddress(words, index * addressWords));
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

test('hosts list › a long list comes in batches, and nobody is lost between two', (t) => {
  const many = Array.from({ length: 5_000 }, (_, index) => addressOf(index));
  const registry = registryOf(many, 5_000);
  const batches = [...allHosts(registry, nobody(registry))];
  t.deepEqual(
    batches.map((batch) => batch.length),
    [2_048, 2_048, 904],
  );
  t.deepEqual(texts(batches), many);
});

/** What a client reads in the lines of a native reply. */
function linesOf(registry: Registry, asker: Asker): string {
  const reply = {
    kind: 'hosts',
    gone: null,
    cursor: 'c.1',
    extent: 'full',
    failure: null,
  } as const;
  const hosts = allHosts(registry, asker);
  return textOf(native, { ...reply, hosts });
}

test('hosts list › as text it is what would be written, whoever comes, goes or asks', (t) => {
  const many = Array.from({ length: 5_000 }, (_, index) => addressOf(index));
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

test('hosts list › text that is there is not made again, but where a host came or went', (t) => {
  const registry = registryOf(
    Array.from({ length: 5_000 }, (_, index) => addressOf(index)),
    6_000,
  );
  const text = () => Array.from(allHosts(registry, nobody(registry)), ({ lines }) => lines);
  const first = text();
  t.deepEqual(
    text().map((lines, block) => lines === first[block]),
    [true, true, true],
  );
  registry.remove(rowOf(registry, addressOf(2_500)), 9_000);
  t.deepEqual(
    text().map((lines, block) => lines === first[block]),
    [true, false, true],
  );
  for (let second = 0; second < 60; second++) registry.views.tick();
  t.is(text()[0], first[0]);
  for (let second = 0; second < 61; second++) registry.views.tick();
  t.not(text()[0], first[0], 'nobody asked for a minute');
});

test('hosts list › text with a host that came after the question is not for that asker', (t) => {
  const registry = registryOf(Array.from({ length: 100 }, (_, index) => addressOf(index)));
  const before = nobody(registry);
  register(registry, '10.9.9.9:4000');
  t.is(texts(allHosts(registry, nobody(registry))).length, 101);
  t.is(texts(allHosts(registry, before)).length, 100);
});

test('hosts list › a host that appears or goes while the list is made has a later change number', (t) => {
  const registry = registryOf(
    Array.from({ length: 3_000 }, (_, index) => addressOf(index)),
    5_000,
  );
  const cursor = registry.change;
  const list = allHosts(registry, nobody(registry));
  const first = textsOf(list.next().value as AddressBatch);
  registry.remove(rowOf(registry, addressOf(2_999)), 9_000);
  register(registry, '10.9.9.9:4000');
  const listed = new Set([...first, ...texts(list)]);
  const { hosts: added, gone } = changedSince(registry, cursor, 100, nobody(registry));
  for (const address of gone.toTexts()) listed.delete(address);
  for (const address of added.toTexts()) listed.add(address);
  t.deepEqual([...listed].sort(), addressesOf(registry, registry.live).sort());
});

test('hosts list › those the asker knows are left out, also ones this server never heard of', (t) => {
  const registry = registryOf(hosts);
  const have = AddressList.of(addressOf(1), addressOf(8), '192.0.2.1:1', addressOf(1));
  const asker = rowOf(registry, addressOf(0));
  t.deepEqual(
    texts(
      hostsBesides(registry, lookUp(registry, have).rows, { row: asker, until: registry.change }),
    ),
    hosts.slice(2, 8),
  );
});

test('hosts list › a host that came after the asker said what it knows is listed', (t) => {
  const registry = registryOf(hosts.slice(0, 8));
  const have = AddressList.of(...hosts.slice(0, 8));
  const known = lookUp(registry, have).rows;
  register(registry, addressOf(8));
  t.deepEqual(texts(hostsBesides(registry, known, { row: noRow, until: 9 })), [addressOf(8)]);
});

test('hosts list › a host that came after the present of the question is left for the next one', (t) => {
  const registry = registryOf(hosts.slice(0, 3));
  const asker = nobody(registry);
  register(registry, addressOf(3));
  registry.remove(rowOf(registry, addressOf(0)), 2_000);
  register(registry, addressOf(0));
  t.deepEqual(texts(allHosts(registry, asker)), [addressOf(1), addressOf(2)]);
  t.is(sample(registry, 9, asker, createRandom()).length, 2);
});

test('hosts list › gone are those of the known ones that left a tombstone, not the unheard of', (t) => {
  const registry = registryOf(hosts);
  registry.remove(rowOf(registry, addressOf(4)), 2_000);
  const have = AddressList.of(addressOf(3), addressOf(4), '192.0.2.1:1');
  t.deepEqual(lookUp(registry, have).gone.toTexts(), [addressOf(4)]);
});

test('hosts list › a host that came back into another row is left out, whatever is named before it', (t) => {
  const registry = registryOf(hosts.slice(0, 4));
  for (const index of [2, 3]) registry.remove(rowOf(registry, addressOf(index)), 2_000);
  registry.collectTombstones(3_000);
  register(registry, addressOf(2));
  t.not(rowOf(registry, addressOf(2)), 2);
  const { rows } = lookUp(registry, AddressList.of(...hosts.slice(0, 3)));
  t.deepEqual(texts(hostsBesides(registry, rows, nobody(registry))), []);
});

test('hosts list › a sample is as long as asked, all different, all wanted, all live', (t) => {
  const random = createRandom();
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 1, max: 80 }),
      fc.array(fc.nat(59)),
      fc.array(fc.nat(59)),
      (size, limit, removals, have) => {
        const registry = registryOf(Array.from({ length: size }, (_, index) => addressOf(index)));
        for (const index of new Set(removals))
          if (index < size) registry.remove(rowOf(registry, addressOf(index)), 2_000);
        const asker = registry.live.first;
        const had = have.map(addressOf);
        const wanted = addressesOf(registry, registry.live).filter(
          (address) =>
            !had.includes(address) &&
            (asker === noRow || address !== registry.record(asker).address),
        );
        const known = had.length === 0 ? undefined : lookUp(registry, AddressList.of(...had)).rows;
        const from = { row: asker, until: registry.change };
        const sampled = sample(registry, limit, from, random, known).toTexts();
        return (
          sampled.length === Math.min(limit, wanted.length) &&
          new Set(sampled).size === sampled.length &&
          sampled.every((address) => wanted.includes(address))
        );
      },
    ),
  );
  t.pass();
});

test('hosts list › a sample of an empty registry is empty', (t) => {
  const empty = new Registry({ maxHosts: 1 });
  t.is(sample(empty, 5, nobody(empty), createRandom()).length, 0);
});

test('hosts list › every host is sampled about as often as any other', (t) => {
  t.log(`SEED=${seed}`);
  const random = createRandom();
  const size = 50;
  for (const others of [0, 5_000]) {
    // Among many that are gone, all live ones are found first.
    const registry = registryOf(
      Array.from({ length: size + others }, (_, index) => addressOf(index)),
      size + others,
    );
    for (let index = size; index < size + others; index++)
      registry.remove(rowOf(registry, addressOf(index)), 2_000);
    isEvenlySampled(t, registry, size, random);
  }
});

function isEvenlySampled(
  t: ExecutionContext,
  registry: Registry,
  size: number,
  random: () => number,
): void {
  const drawn = new Map<string, number>();
  const draws = 4_000;
  for (let draw = 0; draw < draws; draw++)
    for (const address of sample(registry, 5, nobody(registry), random).toTexts())
      drawn.set(address, (drawn.get(address) ?? 0) + 1);
  const expected = (draws * 5) / size;
  t.is(drawn.size, size);
  // Six standard deviations of a binomial count: one in a hundred million fails by chance.
  const tolerance = 6 * Math.sqrt(expected);
  for (const [address, count] of drawn)
    t.true(Math.abs(count - expected) < tolerance, `${address} was drawn ${count} times`);
}

/** How many rows are looked at while `action` runs. */
function visitsOf(registry: Registry, action: () => void): number {
  let visits = 0;
  const { liveRows } = registry;
  const spied = [
    [liveRows, 'has'],
    [liveRows, 'from'],
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
  const addresses = Array.from({ length: size }, (_, index) => addressOf(index));
  const registry = registryOf(addresses, size);
  const random = createRandom();
  const asker = () => nobody(registry);
  const all = visitsOf(registry, () => sample(registry, 50, asker(), random));
  t.true(all <= 2 * 50, `${all} visits for 50 of all`);
  const have = AddressList.of(...addresses.slice(100));
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

test('hosts list › changes come oldest first, gone and new ones by their numbers', (t) => {
  const registry = registryOf(hosts.slice(0, 4));
  const cursor = registry.change;
  registry.remove(rowOf(registry, addressOf(1)), 2_000);
  register(registry, addressOf(7));
  registry.remove(rowOf(registry, addressOf(2)), 2_001);
  const limited = (limit: number) => {
    const changes = changedSince(registry, cursor, limit, nobody(registry));
    return [changes.hosts.toTexts(), changes.gone.toTexts(), changes.upTo, changes.isComplete];
  };
  t.deepEqual(limited(1), [[], [addressOf(1)], 5, false]);
  t.deepEqual(limited(2), [[addressOf(7)], [addressOf(1)], 6, false]);
  t.deepEqual(limited(3), [[addressOf(7)], [addressOf(1), addressOf(2)], 7, true]);
  t.deepEqual(limited(4), [[addressOf(7)], [addressOf(1), addressOf(2)], 7, true]);
});

test('hosts list › changes after the present of the question are left for the next one', (t) => {
  const registry = registryOf(hosts.slice(0, 3));
  const present = registry.change;
  register(registry, addressOf(7));
  registry.remove(rowOf(registry, addressOf(0)), 2_000);
  const changes = changedSince(registry, 1, 100, { row: noRow, until: present });
  t.deepEqual(changes.hosts.toTexts(), [addressOf(1), addressOf(2)]);
  t.deepEqual([changes.gone.length, changes.upTo, changes.isComplete], [0, present, true]);
});

test('hosts list › the asker is not among what changed, and takes no part of the limit', (t) => {
  const registry = registryOf(hosts.slice(0, 3));
  const changes = changedSince(registry, 0, 2, { row: rowOf(registry, addressOf(0)), until: 3 });
  t.deepEqual(changes.hosts.toTexts(), [addressOf(1), addressOf(2)]);
  t.true(changes.isComplete);
});

test('hosts list › whoever follows the cursors, with any limits, ends with the live hosts', (t) => {
  const anyChange = fc.tuple(fc.nat(19), fc.boolean());
  const anyRound = fc.tuple(fc.array(anyChange, { maxLength: 12 }), fc.integer({ min: 1, max: 6 }));
  fc.assert(
    fc.property(fc.array(anyRound, { maxLength: 10 }), (rounds) => {
      const registry = new Registry({ maxHosts: 20 });
      const known = new Set<string>();
      let cursor = 0;
      const ask = (limit: number): boolean => {
        const changes = changedSince(registry, cursor, limit, nobody(registry));
        if (changes.hosts.length + changes.gone.length > limit) throw new Error('over the limit');
        for (const address of changes.gone.toTexts()) known.delete(address);
        for (const address of changes.hosts.toTexts()) known.add(address);
        if (!changes.isComplete && changes.upTo <= cursor) throw new Error('no progress');
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
