// How old what is shown is, and what is said of it, although the connection stands.
import test from 'ava';
import type { PeerStatus } from '../../../shared/ipc/status-contract.ts';
import { bannerRows } from '../../../tui/components/layout.ts';
import {
  type ConsoleAction,
  type ConsoleState,
  firstState,
  reduceConsole,
} from '../../../tui/console/console-state.ts';
import { headerLines } from '../../../tui/frame/header.ts';
import { silentBanner } from '../../../tui/frame/shell.ts';
import { changesOf, counterFact, factsOf, peerFact } from '../../../tui/state/daemon-data.ts';
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
import { createTheme, unpainted } from '../../../tui/theme.ts';
import { fixedDelta, fixedPeers, fixedSnapshot, fixedStatus } from '../fixture-data.ts';

const size = { columns: 80, rows: 24 };
const theme = createTheme({});

function after(...actions: ConsoleAction[]): ConsoleState {
  const first = firstState({ size, view: 'overview', readOnly: false, now: 0 });
  return actions.reduce(reduceConsole, first);
}

const attached: ConsoleAction = { type: 'snapshot', snapshot: fixedSnapshot(), now: 0 };
const tick = (now: number): ConsoleAction => ({ type: 'tick', now });

test('freshness › a daemon that says nothing is silent after a while, and no longer when it speaks', (t) => {
  t.is(dataAge(after(tick(9_000))), 0, 'nothing is shown yet');
  t.false(isStale(after(tick(9_000))));
  const late = after(attached, tick(staleAfterMs - 1));
  t.deepEqual([isSilent(late), isStale(late), bannerRows(late)], [false, false, 0]);
  const silent = after(attached, tick(staleAfterMs));
  t.deepEqual([isSilent(silent), isStale(silent), bannerRows(silent)], [true, true, 1]);
  const again = after(attached, tick(staleAfterMs), {
    type: 'delta',
    delta: fixedDelta(),
    now: staleAfterMs,
  });
  t.deepEqual([isStale(again), dataAge(again)], [false, 0]);
});

test('freshness › a lost connection is stale at once, and has one banner', (t) => {
  const change = { type: 'lost', now: 1, reason: 'gone', nextAt: 2 } as const;
  const lost = after(attached, { type: 'connection', change }, tick(60_000));
  t.deepEqual([isSilent(lost), isStale(lost), bannerRows(lost)], [false, true, 1]);
});

test('freshness › the header says the age when it is worth a word, and never breaks its line', (t) => {
  const mark = (now: number, columns = 80) => {
    const state = { ...after(attached, tick(now)), size: { columns, rows: 24 } };
    return unpainted(headerLines(theme, state)[0] ?? '').trimEnd();
  };
  t.true(mark(lateAfterMs - 1).endsWith('● live'));
  t.true(mark(lateAfterMs).endsWith('○ 3 s old'));
  t.true(mark(8_040_000).endsWith('○ 2 h 14 min old'));
  for (const width of [60, 80, 200]) t.true(columnsOf(mark(8_040_000, width)) <= width);
});

test('freshness › the banner says how old, and what that means', (t) => {
  t.is(
    silentBanner(12_000, 120),
    ' No word from the name server for 12 s; it is stopped or very busy.',
  );
  t.true(columnsOf(silentBanner(12_000, 60)) < 60);
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
  const told = (change: Partial<PeerStatus>, now: number): ConsoleAction => {
    const peers = [{ ...well, version: '1.0.0', encrypted: true, ...change }];
    return { type: 'delta', delta: fixedDelta({ status: { peers } }), now };
  };
  const away = told({ state: 'down', version: null, encrypted: null }, 2_000);
  const marks = (...actions: ConsoleAction[]) => {
    const changes = after(attached, told({}, 1_000), ...actions).data?.changes;
    return [changes?.get(peerFact(well, 'version')), changes?.get(peerFact(well, 'sync'))];
  };
  t.deepEqual(marks(away, told({}, 3_000)), [undefined, undefined]);
  const other = told({ version: '1.1.0', encrypted: false }, 3_000);
  t.deepEqual(marks(away, other), [3_000, 3_000]);
  t.deepEqual(
    marks(away, other, told({ version: '1.1.0', encrypted: false }, 4_000)),
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

test('changes › a mark goes by itself, on the clock of what is shown', (t) => {
  t.true(isFresh(1_000, { receivedAt: 1_000 + markMs - 1 }));
  t.false(isFresh(1_000, { receivedAt: 1_000 + markMs }));
  t.false(isFresh(undefined, { receivedAt: 0 }));
});
