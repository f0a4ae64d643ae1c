// What is shown and how old it is, the pause, and positions in lists.
import '../../fixture/production.ts';
import test from 'ava';
import type { PeerStatus } from '../../../shared/ipc/status-contract.ts';
import { bannerTexts, silentBanner } from '../../../tui/components/banner.ts';
import {
  type ConsoleAction,
  type ConsoleState,
  firstState,
  reduceConsole,
} from '../../../tui/console/console-state.ts';
import { Header } from '../../../tui/frame/header.tsx';
import { changesOf, counterFact, factsOf, peerFact } from '../../../tui/state/daemon-data.ts';
import { moved, settled } from '../../../tui/state/list-position.ts';
import {
  dataAge,
  isFresh,
  isSilent,
  isStale,
  lateAfterMs,
  markMs,
  staleAfterMs,
} from '../../../tui/state/shown.ts';
import { columnsOf } from '../../../tui/text/columns.ts';
import { moveBy } from '../../../tui/views/hosts/hosts-state.ts';
import { frameLinesOf } from '../drawn-lines.ts';
import {
  fixedDelta,
  fixedNow,
  fixedPeers,
  fixedSamples,
  fixedSnapshot,
  fixedStatus,
} from '../fixture-data.ts';

const size = { columns: 80, rows: 24 };

function stateAfter(...actions: ConsoleAction[]): ConsoleState {
  const first = firstState({ size, view: 'overview', readOnly: false, now: 0 });
  return actions.reduce(reduceConsole, first);
}

const attach: ConsoleAction = { type: 'snapshot', snapshot: fixedSnapshot(), now: 0 };
const tick = (now: number): ConsoleAction => ({ type: 'tick', now });

test('freshness › a daemon that sends nothing counts as silent after a while, until its next message', (t) => {
  t.is(dataAge(stateAfter(tick(9_000))), 0, 'nothing is shown yet');
  t.false(isStale(stateAfter(tick(9_000))));
  const late = stateAfter(attach, tick(staleAfterMs - 1));
  t.deepEqual([isSilent(late), isStale(late), bannerTexts(late).length], [false, false, 0]);
  const silent = stateAfter(attach, tick(staleAfterMs));
  t.deepEqual([isSilent(silent), isStale(silent), bannerTexts(silent).length], [true, true, 1]);
  const again = stateAfter(attach, tick(staleAfterMs), {
    type: 'delta',
    delta: fixedDelta(),
    now: staleAfterMs,
  });
  t.deepEqual([isStale(again), dataAge(again)], [false, 0]);
});

test('freshness › a lost connection is stale at once, and has one banner', (t) => {
  const change = { type: 'lost', now: 1, reason: 'gone', nextAt: 2 } as const;
  const lost = stateAfter(attach, { type: 'connection', change }, tick(60_000));
  t.deepEqual([isSilent(lost), isStale(lost), bannerTexts(lost).length], [false, true, 2]);
});

test('freshness › the header gives the age of old data, always on one line', (t) => {
  const mark = (now: number, columns = 80) => {
    const state = { ...stateAfter(attach, tick(now)), size: { columns, rows: 24 } };
    return (frameLinesOf(Header, state)[0] ?? '').trimEnd();
  };
  t.true(mark(lateAfterMs - 1).endsWith('● live'));
  t.true(mark(lateAfterMs).endsWith('○ 3 s old'));
  t.true(mark(8_040_000).endsWith('○ 2 h 14 min old'));
  for (const width of [60, 80, 200]) t.true(columnsOf(mark(8_040_000, width)) <= width);
});

test('freshness › the banner gives the age of the data and the likely cause', (t) => {
  t.deepEqual(silentBanner(12_000, 120), [
    ' No update from the name server for 12 s: it is stopped or overloaded.',
  ]);
  t.deepEqual(silentBanner(12_000, 60), [
    ' No update from the name server for 12 s:',
    ' it is stopped or overloaded.',
  ]);
});

const [well, plain] = fixedPeers() as [PeerStatus, PeerStatus];
const behind: PeerStatus = { ...plain, version: '0.1.0', encrypted: false };

const { counters } = fixedStatus();

