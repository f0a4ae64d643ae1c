import test from 'ava';
import type { Host, HostsPage, PageQuery } from '../../../../shared/ipc/contract.ts';
import {
  applyPage,
  firstHosts,
  type HostsState,
  hostAt,
  loadedRows,
  moveBy,
  movePage,
  moveToEnd,
  selectedHost,
  setAsked,
  setFailed,
  setFilter,
  setSort,
  setStale,
  setViewport,
  type Want,
  wantedPage,
} from '../../../../tui/views/hosts/hosts-state.ts';
import { fixedHosts } from '../../fixture-data.ts';

/** A registry that answers as the daemon does, anchored by address. */
class Registry {
  hosts: Host[];
  revision = 1;
  asked: PageQuery[] = [];

  constructor(count: number) {
    this.hosts = Array.from({ length: count }, (_, index) => ({
      ...(fixedHosts(1)[0] as Host),
      address: address(index),
    }));
  }

  page(query: PageQuery): HostsPage {
    this.asked.push(query);
    const matching = this.hosts.filter((host) => host.address.includes(query.filter ?? ''));
    const { anchor, inclusive = false, direction = 'forward', limit = 100 } = query;
    let from = 0;
    let to = matching.length;
    if (direction === 'forward') {
      if (anchor !== undefined) {
        const at = matching.findIndex(
          ({ address: key }) => key > anchor || (inclusive && key === anchor),
        );
        from = at < 0 ? matching.length : at;
      }
      to = Math.min(to, from + limit);
    } else {
      if (anchor !== undefined) {
        const at = matching.findIndex(
          ({ address: key }) => key > anchor || (!inclusive && key === anchor),
        );
        to = at < 0 ? matching.length : at;
      }
      from = Math.max(0, to - limit);
    }
    const rows = matching.slice(from, to);
    return {
      rows,
      first: rows[0]?.address ?? null,
      last: rows.at(-1)?.address ?? null,
      matched: matching.length,
      before: from,
      revision: this.revision,
    };
  }
}

/** Sorts as its number does. */
function address(index: number): string {
  return `10.0.${String(Math.floor(index / 1000)).padStart(3, '0')}.${String(index % 1000).padStart(3, '0')}:1`;
}

/** Brings pages until nothing is wanted. */
function settle(state: HostsState, registry: Registry): HostsState {
  for (let round = 0; round < 20; round += 1) {
    const want = wantedPage(state);
    if (want === null) return state;
    state = applyPage(setAsked(state, want), want, registry.page(want.query));
  }
  throw new Error('never satisfied');
}

function opened(registry: Registry): HostsState {
  return settle(setViewport(firstHosts, 20), registry);
}

test('hosts state › opening reads one page and selects the first row', (t) => {
  const registry = new Registry(10_000);
  const state = opened(registry);
  t.is(registry.asked.length, 1);
  t.is(state.matched, 10_000);
  t.is(loadedRows(state), 250);
  t.is(state.selected, address(0));
});

test('hosts state › walking down a large registry keeps a few pages and shows every row', (t) => {
  const registry = new Registry(2_000);
  let state = opened(registry);
  for (let row = 1; row < 2_000; row += 1) {
    state = settle(moveBy(state, 1), registry);
    t.is(state.selected, address(row));
    t.true(loadedRows(state) <= 750);
    for (let line = 0; line < 20; line += 1)
      t.is(hostAt(state, state.top + line)?.address, address(state.top + line));
  }
  for (let row = 1_998; row >= 0; row -= 1) {
    state = settle(moveBy(state, -1), registry);
    if (state.selected !== address(row)) t.fail(`row ${row} is ${state.selected}`);
  }
  t.is(state.top, 0);
});

test('hosts state › paging moves by a screen less one row', (t) => {
  const registry = new Registry(500);
  let state = settle(movePage(opened(registry), 1), registry);
  t.is(state.cursor, 19);
  t.is(state.top, 19);
  state = settle(movePage(state, -1), registry);
  t.is(state.cursor, 0);
});

test('hosts state › half a screen is half of its rows, at least one', (t) => {
  const registry = new Registry(300);
  const half = movePage(opened(registry), 0.5);
  t.is(half.cursor, 10);
  t.is(movePage(half, -0.5).cursor, 0);
  t.is(movePage(setViewport(half, 1), 0.5).cursor, 11);
});

test('hosts state › the last and the first row of a large registry are one question away', (t) => {
  const registry = new Registry(100_000);
  let state = settle(moveToEnd(opened(registry), 'last'), registry);
  t.is(state.selected, address(99_999));
  t.is(state.top, 100_000 - 20);
  t.is(registry.asked.length, 2);
  state = settle(moveToEnd(state, 'first'), registry);
  t.is(state.selected, address(0));
});

test('hosts state › one who turns back on the way to the last row stays at the first', (t) => {
  const registry = new Registry(100_000);
  const away = moveToEnd(opened(registry), 'last');
  const want = wantedPage(away) as Want;
  const asked = setAsked(away, want);
  for (const back of [away, asked].map((state) => moveToEnd(state, 'first'))) {
    t.is(wantedPage(back)?.kind, 'refresh');
    t.is(settle(back, registry).selected, address(0));
  }
  const back = moveToEnd(asked, 'first');
  for (const late of [applyPage(back, want, registry.page(want.query)), setFailed(back, want)])
    t.is(settle(late, registry).selected, address(0));
});

