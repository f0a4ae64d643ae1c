// Samples of the live hosts: how many, which ones, how evenly, and at what cost.
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { lookUp } from '../../../../daemon/core/query/hosts-list.ts';
import * as sampling from '../../../../daemon/core/query/sampling.ts';
import { Registry } from '../../../../daemon/core/registry/registry.ts';
import { noRow } from '../../../../daemon/core/registry/row-list.ts';
import { RowSet } from '../../../../daemon/core/registry/row-set.ts';
import { AddressList } from '../../../../shared/protocol/address.ts';
import { nobody, sample, texts } from '../../../fixture/host-lists.ts';
import { createRandom, seed } from '../../../fixture/random.ts';
import {
  addresses,
  addressesOf,
  addressOf,
  register,
  registryOf,
  rowOf,
} from '../../../fixture/registry.ts';

test('sampling › a sample has as many hosts as asked for, each live, once, and unknown to the asker', (t) => {
  const random = createRandom();
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 1, max: 80 }),
      fc.array(fc.nat(59)),
      fc.array(fc.nat(59)),
      (size, limit, removals, have) => {
        const registry = registryOf(addresses(size));
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
        const sampled = sample(registry, limit, from, random, known);
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

test('sampling › a sample of an empty registry is empty', (t) => {
  const empty = new Registry({ maxHosts: 1 });
  t.is(sample(empty, 5, nobody(empty), createRandom()).length, 0);
});

test('sampling › every host is sampled about as often as any other', (t) => {
  t.log(`SEED=${seed}`);
  const random = createRandom();
  const size = 50;
  for (const others of [0, 5_000]) {
    // Among many that are gone, all live ones are found first.
    const registry = registryOf(addresses(size + others));
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
    for (const address of sample(registry, 5, nobody(registry), random))
      drawn.set(address, (drawn.get(address) ?? 0) + 1);
  const expected = (draws * 5) / size;
  t.is(drawn.size, size);
  // Six standard deviations of a binomial count: one in a hundred million fails by chance.
  const tolerance = 6 * Math.sqrt(expected);
  for (const [address, count] of drawn)
    t.true(Math.abs(count - expected) < tolerance, `${address} was drawn ${count} times`);
}

test('sampling › one source has its share of a sample while there are others', (t) => {
  const registry = new Registry({ maxHosts: 10_000 });
  for (let port = 1; port <= 1_000; port++) register(registry, `192.0.2.1:${port}`);
  for (let index = 0; index < 500; index++) register(registry, `[2001:db8::${index + 1}]:4000`);
  for (let index = 0; index < 300; index++) register(registry, addressOf(index));
  const random = createRandom();
  const asker = nobody(registry);
  for (let round = 0; round < 20; round++) {
    const sampled = sample(registry, 50, asker, random);
    t.is(new Set(sampled).size, 50);
    const of = (prefix: string) => sampled.filter((host) => host.startsWith(prefix)).length;
    t.true(of('192.0.2.1:') <= 12 && of('10.') >= 30, `${of('192.0.2.1:')} of one address`);
  }
  const alone = registryOf(Array.from({ length: 90 }, (_, index) => `127.0.0.1:${index + 1}`));
  t.is(
    sample(alone, 50, nobody(alone), random).length,
    50,
    'a source that is alone fills the sample',
  );
});

test('sampling › a long sample comes in batches, each host once, as many as asked for', (t) => {
  const registry = registryOf(addresses(9_000));
  for (let index = 0; index < 4_000; index++)
    registry.prove(rowOf(registry, addressOf(index)), 20_000);
  const random = createRandom();
  for (const limit of [2_049, 4_500, 8_999, 9_000, 20_000])
    for (const known of [undefined, lookUp(registry, AddressList.of(addressOf(4))).rows]) {
      const from = { roster: registry, asker: nobody(registry), random, known };
      const batches = [...sampling.sample(from, limit)];
      for (const { length } of batches) t.true(length <= 2_048);
      const sampled = texts(batches);
      const most = known === undefined ? 9_000 : 8_999;
      t.is(new Set(sampled).size, Math.min(limit, most), `limit=${limit}`);
      t.is(sampled.length, Math.min(limit, most), `limit=${limit}`);
    }
});

test('sampling › a have-list of one host and limit=1 cost no walk over all rows', (t) => {
  const size = 60_000;
  const registry = registryOf(addresses(size));
  const known = lookUp(registry, AddressList.of(addressOf(size - 1))).rows;
  const words = RowSet.prototype as unknown as { wordAt: (...args: unknown[]) => number };
  const { wordAt } = words;
  let looks = 0;
  words.wordAt = function (...args) {
    looks++;
    return wordAt.apply(this, args);
  };
  t.is(sample(registry, 1, nobody(registry), createRandom(), known).length, 1);
  words.wordAt = wordAt;
  t.true(looks < 20, `${looks} words of 32 rows`);
});
