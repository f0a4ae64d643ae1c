import test from 'ava';
import fc from 'fast-check';
import {
  Admission,
  type Guest,
  maxConnectionsPerSource,
  type Place,
} from '../../../../daemon/core/admission/admission.ts';
import { budgetOf, shortageOf } from '../../../../daemon/core/admission/descriptors.ts';
import { GreediestFirst } from '../../../../daemon/core/admission/greediest-first.ts';
import { Link } from '../../../../daemon/core/timing/linked-set.ts';
import { seed } from '../../../fixture/random.ts';

class Evictable implements Guest {
  readonly name: string;
  readonly source: string;
  place: Place | null = null;
  readonly link: Link<Guest> = new Link<Guest>(this);
  private readonly told: { evicted: string[]; displaced: string[] };

  constructor(name: string, source: string, told: { evicted: string[]; displaced: string[] }) {
    this.name = name;
    this.source = source;
    this.told = told;
  }

  evict(): void {
    this.told.evicted.push(this.name);
  }

  giveWay(): void {
    this.told.displaced.push(this.name);
  }

  proceed(): void {}
}

function setUp(options: { backlog?: number; limit?: number; perSource?: number } = {}) {
  /** who was shown out, and who gave way */
  const evicted: string[] = [];
  const displaced: string[] = [];
  const admission = new Admission({ backlog: 2, limit: 3, ...options });
  const guest = (name: string, source = `10.0.0.${name}`) =>
    new Evictable(name, source, { evicted, displaced });
  /** Enters and begins a request; it is complete, or answered and not read, or stays incomplete. */
  const begin = (name: string, source?: string, to?: 'deciding' | 'writing'): boolean => {
    const each = guest(name, source);
    admission.enter(each);
    if (!admission.ask(each) && !(admission.seek(each, to !== undefined) && admission.ask(each)))
      return false;
    if (to === undefined) admission.remainsIncomplete(each);
    else admission.moveTo(each, to);
    return true;
  };
  return { evicted, displaced, admission, guest, begin };
}

test('admission › the backlog is limited, and a guest in it stays in it', (t) => {
  const { admission, guest } = setUp();
  const [a, b, c] = [guest('1'), guest('2'), guest('3')];
  for (const each of [a, b, c]) t.true(admission.enter(each));
  t.deepEqual([admission.ask(a), admission.ask(b), admission.ask(c)], [true, true, false]);
  t.true(admission.ask(a));
  t.is(admission.backlog, 2);
  admission.answered(b);
  t.true(admission.ask(c));
  t.is(admission.backlog, 2);
});

test('admission › a guest that leaves makes room in the backlog', (t) => {
  const { admission, guest } = setUp({ backlog: 1 });
  const [a, b] = [guest('1'), guest('2')];
  admission.enter(a);
  admission.enter(b);
  admission.ask(a);
  t.false(admission.ask(b));
  admission.leave(a);
  t.true(admission.ask(b));
  t.deepEqual([admission.backlog, admission.open], [1, 1]);
});

test('admission › silent connections are not in the backlog, however many', (t) => {
  const { admission, guest } = setUp({ limit: 1_000, backlog: 1 });
  for (let i = 0; i < 1_000; i++) admission.enter(guest(String(i)));
  t.deepEqual([admission.backlog, admission.open], [0, 1_000]);
  const asking = guest('asker');
  t.true(admission.enter(asking));
  t.true(admission.ask(asking));
});

test('admission › a complete request takes the place of the longest incomplete one of the greediest source', (t) => {
  const { admission, displaced, begin } = setUp({ backlog: 20, limit: 100 });
  for (let i = 0; i < 5; i++) for (const from of ['a', 'b', 'c']) begin(`${from}${i}`, from);
  for (let i = 0; i < 5; i++) begin(`whole${i}`, 'w', 'deciding');
  t.deepEqual([admission.backlog, displaced], [20, []]);
  t.true(begin('c5', 'c', 'deciding'));
  t.deepEqual(displaced, ['a0']);
  t.true(begin('other', 'd', 'deciding'));
  t.true(begin('more', 'd', 'deciding'));
  // Of a source that held most with others, each gave up one.
  t.deepEqual([displaced, admission.backlog], [['a0', 'b0', 'c0'], 20]);
});

test('admission › with nothing but complete requests in the backlog, newcomers are refused', (t) => {
  const { displaced, begin } = setUp({ backlog: 2, limit: 100 });
  t.true(begin('a', 'x', 'deciding'));
  t.true(begin('b', 'x', 'deciding'));
  t.false(begin('c', 'y', 'deciding'));
  t.false(begin('d', 'y'));
  t.deepEqual(displaced, []);
});

test('admission › an incomplete request takes a place only from a source with two more', (t) => {
  const { displaced, begin } = setUp({ backlog: 8, limit: 100 });
  for (const [index, from] of ['a', 'a', 'b', 'b', 'c', 'c', 'd', 'd'].entries())
    t.true(begin(`${from}${index}`, from));
  t.true(begin('e1', 'e'));
  t.deepEqual(displaced, ['a0']);
  t.false(begin('e2', 'e'));
  t.false(begin('a8', 'a'));
  t.deepEqual(displaced, ['a0']);
});