test('hosts state › the selection stays on its host when rows come and go before it', (t) => {
  const registry = new Registry(300);
  let state = settle(moveBy(opened(registry), 50), registry);
  const line = state.cursor - state.top;
  registry.hosts = registry.hosts.filter((_, index) => index % 7 !== 0 || index === 50);
  state = settle(setStale(state), registry);
  t.is(state.selected, address(50));
  t.is(selectedHost(state)?.address, address(50));
  t.is(state.cursor - state.top, line);
});

test('hosts state › when the selected host is gone, the row that took its place is selected', (t) => {
  const registry = new Registry(300);
  let state = settle(moveBy(opened(registry), 30), registry);
  registry.hosts.splice(30, 1);
  state = settle(setStale(state), registry);
  t.is(state.cursor, 30);
  t.is(state.selected, address(31));
});

test('hosts state › when everything is gone nothing is selected, and the first newcomer is', (t) => {
  const registry = new Registry(5);
  const all = registry.hosts;
  registry.hosts = [];
  let state = settle(setStale(opened(new Registry(5))), registry);
  t.is(state.selected, null);
  t.is(state.matched, 0);
  registry.hosts = all;
  state = settle(setStale(state), registry);
  t.is(state.selected, address(0));
});

test('hosts state › when the end of the list went, the rows that are left are shown', (t) => {
  const registry = new Registry(1_000);
  let state = settle(moveToEnd(opened(registry), 'last'), registry);
  registry.hosts = registry.hosts.slice(0, 40);
  state = settle(setStale(state), registry);
  t.is(state.matched, 40);
  t.is(state.selected, address(39));
  t.is(state.top, 20);
});

test('hosts state › a filter keeps the selected host if it matches, else selects the first', (t) => {
  const registry = new Registry(300);
  let state = settle(moveBy(opened(registry), 12), registry);
  state = settle(setFilter(state, '12:1'), registry);
  t.is(state.selected, address(12));
  state = settle(setFilter(state, '.003'), registry);
  t.is(state.selected, address(3));
  t.is(state.matched, 1);
});

test('hosts state › a late answer to an old question is dropped', (t) => {
  const registry = new Registry(300);
  let state = opened(registry);
  const old = wantedPage(setFilter(state, '1'));
  state = setFilter(setFilter(state, '1'), '12');
  if (old === null) throw new Error('nothing wanted');
  const unchanged = applyPage(state, old, registry.page(old.query));
  t.is(unchanged.pages, state.pages);
  t.is(wantedPage(unchanged)?.query.filter, '12');
});

test('hosts state › what changes while a page is on its way is read again', (t) => {
  const registry = new Registry(30);
  let state = setStale(opened(registry));
  const want = wantedPage(state);
  if (want === null) throw new Error('nothing wanted');
  const page = registry.page(want.query);
  state = setStale(setAsked(state, want));
  state = applyPage(state, want, page);
  t.is(wantedPage(state)?.kind, 'refresh');
});

test('hosts state › a question that failed is asked again', (t) => {
  const first = wantedPage(firstHosts);
  if (first === null) throw new Error('nothing wanted');
  t.deepEqual(wantedPage(setFailed(setAsked(firstHosts, first), first)), first);
});

test('hosts state › sorting again turns the order, times begin with the latest', (t) => {
  const byAddress = setSort(firstHosts, 'address');
  t.deepEqual(byAddress.sort, { by: 'address', descending: true });
  const byLastSeen = setSort(byAddress, 'lastSeen');
  t.deepEqual(byLastSeen.sort, { by: 'lastSeen', descending: true });
  t.deepEqual(setSort(byLastSeen, 'lastSeen').sort, { by: 'lastSeen', descending: false });
});

test('hosts state › after a sort the first row is selected, wherever the selected host went', (t) => {
  const registry = new Registry(300);
  const below = moveBy(opened(registry), 7);
  registry.hosts.reverse();
  const sorted = settle(setSort(below, 'lastSeen'), registry);
  t.deepEqual([sorted.cursor, sorted.top, sorted.selected], [0, 0, address(299)]);
});

test('hosts state › in an order in which rows move by themselves, the first row stays selected', (t) => {
  const registry = new Registry(100);
  const first = settle(setSort(opened(registry), 'state'), registry);
  registry.hosts.reverse();
  const moved = settle(setStale(first), registry);
  t.deepEqual([moved.cursor, moved.selected], [0, address(99)]);
  const below = moveBy(moved, 3);
  registry.hosts.reverse();
  t.is(settle(setStale(below), registry).selected, below.selected);
});

test('hosts state › a smaller window keeps the selected row on the screen', (t) => {
  const registry = new Registry(300);
  const state = setViewport(settle(moveBy(opened(registry), 19), registry), 5);
  t.true(state.cursor >= state.top && state.cursor < state.top + 5);
});
