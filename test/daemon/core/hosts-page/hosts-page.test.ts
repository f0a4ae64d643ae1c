import test from 'ava';
import fc from 'fast-check';
import { BoundedHeap } from '../../../../daemon/core/hosts-page/bounded-heap.ts';
import type { SortColumn } from '../../../../daemon/core/hosts-page/host-order.ts';
import {
  AnchorError,
  type FoundPage,
  findPage,
  type HostSearch,
  type ListedHost,
} from '../../../../daemon/core/hosts-page/hosts-page.ts';
import { Registry } from '../../../../daemon/core/registry/registry.ts';
import { type ListedState, listedStates } from '../../../../shared/listed-state.ts';
import { packed, register, registryOf, rowOf, standingsOf } from '../../../fixture/registry.ts';

const firstPage: HostSearch = {
  filter: '',
  states: ['live'],
  sort: { by: 'address', descending: false },
  inclusive: false,
  direction: 'forward',
  limit: 100,
};

const columns: SortColumn[] = ['address', 'nodeId', 'firstSeen', 'lastSeen', 'state'];

function pageOf(
  registry: Registry,
  wanted: Partial<HostSearch>,
  standings = standingsOf(registry),
): FoundPage {
  const search = findPage({ registry, standings }, { ...firstPage, ...wanted });
  for (;;) {
    const step = search.next();
    if (step.done === true) return step.value;
  }
}

/** The host without what its judge found. */
function bare({ owner: _owner, failedPings: _failedPings, ...host }: ListedHost): ListedHost {
  return host;
}

function addresses(page: FoundPage): string[] {
  return page.rows.map((row) => row.address);
}

/** The order of a plain sort: by the column, then by the address in numeric order. */
function plainOrder(by: SortColumn): (a: ListedHost, b: ListedHost) => number {
  const number = (host: ListedHost) =>
    [...packed(host.address)].map((word) => word.toString(16).padStart(8, '0')).join('');
  const compare = <T extends string | number>(a: T, b: T) => (a < b ? -1 : a > b ? 1 : 0);
  const value = (host: ListedHost) =>
    by === 'address' ? 0 : by === 'state' ? listedStates.indexOf(host.state) : host[by];
  return (a, b) => compare(value(a), value(b)) || compare(number(a), number(b));
}

const anyHost = fc.record({
  address: fc.oneof(
    fc
      .tuple(fc.nat(300), fc.integer({ min: 1, max: 3 }))
      .map(([i, port]) => `10.0.${i >> 8}.${i & 255}:${port}`),
    fc.nat(20).map((i) => `[2001:db8::${(i + 1).toString(16)}]:4000`),
  ),
  nodeId: fc.oneof(fc.uuid(), fc.constantFrom('a', 'B', 'node-1', 'node-2')),
  firstSeen: fc.integer({ min: 1, max: 5 }),
  lastSeen: fc.integer({ min: 5, max: 9 }),
  state: fc.constantFrom<ListedState[]>(...listedStates, 'gone', 'gone'),
});

const anyHosts = fc.uniqueArray(anyHost, { maxLength: 25, selector: (host) => host.address });

const anyView = fc.record({
  filter: fc.constantFrom('', '10.0', 'node', '!node', ':1', 'B', 'live', '!live', 'suspect'),
  states: fc.constantFrom<HostSearch['states'][]>(['live'], ['gone'], ['live', 'gone']),
  sort: fc.record({ by: fc.constantFrom(...columns), descending: fc.boolean() }),
});

function fill(hosts: (typeof anyHost extends fc.Arbitrary<infer T> ? T : never)[]) {
  const registry = new Registry({ maxHosts: 100 });
  const plain = hosts.map(({ address, nodeId, firstSeen, lastSeen, state }): ListedHost => {
    register(registry, address, { nodeId, now: firstSeen });
    register(registry, address, { nodeId, now: lastSeen });
    if (state === 'gone') registry.remove(rowOf(registry, address), 10);
    const host: ListedHost = { address, nodeId, firstSeen, lastSeen, state, dialect: 'native' };
    return host;
  });
  const named = Object.fromEntries(hosts.map(({ address, state }) => [address, state]));
  return { registry, plain, standings: standingsOf(registry, named as never) };
}