test('admission › incomplete requests of one source hold a quarter of the backlog at most', (t) => {
  const { admission, displaced, begin } = setUp({ backlog: 100, limit: 1_000 });
  for (let i = 0; i < 100; i++) t.true(begin(String(i), '192.0.2.1'));
  t.is(admission.backlog, 25);
  t.deepEqual(
    displaced,
    Array.from({ length: 75 }, (_, index) => String(index)),
  );
  // Whole ones of the same source are not counted: they are answered in a moment.
  for (let i = 0; i < 50; i++) t.true(begin(`whole${i}`, '192.0.2.1', 'deciding'));
  t.is(admission.backlog, 75);
});

test('admission › a client that does not read gives way when its source holds more than its share', (t) => {
  const { displaced, begin } = setUp({ backlog: 8, limit: 100 });
  for (const each of ['a', 'b', 'c', 'd', 'e'])
    t.true(begin(each, each < 'd' ? 'x' : each, 'writing'));
  for (const each of ['f', 'g', 'h']) t.true(begin(each, each, 'deciding'));
  t.false(begin('i', 'x', 'deciding'));
  t.false(begin('j', 'y'));
  t.true(begin('k', 'y', 'deciding'));
  t.deepEqual(displaced, ['a']);
  t.false(begin('l', 'z', 'deciding'));
});

test('admission › the greediest source of silent connections makes room first', (t) => {
  const { admission, evicted, guest } = setUp({ limit: 5, backlog: 4 });
  for (const [name, source] of [
    ['honest', '192.0.2.7'],
    ['a', '192.0.2.1'],
    ['b', '192.0.2.1'],
    ['c', '192.0.2.2'],
    ['d', '192.0.2.1'],
  ] as const)
    admission.enter(guest(name, source));
  for (const name of ['1', '2']) admission.enter(guest(name));
  t.deepEqual(evicted, ['a', 'b']);
});

test('admission › the longest silent connection makes room, then the longest idle one', (t) => {
  const { admission, evicted, guest } = setUp({ limit: 4, backlog: 4 });
  const [idle1, idle2, silent, asking] = [guest('1'), guest('2'), guest('3'), guest('4')];
  for (const each of [idle1, idle2, silent, asking]) admission.enter(each);
  for (const each of [idle2, idle1, asking]) admission.ask(each);
  for (const each of [idle2, idle1]) admission.answered(each);
  const isLetIn = ['5', '6', '7', '8'].map((name) => {
    const newcomer = guest(name);
    return admission.enter(newcomer) && admission.ask(newcomer);
  });
  // 3 was silent, 2 was idle before 1; then all four ask, and the longest of them makes room.
  t.deepEqual(isLetIn, [true, true, true, true]);
  t.deepEqual(evicted, ['3', '2', '1', '4']);
  t.is(admission.open, 4);
});

test('admission › a source at its limit makes room among its own', (t) => {
  const { admission, evicted, guest } = setUp({ limit: 100, perSource: 2, backlog: 100 });
  const [a, b, c] = [guest('a', '1.1.1.1'), guest('b', '1.1.1.1'), guest('c', '1.1.1.1')];
  const other = guest('other', '2.2.2.2');
  for (const each of [other, a, b]) t.true(admission.enter(each));
  t.true(admission.enter(c));
  t.deepEqual(evicted, ['a']);
  for (const each of [b, c]) {
    admission.ask(each);
    admission.moveTo(each, 'deciding');
  }
  t.false(admission.enter(guest('d', '1.1.1.1')));
  t.true(admission.enter(guest('e', '2.2.2.2')));
  t.deepEqual(evicted, ['a']);
  admission.leave(b);
  t.true(admission.enter(guest('f', '1.1.1.1')));
});

test('admission › the limit of one source has its documented value', (t) => {
  const { admission, evicted, guest } = setUp({ limit: 10_000 });
  for (let i = 0; i <= maxConnectionsPerSource; i++) admission.enter(guest(String(i), '1.1.1.1'));
  t.deepEqual(evicted, ['0']);
  t.is(admission.open, maxConnectionsPerSource);
});

test('admission › a guest that leaves is counted once, and one that never entered not at all', (t) => {
  const { admission, guest } = setUp({ perSource: 1 });
  const [a, b] = [guest('a', '1.1.1.1'), guest('b', '2.2.2.2')];
  admission.enter(a);
  admission.leave(a);
  admission.leave(a);
  admission.leave(b);
  t.is(admission.open, 0);
  t.true(admission.enter(guest('c', '1.1.1.1')));
  t.true(admission.enter(guest('d', '2.2.2.2')));
});

test('admission › the peak is kept since the start and since it was last taken', (t) => {
  const { admission, guest } = setUp({ backlog: 3 });
  const guests = [guest('1'), guest('2'), guest('3')];
  for (const each of guests) {
    admission.enter(each);
    admission.ask(each);
  }
  for (const each of guests.slice(0, 2)) admission.answered(each);
  t.deepEqual([admission.peak, admission.takePeak()], [3, 3]);
  t.deepEqual([admission.peak, admission.takePeak()], [3, 1]);
  admission.answered(guests[2] as Guest);
  t.deepEqual([admission.takePeak(), admission.takePeak()], [1, 0]);
});

