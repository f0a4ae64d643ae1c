import test from 'ava';
import fc from 'fast-check';
import { Registry } from '../../../../daemon/core/registry/registry.ts';
import type { Roster } from '../../../../daemon/core/registry/roster.ts';
import { RosterFeed, RosterReplica } from '../../../../daemon/core/registry/roster-feed.ts';
import { addressWords, formatAddress } from '../../../../shared/protocol/address.ts';
import { seed } from '../../../fixture/random.ts';
import { addressOf, packed, register, rowsOf } from '../../../fixture/registry.ts';

/** Everything that lists are made of. */
function contents(roster: Roster) {
  const describe = (row: number) =>
    `${row} ${formatAddress(roster.addresses, row * addressWords)} ${roster.changeOf(row)}`;
  const [live, gone] = [rowsOf(roster.live), rowsOf(roster.gone)];
  for (const row of [...live, ...gone])
    if (roster.find(roster.addresses, row * addressWords) !== row)
      throw new Error(`row ${row} is not found by its address`);
  return {
    live: live.map(describe),
    gone: gone.map(describe),
    change: roster.change,
    horizon: roster.horizon,
    proved: [...live, ...gone].filter((row) => roster.isProved(row)),
    unproved: live.filter((row) => roster.unprovedRows.has(row)),
    rowsUsed: roster.rowsUsed,
  };
}

/** A replica that receives slices between changes. */
class Follower {
  readonly replica: RosterReplica;
  private slices: Iterator<Buffer, void> | null;

  constructor(registry: Registry, feed: RosterFeed) {
    this.replica = new RosterReplica(registry.addresses.length / addressWords);
    this.slices = feed.slices();
  }

  get isComplete(): boolean {
    return this.slices === null;
  }

  takeSlice(): void {
    const slice = this.slices?.next();
    if (slice === undefined) return;
    if (slice.done !== true) this.replica.apply(slice.value);
    else {
      this.slices = null;
      this.replica.completed();
    }
  }
}

const anyStep = fc.record({
  what: fc.constantFrom(
    'register',
    'register',
    'prove',
    'remove',
    'collect',
    'feed',
    'slice',
    'join',
  ),
  // Few addresses, so that they return in other rows.
  host: fc.nat(7),
});

test('roster feed › a replica equals the roster after any changes, before, during and after the slices', (t) => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 120 }), (steps) => {
      // Three hosts and two tombstones: rows are reused all the time.
      const registry = new Registry({ maxHosts: 3 });
      const feed = new RosterFeed(registry);
      const followers: Follower[] = [];
      const tellChanges = () => {
        const changes = feed.takeChanges();
        if (changes === null) return;
        for (const { replica } of followers) replica.apply(changes);
      };
      steps.forEach(({ what, host }, index) => {
        const address = addressOf(host);
        const row = registry.find(packed(address), 0);
        if (what === 'register') register(registry, address, { now: index });
        else if (what === 'remove' && row !== -1 && registry.isLive(row))
          registry.remove(row, index);
        else if (what === 'prove' && row !== -1 && registry.isLive(row)) registry.prove(row, index);
        else if (what === 'collect') registry.collectTombstones(index - 4 * host);
        else if (what === 'feed') tellChanges();
        else if (what === 'join' || what === 'slice') {
          tellChanges();
          if (what === 'join') followers.push(new Follower(registry, feed));
          for (const follower of followers) if (host % 2 === 0) follower.takeSlice();
        }
      });
      tellChanges();
      for (const follower of followers) {
        while (!follower.isComplete) follower.takeSlice();
        const [copy, original] = [contents(follower.replica), contents(registry)];
        // Free rows at the end of the columns are not replicated.
        copy.rowsUsed = Math.max(copy.rowsUsed, original.rowsUsed);
        if (JSON.stringify(copy) !== JSON.stringify(original))
          throw new Error(`${JSON.stringify(copy)} is not ${JSON.stringify(original)}`);
      }
    }),
    { seed, numRuns: 1_000 },
  );
  t.pass();
});

test('roster feed › many rows come in several slices with changes between them', (t) => {
  const registry = new Registry({ maxHosts: 20_000 });
  for (let i = 0; i < 10_000; i++) register(registry, addressOf(i), { now: i });
  const feed = new RosterFeed(registry);
  const follower = new Follower(registry, feed);
  let slices = 0;
  for (; !follower.isComplete; slices++) {
    follower.takeSlice();
    registry.remove(registry.find(packed(addressOf(9_999 - slices)), 0), 20_000);
    registry.remove(registry.find(packed(addressOf(slices)), 0), 20_000);
    follower.replica.apply(feed.takeChanges() as Buffer);
  }
  t.is(slices, 4);
  t.deepEqual(contents(follower.replica), contents(registry));
});

test('roster feed › unchanged rows are not sent again', (t) => {
  const registry = new Registry({ maxHosts: 10 });
  const feed = new RosterFeed(registry);
  register(registry, addressOf(1));
  t.not(feed.takeChanges(), null);
  t.is(feed.takeChanges(), null);
  register(registry, addressOf(1));
  t.is(feed.takeChanges(), null);
});