function plainView(
  plain: ListedHost[],
  { filter, states, sort }: Pick<HostSearch, 'filter' | 'states' | 'sort'>,
): ListedHost[] {
  const word = filter.replace('!', '').toLowerCase();
  const order = plainOrder(sort.by);
  return plain
    .filter((host) => states.includes(host.state === 'gone' ? 'gone' : 'live'))
    .filter((host) => {
      const occurs =
        [host.address, host.nodeId.toLowerCase()].some((text) => text.includes(word)) ||
        host.state === word;
      return word === '' || occurs !== filter.startsWith('!');
    })
    .sort((a, b) => (sort.descending ? -1 : 1) * order(a, b));
}

test('hosts page › all pages together, in either direction, are the filtered and sorted hosts', (t) => {
  fc.assert(
    fc.property(
      anyHosts,
      anyView,
      fc.integer({ min: 1, max: 9 }),
      fc.constantFrom('forward' as const, 'backward' as const),
      (hosts, view, limit, direction) => {
        const { registry, plain, standings } = fill(hosts);
        const expected = plainView(plain, view as never);
        let rows: ListedHost[] = [];
        let anchor: string | undefined;
        for (;;) {
          const page = pageOf(registry, { ...view, limit, direction, anchor }, standings);
          same(page.matched, expected.length);
          same(page.rows.length <= limit, true);
          if (page.rows.length === 0) break;
          const isForward = direction === 'forward';
          same(
            page.before,
            isForward ? rows.length : expected.length - rows.length - page.rows.length,
          );
          rows = isForward ? [...rows, ...page.rows] : [...page.rows, ...rows];
          anchor = (isForward ? page.last : page.first) as string;
        }
        same(rows.map(bare), expected);
      },
    ),
    { numRuns: 300 },
  );
  t.pass();
});

test('hosts page › any row works as an anchor, inclusive or not, even after its host is gone', (t) => {
  fc.assert(
    fc.property(
      anyHosts,
      anyView,
      fc.nat(30),
      fc.boolean(),
      fc.boolean(),
      fc.boolean(),
      (hosts, view, at, inclusive, isForward, isForgotten) => {
        const { registry, plain, standings } = fill(hosts);
        const expected = plainView(plain, view as never);
        if (expected.length === 0) return;
        const index = at % expected.length;
        const place = expected[index] as ListedHost;
        const first = pageOf(registry, { ...view, limit: index + 1 }, standings);
        same(first.rows.map(bare).at(-1), place);
        if (isForgotten) {
          const row = rowOf(registry, place.address);
          if (registry.isLive(row)) registry.remove(row, 11);
          registry.collectTombstones(Number.MAX_SAFE_INTEGER);
          for (let i = expected.length - 1; i >= 0; i--)
            if (registry.find(packed((expected[i] as ListedHost).address), 0) === -1)
              expected.splice(i, 1);
        }
        const order = plainOrder(view.sort.by);
        const side = (host: ListedHost) => (view.sort.descending ? -1 : 1) * order(host, place);
        const direction = isForward ? 'forward' : 'backward';
        const anchor = first.last as string;
        const page = pageOf(
          registry,
          { ...view, limit: 3, anchor, inclusive, direction },
          standings,
        );
        const after = expected.filter((host) => side(host) > 0 || (inclusive && side(host) === 0));
        const before = expected.filter((host) => side(host) < 0 || (inclusive && side(host) === 0));
        same(page.rows.map(bare), isForward ? after.slice(0, 3) : before.slice(-3));
        same(page.matched, expected.length);
        same(
          page.before,
          isForward ? expected.length - after.length : before.length - page.rows.length,
        );
      },
    ),
    { numRuns: 500 },
  );
  t.pass();
});

test('hosts page › addresses are in numeric order, IPv4 as mapped IPv6', (t) => {
  const registry = registryOf([
    '10.0.0.10:80',
    '10.0.0.9:443',
    '10.0.0.9:80',
    '[::1]:1',
    '[2001:db8::1]:1',
  ]);
  t.deepEqual(addresses(pageOf(registry, {})), [
    '[::1]:1',
    '10.0.0.9:80',
    '10.0.0.9:443',
    '10.0.0.10:80',
    '[2001:db8::1]:1',
  ]);
});

