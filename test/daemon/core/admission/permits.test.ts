import test from 'ava';
import fc from 'fast-check';
import type { Guest, Place } from '../../../../daemon/core/admission/admission.ts';
import { type PermitClient, PermitPool } from '../../../../daemon/core/admission/permits.ts';
import { SharedAdmission } from '../../../../daemon/core/admission/shared-admission.ts';
import { Link } from '../../../../daemon/core/timing/linked-set.ts';
import { seed } from '../../../fixture/random.ts';

/** A connection that asks as soon as it is there, and is done when it is told to be. */
class Client implements Guest {
  readonly source = '10.0.0.1';
  place: Place | null = null;
  readonly link: Link<Guest> = new Link<Guest>(this);
  state: 'waiting' | 'asking' | 'turned away' | 'displaced' | 'done' = 'waiting';
  private readonly holder: Holder;
  private readonly isComplete: boolean;

  constructor(holder: Holder, isComplete = true) {
    this.holder = holder;
    this.isComplete = isComplete;
    holder.admission.enter(this);
    this.ask();
  }

  evict(): void {
    throw new Error('there is room for all');
  }

  giveWay(): void {
    if (this.isComplete) throw new Error('a complete request gave way');
    this.state = 'displaced';
  }

  proceed(hasRoom: boolean): void {
    if (hasRoom) this.ask();
    else this.state = 'turned away';
  }

  end(): void {
    this.state = 'done';
    this.holder.admission.leave(this);
  }

  private ask(): void {
    const { admission } = this.holder;
    if (!admission.ask(this)) {
      admission.seek(this, this.isComplete);
      return;
    }
    this.state = 'asking';
    if (this.isComplete) admission.moveTo(this, 'deciding');
  }
}

/** A process that holds permits, and the messages on their way to it and from it. */
class Holder {
  readonly clients: Client[] = [];
  readonly toPool: (() => void)[] = [];
  readonly fromPool: (() => void)[] = [];
  readonly admission: SharedAdmission;
  readonly remote: PermitClient;

  constructor(pool: PermitPool) {
    const later = (run: () => void) => this.fromPool.push(run);
    this.admission = new SharedAdmission(
      { limit: 1_000, perSource: 1_000 },
      {
        want: (count, isComplete) =>
          this.toPool.push(() => pool.want(this.remote, count, isComplete)),
        giveBack: (permits, isReply, incomplete) =>
          this.toPool.push(() => pool.giveBack(this.remote, permits, isReply, incomplete)),
        changed: () => {},
      },
    );
    const { admission } = this;
    this.remote = {
      grant: (permits) => later(() => admission.grant(permits)),
      deny: (wants) => later(() => admission.deny(wants)),
      recall: () => later(() => admission.recall()),
      yield: (permits) => later(() => admission.yield(permits)),
      reclaim: (permits) => later(() => admission.reclaim(permits)),
      divided: (evenPart) => later(() => admission.divided(evenPart)),
    };
    pool.join(this.remote);
  }

  count(state: Client['state']): number {
    return this.clients.filter((client) => client.state === state).length;
  }
}

class World {
  readonly pool: PermitPool;
  readonly holders: Holder[];

  constructor(limit: number, holders: number) {
    this.pool = new PermitPool(limit);
    this.holders = Array.from({ length: holders }, () => new Holder(this.pool));
  }

  count(state: Client['state']): number {
    return this.holders.reduce((sum, holder) => sum + holder.count(state), 0);
  }

  /** One message arrives: of the holder's first way that has one. */
  deliver({ toPool, fromPool }: Holder, isToPool: boolean): boolean {
    const [first, second] = isToPool ? [toPool, fromPool] : [fromPool, toPool];
    const message = first.shift() ?? second.shift();
    message?.();
    return message !== undefined;
  }

  deliverAll(): void {
    for (let left = 10_000; this.holders.some((holder) => this.deliver(holder, true)); left--)
      if (left === 0) throw new Error('the messages do not end');
  }

  end(holder: Holder): void {
    holder.clients.find(({ state }) => state === 'asking')?.end();
  }

  die(index: number): void {
    const [dead] = this.holders.splice(index, 1);
    if (dead !== undefined) this.pool.leave(dead.remote);
  }
}

const steps = fc.array(
  fc.record({
    what: fc.constantFrom(
      'come',
      'come',
      'begin',
      'begin',
      'end',
      'toPool',
      'fromPool',
      'die',
      'join',
      'resize',
    ),
    holder: fc.nat(),
  }),
  { maxLength: 200 },
);