test('changes › a peer whose state, trouble, version or sync changed is marked, others are not', (t) => {
  const facts = (...peers: PeerStatus[]) => factsOf({ peers, counters }, new Map());
  const before = facts(well, behind);
  t.is(changesOf(new Map(), before, before, 5).size, 0);
  const down: PeerStatus = { ...well, state: 'down', encrypted: null };
  const first = changesOf(new Map(), before, facts(down, { ...behind, lag: 9 }), 5);
  t.deepEqual([...first], [[peerFact(well, 'state'), 5]]);
  const later = { ...behind, trouble: 'no', version: '9.9.9', encrypted: !behind.encrypted };
  const second = changesOf(first, facts(down, behind), facts(down, later), 9);
  t.deepEqual(
    [...second].sort(),
    [
      [peerFact(well, 'state'), 5],
      [peerFact(behind, 'state'), 9],
      [peerFact(behind, 'sync'), 9],
      [peerFact(behind, 'version'), 9],
    ].sort(),
  );
  const added = facts({ ...well, address: '192.0.2.9:1' });
  t.deepEqual([...changesOf(second, facts(down), added, 12)], [], 'a new one has not changed');
});

test('changes › a peer that comes back as another version, or without encryption, is marked', (t) => {
  const peerIs = (change: Partial<PeerStatus>, now: number): ConsoleAction => {
    const peers = [{ ...well, version: '1.0.0', encrypted: true, ...change }];
    return { type: 'delta', delta: fixedDelta({ status: { peers } }), now };
  };
  const away = peerIs({ state: 'down', version: null, encrypted: null }, 2_000);
  const marks = (...actions: ConsoleAction[]) => {
    const changes = stateAfter(attach, peerIs({}, 1_000), ...actions).data?.changes;
    return [changes?.get(peerFact(well, 'version')), changes?.get(peerFact(well, 'sync'))];
  };
  t.deepEqual(marks(away, peerIs({}, 3_000)), [undefined, undefined]);
  const other = peerIs({ version: '1.1.0', encrypted: false }, 3_000);
  t.deepEqual(marks(away, other), [3_000, 3_000]);
  t.deepEqual(
    marks(away, other, peerIs({ version: '1.1.0', encrypted: false }, 4_000)),
    [3_000, 3_000],
  );
});

test('changes › a counter that grew is marked', (t) => {
  const grown = { ...counters, malformed: counters.malformed + 1 };
  const [before, after] = [counters, grown].map((each) =>
    factsOf({ peers: [], counters: each }, new Map()),
  );
  const changes = changesOf(new Map(), before ?? new Map(), after ?? new Map(), 7);
  t.deepEqual([...changes], [[counterFact('malformed'), 7]]);
});

test('changes › a mark expires by the clock of the data on the screen', (t) => {
  t.true(isFresh(1_000, { receivedAt: 1_000 + markMs - 1 }));
  t.false(isFresh(1_000, { receivedAt: 1_000 + markMs }));
  t.false(isFresh(undefined, { receivedAt: 0 }));
});

const first = firstState({ size, view: 'overview', readOnly: false, now: 0 });

function after(state: ConsoleState, ...actions: ConsoleAction[]): ConsoleState {
  return actions.reduce(reduceConsole, state);
}

function leftHost(seq: number, at: number): ConsoleAction {
  const activity = [{ seq, at, kind: 'left', address: null, text: 'x' } as const];
  const { counters } = fixedStatus();
  const status = { counters: { ...counters, left: seq }, hosts: { live: seq, gone: 0, limit: 9 } };
  return { type: 'delta', delta: fixedDelta({ at: fixedNow + at, activity, status }), now: at };
}

const attached = after(
  first,
  { type: 'snapshot', snapshot: fixedSnapshot(), now: 0 },
  { type: 'hosts', change: (hosts) => ({ ...hosts, goal: null }) },
);
const paused = after(attached, { type: 'pause' });

test('pause › the screen is frozen, and shows the latest data afterwards', (t) => {
  const later = after(paused, leftHost(6, 1_000), leftHost(7, 2_000), { type: 'tick', now: 3_000 });
  t.is(later.data, attached.data);
  t.is(later.now, attached.now);
  t.is(later.hosts, attached.hosts);
  const going = after(later, { type: 'pause' });
  t.is(going.paused, null);
  t.is(going.now, 3_000);
  t.is(going.data?.activity[0]?.seq, 7);
  t.is(going.data?.status.hosts.live, 7);
  t.is(going.hosts.goal, 'refresh');
});

test('pause › a long pause keeps no more data than the screen shows', (t) => {
  let state = paused;
  for (let seq = 6; seq < 2_000; seq += 1)
    state = after(state, leftHost(seq, seq), {
      type: 'delta',
      delta: fixedDelta({ samples: fixedSamples(1) }),
      now: seq,
    });
  t.is(state.paused?.data?.samples.length, attached.data?.samples.length);
  t.true((state.paused?.data?.activity.length ?? 1_000) < 300);
});

test('pause › keys act on the frozen data', (t) => {
  const moved = after(
    paused,
    { type: 'hosts', change: (hosts) => moveBy(hosts, 0) },
    {
      type: 'view',
      view: 'peers',
    },
  );
  t.is(moved.view, 'peers');
  t.is(moved.data, attached.data);
});