test('admission › a smaller backlog applies to newcomers, and evicts nobody', (t) => {
  const { admission, evicted, guest } = setUp({ backlog: 2, limit: 10 });
  const [a, b, c] = [guest('1'), guest('2'), guest('3')];
  for (const each of [a, b, c]) admission.enter(each);
  admission.ask(a);
  admission.ask(b);
  admission.backlogLimit = 1;
  t.deepEqual([admission.ask(a), admission.ask(b), admission.ask(c)], [true, true, false]);
  admission.answered(a);
  t.false(admission.ask(c));
  t.deepEqual(evicted, []);
});

interface Item {
  readonly source: string;
  readonly number: number;
}

test('greediest first › the first is the oldest of the source with most items', (t) => {
  const queue = new GreediestFirst<Item>();
  const [a, b, c, d] = ['x', 'y', 'y', 'z'].map((source, number) => ({ source, number })) as [
    Item,
    Item,
    Item,
    Item,
  ];
  for (const each of [a, b, c, d]) queue.add(each);
  t.deepEqual([queue.size, queue.greediest, queue.of('y'), queue.of('none')], [4, 2, 2, 0]);
  const gone: Item[] = [];
  for (let first = queue.first(); first !== undefined; first = queue.first()) {
    gone.push(first);
    queue.delete(first);
  }
  t.deepEqual(gone, [b, a, d, c]);
  t.deepEqual([queue.size, queue.greediest, queue.first()], [0, 0, undefined]);
});

test('greediest first › the first is the one that a search through all items finds', (t) => {
  const step = fc.record({ source: fc.constantFrom('a', 'b', 'c', 'd'), number: fc.nat(5) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const queue = new GreediestFirst<Item>();
      const known = new Map<string, Item>();
      const model: Item[] = [];
      for (const { source, number } of steps) {
        const name = `${source}${number}`;
        const item = known.get(name) ?? { source, number };
        known.set(name, item);
        // Who is there goes, who is not comes; both also twice.
        const at = model.indexOf(item);
        for (let twice = 0; twice < 2; twice++) at === -1 ? queue.add(item) : queue.delete(item);
        if (at === -1) model.push(item);
        else model.splice(at, 1);
        const of = (each: string) => model.filter((other) => other.source === each);
        const most = Math.max(...['a', 'b', 'c', 'd'].map((each) => of(each).length));
        const first = queue.first();
        if (queue.size !== model.length || queue.greediest !== most) return false;
        for (const each of ['a', 'b', 'c', 'd'])
          if (queue.of(each) !== of(each).length || queue.firstOf(each) !== of(each)[0])
            return false;
        if (first === undefined ? most > 0 : of(first.source).length !== most) return false;
        if (first !== undefined && of(first.source)[0] !== first) return false;
      }
      return true;
    }),
    { seed, numRuns: 300 },
  );
  t.pass();
});

const alone = { peers: 0, workers: 0 };

test('descriptors › with enough of them, every kind gets what it needs', (t) => {
  t.deepEqual(budgetOf(Number.POSITIVE_INFINITY, { peers: 3, workers: 4 }), {
    clients: 10_000,
    pings: 1_088,
    sync: 28,
    consoles: 80,
  });
  t.is(shortageOf(65_536, { peers: 3, workers: 4 }), null);
});

test('descriptors › with few of them, every kind gets a share, and clients the largest', (t) => {
  t.deepEqual(budgetOf(1_024, alone), { clients: 758, pings: 122, sync: 16, consoles: 80 });
  t.deepEqual(budgetOf(64, alone), { clients: 10, pings: 2, sync: 2, consoles: 2 });
});

test('descriptors › each name server of a large fleet has its connection, with the usual limit of 1,024, too', (t) => {
  for (const peers of [64, 128, 200])
    t.true(budgetOf(1_024, { peers, workers: 2 }).sync >= peers, `${peers} peers`);
});

test('descriptors › the parts never add up to more than the limit', (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 64, max: 70_000 }),
      fc.integer({ min: 0, max: 300 }),
      fc.integer({ min: 0, max: 2 }),
      (limit, peers, workers) => {
        const { clients, pings, sync, consoles } = budgetOf(limit, { peers, workers });
        const files = 48 + peers + 3 * workers;
        return clients + pings + sync + consoles + files <= Math.max(limit, files + 4);
      },
    ),
    { seed },
  );
  t.pass();
});

test('descriptors › a limit that is too low is reported, with what to raise it to and where', (t) => {
  t.is(
    shortageOf(1_024, alone),
    'the limit of 1024 open files leaves room for 758 clients, 122 pings, 16 connections of name servers and 80 consoles at once; raise it to 11232 (LimitNOFILE in ddnsd.service, or ulimit -n) for all of them',
  );
});
