// A leave counts wherever it is said, and wherever the host registered (PROTOCOL.md, "leave").
import test from 'ava';
import { Registry } from '../../../../daemon/core/registry/registry.ts';
import { mergeAll } from '../../../../daemon/core/sync/repair.ts';
import { addressesOf, packed, register, rowOf } from '../../../fixture/registry.ts';

const address = '192.0.2.1:4000';

function fleet(): [Registry, Registry, Registry] {
  const make = (server: string) => new Registry({ maxHosts: 100, server });
  return [make('a'), make('b'), make('c')];
}

/** What `from` says of the host arrives at `to`. */
function tell(from: Registry, to: Registry, now: number): string {
  const { outcomes } = mergeAll(to, [from.hostChange(rowOf(from, address))], now);
  return Object.entries(outcomes).find(([, count]) => count > 0)?.[0] ?? '';
}

function isLive(registry: Registry): boolean {
  return addressesOf(registry, registry.live).includes(address);
}

for (const order of ['before', 'after'] as const)
  test(`leaving › said where the host is not known, it is gone where it registered, told ${order} the registration`, (t) => {
    const [a, b, c] = fleet();
    register(a, address, { now: 1_000 });
    b.leaveUnknown(packed(address), 'node', 1_500);
    const told = [() => tell(a, c, 2_000), () => tell(b, c, 2_000)];
    for (const each of order === 'before' ? told.toReversed() : told) each();
    tell(b, a, 2_000);
    tell(a, b, 2_000);
    t.deepEqual([a, b, c].map(isLive), [false, false, false]);
  });

test('leaving › said where it has left before, it wins over a registration elsewhere since', (t) => {
  const [a, b] = fleet();
  register(b, address, { now: 1_000 });
  b.remove(rowOf(b, address), 1_100);
  tell(b, a, 1_200);
  register(a, address, { now: 1_300 });
  b.leaveUnknown(packed(address), 'node', 1_400);
  t.is(b.gone.length, 1);
  t.is(tell(b, a, 1_500), 'applied');
  t.false(isLive(a));
});

test('leaving › who comes back after it is live everywhere', (t) => {
  const [a, b, c] = fleet();
  b.leaveUnknown(packed(address), 'node', 1_000);
  register(a, address, { now: 1_500 });
  tell(b, a, 2_000);
  tell(a, b, 2_000);
  tell(b, c, 2_000);
  tell(a, c, 2_000);
  t.deepEqual([a, b, c].map(isLive), [true, true, true]);
});

test('leaving › another node at the same address cannot be signed off through a server that does not know it', (t) => {
  const [a, b, c] = fleet();
  register(a, address, { nodeId: 'victim', now: 1_000 });
  tell(a, c, 1_100);
  b.leaveUnknown(packed(address), 'evil', 1_500);
  for (const [from, to] of [
    [b, a],
    [b, c],
    [a, b],
    [c, b],
    [a, c],
    [c, a],
    [b, a],
    [b, c],
  ] as const)
    tell(from, to, 2_000);
  t.deepEqual([a, b, c].map(isLive), [true, true, true]);
  const versions = [a, b, c].map((registry) => registry.versions.get(rowOf(registry, address)));
  t.deepEqual(versions[0], versions[1]);
  t.deepEqual(versions[0], versions[2]);
  t.is(a.digest.buckets(), b.digest.buckets());
});
