// Samples that queries of one moment share: who gets the same one, and who does not.
import test from 'ava';
import { SharedSamples } from '../../../../daemon/core/query/shared-samples.ts';
import type { Registry } from '../../../../daemon/core/registry/registry.ts';
import { nobody, texts } from '../../../fixture/host-lists.ts';
import { createRandom } from '../../../fixture/random.ts';
import {
  addresses,
  addressesOf,
  addressOf,
  register,
  registryOf,
  rowOf,
} from '../../../fixture/registry.ts';

const limit = 50;

function scene(hosts: number): {
  registry: Registry;
  ask: (row?: number) => string[];
  next(): void;
} {
  const registry = registryOf(addresses(hosts));
  const samples = new SharedSamples();
  const random = createRandom();
  const ask = (row = nobody(registry).row) => {
    const asker = { row, until: registry.change };
    return texts(samples.sample({ roster: registry, asker, random, known: undefined }, limit));
  };
  return { registry, ask, next: () => samples.clear() };
}

test('shared samples › eight askers of one moment get one sample, the ninth another one', (t) => {
  const { registry, ask } = scene(1_000);
  const [first, ...others] = Array.from({ length: 8 }, () => ask());
  for (const other of others) t.deepEqual(other, first);
  t.is(new Set(first).size, limit);
  const live = new Set(addressesOf(registry, registry.live));
  t.true(first?.every((address) => live.has(address)));
  t.notDeepEqual(ask(), first);
});

test('shared samples › an asker of a later moment gets a sample of its own', (t) => {
  const { ask, next } = scene(1_000);
  const first = ask();
  next();
  t.notDeepEqual(ask(), first);
});

test('shared samples › nobody is in the sample that it gets', (t) => {
  const { registry, ask } = scene(limit + 1);
  for (let index = 0; index <= limit; index++) {
    const row = rowOf(registry, addressOf(index));
    const sampled = ask(row);
    t.is(sampled.length, limit);
    t.false(sampled.includes(addressOf(index)));
  }
});

test('shared samples › a query after a host came or went gets no sample from before', (t) => {
  const { registry, ask } = scene(1_000);
  const before = ask();
  const [gone = ''] = before;
  registry.remove(rowOf(registry, gone), 2_000);
  t.false(ask().includes(gone));
  const again = ask();
  register(registry, addressOf(1_000));
  t.notDeepEqual(ask(), again);
});