test('hosts page › a host that is dying is listed with its state, its judge and its failed pings', (t) => {
  const registry = registryOf([
    '10.0.0.1:1',
    '10.0.0.2:1',
    '10.0.0.3:1',
    '10.0.0.4:1',
    '10.0.0.5:1',
  ]);
  registry.remove(rowOf(registry, '10.0.0.5:1'), 2_000);
  const standings = standingsOf(registry, {
    '10.0.0.1:1': 'due',
    '10.0.0.2:1': 'condemned',
    '10.0.0.4:1': 'suspect',
  });
  const page = pageOf(
    registry,
    { states: ['live', 'gone'], sort: { by: 'state', descending: true } },
    standings,
  );
  t.deepEqual(
    page.rows.map(({ address, state, owner, failedPings }) => [address, state, owner, failedPings]),
    [
      ['10.0.0.5:1', 'gone', undefined, undefined],
      ['10.0.0.2:1', 'condemned', 'owner', 3],
      ['10.0.0.4:1', 'suspect', 'owner', 3],
      ['10.0.0.1:1', 'due', 'owner', undefined],
      ['10.0.0.3:1', 'live', undefined, undefined],
    ],
  );
});

test('hosts page › an empty page has no anchors but the number of matches', (t) => {
  const registry = registryOf(['10.0.0.1:1', '10.0.0.2:1']);
  const { revision } = registry;
  t.deepEqual(pageOf(registry, { filter: 'nowhere' }), {
    rows: [],
    first: null,
    last: null,
    matched: 0,
    before: 0,
    revision,
  });
  t.deepEqual(pageOf(registry, { anchor: '10.0.0.2:1' }), {
    rows: [],
    first: null,
    last: null,
    matched: 2,
    before: 2,
    revision,
  });
});

test('hosts page › an anchor that no page gave is refused with the next step', (t) => {
  const registry = registryOf(['10.0.0.1:1']);
  const anchors: [by: SortColumn, anchor: string][] = [
    ['address', ''],
    ['address', 'nonsense'],
    ['nodeId', 'nonsense x'],
    ['firstSeen', '10.0.0.1:1'],
    ['lastSeen', '10.0.0.1:1 soon'],
    ['state', '10.0.0.1:1 dying'],
  ];
  for (const [by, anchor] of anchors)
    t.throws(() => pageOf(registry, { anchor, sort: { by, descending: false } }), {
      instanceOf: AnchorError,
      message: `not an anchor of a page: ${anchor}; ask for a page without one`,
    });
});

test('hosts page › a long walk pauses so that other work can run', (t) => {
  const registry = registryOf(
    Array.from({ length: 20_000 }, (_, i) => `10.0.${i >> 8}.${i & 255}:1`),
    20_000,
  );
  const search = findPage({ registry, standings: standingsOf(registry) }, firstPage);
  let pauses = 0;
  while (search.next().done !== true) pauses++;
  t.is(pauses, 2);
});

function same(actual: unknown, expected: unknown): void {
  if (JSON.stringify(actual) !== JSON.stringify(expected))
    throw new Error(`${JSON.stringify(actual)} is not ${JSON.stringify(expected)}`);
}

test('bounded heap › it keeps the first rows of those offered, in any order', (t) => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.nat(10_000)),
      fc.integer({ min: 1, max: 20 }),
      fc.boolean(),
      fc.integer({ min: 1, max: 1_000 }),
      (offered, limit, isReversed, perKey) => {
        const sign = isReversed ? -1 : 1;
        const key = (row: number) => sign * Math.floor(row / perKey);
        const compare = (a: number, b: number) => sign * (a - b);
        const heap = new BoundedHeap(limit, compare);
        for (const row of offered) heap.offer(row, key(row));
        const kept = heap.rows().sort(compare);
        return kept.join() === [...offered].sort(compare).slice(0, limit).join();
      },
    ),
  );
  t.pass();
});

test('bounded heap › a row that its key rules out is not compared', (t) => {
  let comparisons = 0;
  const key = (row: number) => Math.floor(row / 10);
  const compare = (a: number, b: number) => {
    comparisons++;
    return a - b;
  };
  const heap = new BoundedHeap(100, compare);
  for (let row = 0; row < 100; row++) heap.offer(row, key(row));
  comparisons = 0;
  for (let row = 100; row < 1_100; row++) heap.offer(row, key(row));
  t.is(comparisons, 0);
  heap.offer(95, key(95));
  t.true(comparisons > 0);
});