test('pause › data of a new connection are shown after the pause', (t) => {
  const snapshot = { ...fixedSnapshot({ ttlMs: 1 }), at: fixedNow + 9_000 };
  const back = after(
    paused,
    { type: 'connection', change: { type: 'lost', now: 10, reason: 'x', nextAt: 20 } },
    { type: 'snapshot', snapshot, now: 30 },
  );
  t.is(back.connection.phase, 'live');
  t.is(back.data, attached.data);
  t.is(after(back, { type: 'pause' }).data?.status.ttlMs, 1);
});

test('pause › before the first snapshot, a pause holds that back', (t) => {
  const waiting = after(first, { type: 'pause' });
  t.is(after(waiting, { type: 'pause' }).data, null);
  const said = after(waiting, { type: 'snapshot', snapshot: fixedSnapshot(), now: 5 });
  t.is(said.data, null);
  t.not(after(said, { type: 'pause' }).data, null);
});

test('pause › the header shows how long, and how many updates wait', (t) => {
  const header = (state: ConsoleState) => frameLinesOf(Header, state)[0] ?? '';
  const received = (now: number): ConsoleAction[] => [
    { type: 'delta', delta: fixedDelta(), now },
    { type: 'tick', now },
  ];
  t.false(header(attached).includes('paused'));
  t.regex(
    header(after(paused, ...received(12_400))),
    /192\.0\.2\.1:4524 {2,}paused 12 s {3}● live$/,
  );
  t.regex(
    header(after(paused, leftHost(6, 1), ...received(12_400))),
    /paused 12 s, 1 new change {3}● live$/,
  );
  t.regex(
    header(after(paused, leftHost(1_239, 1), ...received(12_400))),
    /paused 12 s, 1,234 new changes {3}● live/,
  );
  const logged = after(
    paused,
    { type: 'view', view: 'log' },
    { type: 'delta', delta: fixedDelta({ status: { log: { level: 'info', lines: 63 } } }), now: 1 },
  );
  t.regex(header(logged), /paused 0 s, 2 new lines/);
  const { server } = fixedStatus();
  const restarted = fixedSnapshot({ server: { ...server, startedAt: fixedNow } });
  t.regex(
    header(after(paused, { type: 'snapshot', snapshot: restarted, now: 1 })),
    /restarted since/,
  );
  const long = after(paused, leftHost(99_999_999, 1), ...received(3_599_000));
  for (const columns of [60, 70, 80, 120]) {
    const line = header({ ...long, size: { columns, rows: 24 } });
    t.true(line.length <= columns, line);
    t.true(line.endsWith('paused 59 min, 99,999,994 new changes   ● live'), line);
  }
});

const firstPosition = { top: 0, cursor: 0 };
const listSize = { rows: 20, viewport: 5 };

test('list position › scrolls just as far as needed to see the selected row', (t) => {
  t.deepEqual(moved(firstPosition, { by: 1 }, listSize), { top: 0, cursor: 1 });
  t.deepEqual(moved({ top: 0, cursor: 4 }, { by: 1 }, listSize), { top: 1, cursor: 5 });
  t.deepEqual(moved({ top: 3, cursor: 3 }, { by: -1 }, listSize), { top: 2, cursor: 2 });
});

test('list position › a page keeps one row of the previous screen', (t) => {
  t.deepEqual(moved(firstPosition, { pages: 1 }, listSize), { top: 4, cursor: 4 });
  t.deepEqual(moved({ top: 4, cursor: 6 }, { pages: -1 }, listSize), { top: 0, cursor: 2 });
});

test('list position › stops at both ends', (t) => {
  t.deepEqual(moved(firstPosition, { by: -3 }, listSize), { top: 0, cursor: 0 });
  t.deepEqual(moved(firstPosition, { end: 'last' }, listSize), { top: 15, cursor: 19 });
  t.deepEqual(moved({ top: 15, cursor: 19 }, { pages: 1 }, listSize), { top: 15, cursor: 19 });
  t.deepEqual(moved({ top: 15, cursor: 19 }, { end: 'first' }, listSize), { top: 0, cursor: 0 });
});

test('list position › a list that shrank, or a taller window, needs no care', (t) => {
  t.deepEqual(settled({ top: 15, cursor: 19 }, { rows: 8, viewport: 5 }), { top: 3, cursor: 7 });
  t.deepEqual(settled({ top: 15, cursor: 19 }, { rows: 20, viewport: 30 }), { top: 0, cursor: 19 });
  t.deepEqual(settled({ top: 3, cursor: 3 }, { rows: 0, viewport: 5 }), { top: 0, cursor: 0 });
});
