// The index against a registry that changes in every way.
import test from 'ava';
import { LabelIndex, maxHostsOfLabel } from '../../../../daemon/core/dns/label-index.ts';
import { addressKind, everyKind } from '../../../../shared/protocol/address-kind.ts';
import { labelOf } from '../../../../shared/protocol/dns/node-label.ts';
import { createBelow } from '../../../fixture/random.ts';
import { addressOf, packed, register, registryOf, rowOf } from '../../../fixture/registry.ts';

function addresses(
  registry: ReturnType<typeof registryOf>,
  rows: readonly number[] | null,
): string[] {
  return (rows ?? []).map((row) => registry.record(row).address);
}

test('label index › proved hosts come first, then those seen last', (t) => {
  const registry = registryOf([]);
  const index = new LabelIndex(registry, 1);
  for (let i = 0; i < 4; i++) register(registry, addressOf(i), { nodeId: 'Node', now: 1_000 + i });
  registry.prove(rowOf(registry, addressOf(1)), 1_001);
  t.deepEqual(addresses(registry, index.find('node', everyKind)), [1, 3, 2, 0].map(addressOf));
  t.deepEqual(index.find('nobody', everyKind), []);
});

test('label index › an id in upper case is found beside the one in lower case', (t) => {
  const uuid = '5f0c7a52-6e1b-4c1c-9a55-0f6f0f6d3b1e';
  const registry = registryOf([]);
  register(registry, addressOf(0), { nodeId: uuid });
  register(registry, addressOf(1), { nodeId: uuid.toUpperCase() });
  t.is(new LabelIndex(registry, 1).find(uuid, everyKind)?.length, 2);
});

test('label index › hosts that the asker may not see are not found', (t) => {
  const registry = registryOf([]);
  register(registry, '10.0.0.1:4000', { nodeId: 'a' });
  register(registry, '192.0.2.1:4000', { nodeId: 'a' });
  const index = new LabelIndex(registry, 1);
  t.deepEqual(addresses(registry, index.find('a', addressKind.public)), ['192.0.2.1:4000']);
});

test('label index › thousands who claim its id do not hide a proved host, nor make a lookup long', (t) => {
  const registry = registryOf([], 20_000);
  const index = new LabelIndex(registry, 1);
  register(registry, '192.0.2.1:4000', { nodeId: 'victim' });
  registry.prove(rowOf(registry, '192.0.2.1:4000'), 1_000);
  for (let i = 0; i < 10_000; i++)
    register(registry, addressOf(i), { nodeId: 'victim', now: 2_000 });
  const found = index.find('victim', everyKind) ?? [];
  t.is(found.length, maxHostsOfLabel);
  t.deepEqual(addresses(registry, found.slice(0, 1)), ['192.0.2.1:4000']);
});

test('label index › agrees with a walk over the registry after any changes', (t) => {
  const below = createBelow();
  const registry = registryOf([], 60);
  const ids = ['a', 'A', 'b', 'a.b', '5f0c7a52-6e1b-4c1c-9a55-0f6f0f6d3b1e'];
  const index = new LabelIndex(registry, 7);
  for (let step = 0; step < 20_000; step++) {
    const address = addressOf(below(70));
    const nodeId = ids[below(ids.length)] as string;
    const row = registry.find(packed(address), 0);
    const isLive = row !== -1 && registry.isLive(row);
    const now = 1_000 + step;
    if (below(3) > 0) register(registry, address, { nodeId, now });
    else if (isLive && below(2) === 0) registry.remove(row, now);
    else if (isLive) registry.prove(row, now);
    if (below(50) === 0) registry.collectTombstones(now - below(1_000));
    if (step % 20 !== 0) continue;
    for (const label of new Set(ids.map(labelOf))) {
      const walked: number[] = [];
      for (let each = 0; each < registry.rowsUsed; each++)
        if (registry.isLive(each) && labelOf(registry.nodeIds.get(each)) === label)
          walked.push(each);
      const found = index.find(label, everyKind) ?? [];
      if (walked.length > maxHostsOfLabel) t.is(found.length, maxHostsOfLabel);
      else t.deepEqual(found.toSorted(), walked.toSorted());
    }
  }
});

test('label index › a large registry is taken in slice by slice, with what changes in between', (t) => {
  const registry = registryOf([], 120_000);
  for (let i = 0; i < 110_000; i++) register(registry, addressOf(i), { nodeId: `n${i}` });
  const index = new LabelIndex(registry, 1);
  t.is(index.find('n7', everyKind), null);
  registry.remove(rowOf(registry, addressOf(7)), 2_000);
  register(registry, addressOf(109_000), { nodeId: 'moved', now: 2_000 });
  t.is(index.find('n7', everyKind), null);
  t.deepEqual(index.find('n7', everyKind), []);
  t.deepEqual(addresses(registry, index.find('moved', everyKind)), [addressOf(109_000)]);
  t.deepEqual(index.find('n109000', everyKind), []);
  t.deepEqual(addresses(registry, index.find('n109999', everyKind)), [addressOf(109_999)]);
});