test('permits › no more permits are in use than exist, and no request waits while one is free', (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 4 }),
      steps,
      (limit, holders, each) => {
        const world = new World(limit, holders);
        let most = limit;
        for (const { what, holder: number } of each) {
          const index = number % Math.max(1, world.holders.length);
          const holder = world.holders[index];
          if (what === 'resize') {
            world.pool.resize(1 + (number % 12));
            most = Math.max(most, world.pool.limit);
          } else if (what === 'join') world.holders.push(new Holder(world.pool));
          else if (holder === undefined) continue;
          else if (what === 'come') holder.clients.push(new Client(holder));
          else if (what === 'begin') holder.clients.push(new Client(holder, false));
          else if (what === 'end') world.end(holder);
          else if (what === 'die') world.die(index);
          else world.deliver(holder, what === 'toPool');
          if (world.count('asking') > most) throw new Error(`${world.count('asking')} of ${most}`);
        }
        const turnedAway = world.count('turned away');
        world.deliverAll();
        if (world.count('waiting') > 0) throw new Error(`${world.count('waiting')} wait for ever`);
        if (world.count('turned away') > turnedAway && world.count('asking') < world.pool.limit)
          throw new Error('turned away with permits free');
        return true;
      },
    ),
    { seed, numRuns: 500 },
  );
  t.pass();
});

test('permits › every permit of one process can go to another that is short', (t) => {
  const world = new World(8, 2);
  const [a, b] = world.holders as [Holder, Holder];
  for (let i = 0; i < 6; i++) a.clients.push(new Client(a));
  world.deliverAll();
  for (let i = 0; i < 5; i++) world.end(a);
  for (let i = 0; i < 9; i++) b.clients.push(new Client(b));
  world.deliverAll();
  t.deepEqual([a.count('asking'), b.count('asking'), b.count('turned away')], [1, 7, 2]);
});

test('permits › complete requests take the places of incomplete ones of any process', (t) => {
  const world = new World(8, 3);
  const [a, b, c] = world.holders as [Holder, Holder, Holder];
  for (let i = 0; i < 5; i++) a.clients.push(new Client(a, false));
  for (let i = 0; i < 2; i++) b.clients.push(new Client(b, false));
  b.clients.push(new Client(b));
  world.deliverAll();
  t.is(world.count('asking'), 8);
  for (let i = 0; i < 4; i++) c.clients.push(new Client(c));
  c.clients.push(new Client(c, false));
  world.deliverAll();
  // Those who hold most give: four of five, and none of two.
  t.deepEqual([a.count('asking'), a.count('displaced')], [1, 4]);
  t.deepEqual([b.count('asking'), b.count('displaced')], [3, 0]);
  t.deepEqual([c.count('asking'), c.count('turned away')], [4, 1]);
  for (let i = 0; i < 9; i++) c.clients.push(new Client(c));
  world.deliverAll();
  t.deepEqual([world.count('asking'), world.count('displaced')], [8, 7]);
  t.is(c.count('turned away'), 7);
});

test('permits › the permits of a dead process are free for the others', (t) => {
  const world = new World(2, 2);
  const [a, b] = world.holders as [Holder, Holder];
  for (let i = 0; i < 2; i++) a.clients.push(new Client(a));
  world.deliverAll();
  b.clients.push(new Client(b));
  b.toPool.shift()?.();
  // It dies while it is asked what it does not use.
  world.die(0);
  world.deliverAll();
  t.deepEqual([b.count('asking'), b.count('turned away')], [1, 0]);
});

test('permits › a lower limit holds once enough requests are answered, a higher one at once', (t) => {
  const world = new World(8, 2);
  const [a, b] = world.holders as [Holder, Holder];
  for (const holder of [a, b]) for (let i = 0; i < 4; i++) holder.clients.push(new Client(holder));
  world.deliverAll();
  t.is(world.count('asking'), 8);
  world.pool.resize(3);
  world.deliverAll();
  for (let i = 0; i < 3; i++) world.end(a);
  for (let i = 0; i < 4; i++) world.end(b);
  world.deliverAll();
  for (const holder of [a, b]) for (let i = 0; i < 4; i++) holder.clients.push(new Client(holder));
  world.deliverAll();
  t.deepEqual([world.count('asking'), world.count('turned away')], [3, 6]);
  world.pool.resize(5);
  for (let i = 0; i < 3; i++) a.clients.push(new Client(a));
  world.deliverAll();
  t.deepEqual([world.count('asking'), world.count('turned away')], [5, 7]);
});
