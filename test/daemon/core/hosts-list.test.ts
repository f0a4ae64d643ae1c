import test from 'ava';
import fc from 'fast-check';
import {
  type Asker,
  allHosts,
  changedSince,
  everyoneBesides,
  everyoneBut,
  goneAmong,
  sample,
} from '../../../daemon/core/hosts-list.ts';
import { Registry } from '../../../daemon/core/registry.ts';
import { noRow } from '../../../daemon/core/row-list.ts';
import { AddressList } from '../../../shared/protocol/address.ts';
import { createRandom, seed } from '../../fixture/random.ts';
import {
  addressesOf,
  addressOf,
  packed,
  register,
  registryOf,
  rowOf,
} from '../../fixture/registry.ts';

const hosts = Array.from({ length: 9 }, (_, index) => addressOf(index));

/** Who asks now and is not in the registry. */
function nobody(registry: Registry): Asker {
  return { row: noRow, until: registry.change };
}

function texts(batches: Iterable<AddressList>): string[] {
  return [...batches].flatMap((batch) => batch.toTexts());
}

test('hosts list › every live host but the asker is listed', (t) => {
  const registry = registryOf(hosts);
  registry.remove(rowOf(registry, addressOf(3)), 2_000);
  const asker = rowOf(registry, addressOf(5));
  t.deepEqual(
    texts(allHosts(registry, everyoneBut(registry, { row: asker, until: registry.change }))),
    hosts.filter((_, index) => index !== 3 && index !== 5),
  );
});

test('hosts list › a long list comes in batches, and nobody is lost between two', (t) => {
  const many = Array.from({ length: 5_000 }, (_, index) => addressOf(index));
  const registry = registryOf(many, 5_000);
  const batches = [...allHosts(registry, () => true)];
  t.deepEqual(
    batches.map((batch) => batch.length),
    [2_048, 2_048, 904],
  );
  t.deepEqual(texts(batches), many);
});

test('hosts list › a host that appears or goes while the list is made has a later change number', (t) => {
  const registry = registryOf(
    Array.from({ length: 3_000 }, (_, index) => addressOf(index)),
    5_000,
  );
  const cursor = registry.change;
  const list = allHosts(registry, () => true);
  const first = (list.next().value as AddressList).toTexts();
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
      allHosts(registry, everyoneBesides(registry, have, { row: asker, until: registry.change })),
    ),
    hosts.slice(2, 8),
  );
});

test('hosts list › a host that came after the asker said what it knows is listed', (t) => {
  const registry = registryOf(hosts.slice(0, 8));
  const have = AddressList.of(...hosts.slice(0, 8));
  const isWanted = everyoneBesides(registry, have, { row: noRow, until: 9 });
  register(registry, addressOf(8));
  t.deepEqual(texts(allHosts(registry, isWanted)), [addressOf(8)]);
});

test('hosts list › a host that came after the present of the question is left for the next one', (t) => {
  const registry = registryOf(hosts.slice(0, 3));
  const asker = nobody(registry);
  register(registry, addressOf(3));
  registry.remove(rowOf(registry, addressOf(0)), 2_000);
  register(registry, addressOf(0));
  const isWanted = everyoneBut(registry, asker);
  t.deepEqual(texts(allHosts(registry, isWanted)), [addressOf(1), addressOf(2)]);
  t.is(sample(registry, 9, isWanted, createRandom()).length, 2);
});

test('hosts list › gone are those of the known ones that left a tombstone, not the unheard of', (t) => {
  const registry = registryOf(hosts);
  registry.remove(rowOf(registry, addressOf(4)), 2_000);
  const have = AddressList.of(addressOf(3), addressOf(4), '192.0.2.1:1');
  t.deepEqual(goneAmong(registry, have).toTexts(), [addressOf(4)]);
});

test('hosts list › a sample is as long as asked, all different, all wanted, all live', (t) => {
  const random = createRandom();
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 1, max: 80 }),
      fc.array(fc.nat(59)),
      (size, limit, removals) => {
        const registry = registryOf(Array.from({ length: size }, (_, index) => addressOf(index)));
        for (const index of new Set(removals))
          if (index < size) registry.remove(rowOf(registry, addressOf(index)), 2_000);
        const asker = registry.live.first;
        const wanted = addressesOf(registry, registry.live).filter(
          (address) => asker === noRow || address !== registry.record(asker).address,
        );
        const sampled = sample(
          registry,
          limit,
          everyoneBut(registry, { row: asker, until: registry.change }),
          random,
        ).toTexts();
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
  t.is(sample(new Registry({ maxHosts: 1 }), 5, () => true, createRandom()).length, 0);
});

test('hosts list › every host is sampled about as often as any other', (t) => {
  t.log(`SEED=${seed}`);
  const random = createRandom();
  const size = 50;
  const registry = registryOf(Array.from({ length: size }, (_, index) => addressOf(index)));
  const drawn = new Map<string, number>();
  const draws = 4_000;
  for (let draw = 0; draw < draws; draw++)
    for (const address of sample(registry, 5, () => true, random).toTexts())
      drawn.set(address, (drawn.get(address) ?? 0) + 1);
  const expected = (draws * 5) / size;
  t.is(drawn.size, size);
  // Six standard deviations of a binomial count: one in a hundred million fails by chance.
  const tolerance = 6 * Math.sqrt(expected);
  for (const [address, count] of drawn)
    t.true(Math.abs(count - expected) < tolerance, `${address} was drawn ${count} times`);
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
