import test from 'ava';
import type { Ping } from '../../../../daemon/core/expiry/expiry-effects.ts';
import { maxProving, Proving } from '../../../../daemon/core/expiry/proving.ts';
import { Registry } from '../../../../daemon/core/registry/registry.ts';
import type { Unable } from '../../../../shared/protocol/sync-message.ts';
import { addresses, addressOf, register, rowOf } from '../../../fixture/registry.ts';

const ttlMs = 3_600_000;
const walkMs = ttlMs / 60;

class World {
  readonly registry = new Registry({ maxHosts: 10_000 });
  readonly proving = new Proving({ registry: this.registry, ttlMs, mono: 0 });
  cannotPing: Unable | null = null;
  private mono = 0;

  /** The pings of the next `ms`, none of which is answered; all have ended when it returns. */
  pass(ms: number, ended = (ping: Ping) => this.proving.ended(ping)): string[] {
    const asked: string[] = [];
    for (const end = this.mono + ms; this.mono < end; ) {
      this.mono += 1_000;
      const pings = this.proving.tick(this.mono, this.cannotPing);
      asked.push(...pings.map(({ address }) => address));
      pings.forEach(ended);
    }
    return asked;
  }
}

test('proving › each new host is pinged soon, and once per TTL until it answers', (t) => {
  const world = new World();
  for (let index = 0; index < 50; index++) register(world.registry, addressOf(index));
  const all = addresses(50).sort();
  t.deepEqual([...new Set(world.pass(2 * walkMs))].sort(), all);
  world.pass(walkMs);
  const later = world.pass(60 * walkMs);
  t.deepEqual(later.sort(), all);
});

test('proving › a host that answered is not pinged again, unless another node gets its address', (t) => {
  const world = new World();
  register(world.registry, addressOf(1));
  world.registry.prove(rowOf(world.registry, addressOf(1)), 1_000);
  t.deepEqual(world.pass(ttlMs + 2 * walkMs), []);
  register(world.registry, addressOf(1), { nodeId: 'another' });
  t.deepEqual(world.pass(ttlMs), [addressOf(1)]);
});

test('proving › pings in flight are bounded, per source more tightly, and continue with each answer', (t) => {
  const world = new World();
  for (let port = 1; port <= 100; port++) register(world.registry, `10.9.9.9:${port}`);
  for (let index = 0; index < 100; index++) register(world.registry, addressOf(index));
  const open: Ping[] = [];
  const asked = world.pass(2 * walkMs, (ping) => open.push(ping));
  t.is(asked.length, maxProving);
  t.is(asked.filter((address) => address.startsWith('10.9.9.9:')).length, 4);
  for (const ping of open) world.proving.ended(ping);
  t.true(world.pass(walkMs).length > 0);
});

test('proving › a tick costs its slice of the registry', (t) => {
  const world = new World();
  for (let index = 0; index < 6_000; index++) register(world.registry, addressOf(index));
  const pings = world.proving.tick(1_000);
  t.true(pings.length > 0 && pings.length <= 100, `${pings.length}`);
});

test('proving › hosts of a family that cannot be pinged are left out', (t) => {
  const world = new World();
  for (const address of ['10.0.0.1:1', '[2001:db8::1]:1', '10.0.0.2:1', '[2001:db8::2]:1'])
    register(world.registry, address);
  const pinged = (cannotPing: Unable) => {
    world.cannotPing = cannotPing;
    const asked = world.pass(ttlMs);
    return new Set(asked.map((address) => (address.startsWith('[') ? 'ipv6' : 'ipv4')));
  };
  t.deepEqual([...pinged('ipv6')], ['ipv4']);
  t.deepEqual([...pinged('ipv4')], ['ipv6']);
  t.deepEqual([...pinged('all')].sort(), ['ipv4', 'ipv6'], 'one that answers would be the proof');
});
