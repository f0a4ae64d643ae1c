import '../../../fixture/production.ts';
import test from 'ava';
import { createElement } from 'react';
import type { PeerStatus } from '../../../../shared/ipc/status-contract.ts';
import { Facts } from '../../../../tui/components/styled.tsx';
import { columnsWithin } from '../../../../tui/components/table-columns.ts';
import {
  type ConsoleAction,
  type ConsoleState,
  firstState,
  reduceConsole,
} from '../../../../tui/console/console-state.ts';
import { utc } from '../../../../tui/text/format.ts';
import { clockCell, peerColumns, peerFacts } from '../../../../tui/views/peers/peer-table.ts';
import {
  movePeers,
  peerPosition,
  selectedPeer,
  shownPeers,
} from '../../../../tui/views/peers/peers-state.ts';
import { linesOf } from '../../drawn-lines.ts';
import {
  fixedNow,
  fixedPeers,
  fixedShares,
  fixedSnapshot,
  fixedStatus,
} from '../../fixture-data.ts';
import { shownOf } from '../../frame-of.tsx';

const of = () => ({ ...fixedStatus(), shares: fixedShares(), now: fixedNow, zone: utc });
const [well, behind, unreached] = fixedPeers() as [PeerStatus, PeerStatus, PeerStatus];

test('peers › what is known of a peer is there in whole, or says that it is cut, and in a common window all of it', async (t) => {
  const trouble = `refuses connections: ${'nothing listens there '.repeat(4)}now`;
  const down: PeerStatus = { ...behind, state: 'down', lag: null, encrypted: null, trouble };
  const snapshot = fixedSnapshot({ peers: [down] });
  const actions: ConsoleAction[] = [{ type: 'snapshot', snapshot, now: 0 }];
  for (let rows = 10; rows <= 24; rows++) {
    const { lines } = await shownOf({ view: 'peers', actions }, { columns: 60, rows });
    const text = lines.join('\n');
    const isCut = text.includes('…');
    for (const [label, end] of [
      [' trouble ', 'there now'],
      [' until then ', 'live hosts'],
    ] as const)
      if (text.includes(label)) t.true(text.includes(end) || isCut, `${rows}: ${text}`);
    t.regex(lines.at(-1) ?? '', /q quit$/);
    if (rows >= 16) t.true(text.includes(' trouble '), `${rows}: ${text}`);
    if (rows >= 21) t.true(text.includes(' id  ') && !isCut, `${rows}: ${text}`);
  }
});

function stateWith(peers: PeerStatus[], ...actions: ConsoleAction[]): ConsoleState {
  const size = { columns: 80, rows: 24 };
  const first = firstState({ size, view: 'peers', readOnly: false, now: 0 });
  return [
    { type: 'snapshot', snapshot: fixedSnapshot({ peers }), now: 0 } as const,
    ...actions,
  ].reduce(reduceConsole, first);
}

function many(count: number): PeerStatus[] {
  return Array.from({ length: count }, (_, index) => ({ ...well, address: `192.0.2.${index}:1` }));
}

function details(peer: PeerStatus, context: Parameters<typeof peerFacts>[1]): string[] {
  const facts = peerFacts(peer, context);
  return linesOf(createElement(Facts, { title: 'Selected peer', facts }), 78);
}

test('peers › the first one is selected until the operator moves', (t) => {
  t.is(selectedPeer(stateWith([])), null);
  t.is(selectedPeer(stateWith([well, behind]))?.address, well.address);
  const moved = stateWith([well, behind], {
    type: 'peers',
    change: (_, state) => movePeers(state, { by: 1 }),
  });
  t.is(selectedPeer(moved)?.address, behind.address);
});

test('peers › the selection goes to the next one when its name server is no peer any more', (t) => {
  const down: ConsoleAction = { type: 'peers', change: (_, state) => movePeers(state, { by: 1 }) };
  const peers = [well, behind, unreached];
  const without = (gone: PeerStatus): ConsoleAction => ({
    type: 'snapshot',
    snapshot: fixedSnapshot({ peers: peers.filter((each) => each !== gone) }),
    now: 1,
  });
  t.is(selectedPeer(stateWith(peers, down, without(behind)))?.address, unreached.address);
  const last = stateWith(peers, down, down, without(unreached));
  t.is(selectedPeer(last)?.address, behind.address);
  const filtered = stateWith(peers, down, down, { type: 'filter', text: `!${unreached.address}` });
  t.is(selectedPeer(filtered)?.address, well.address);
});

test('peers › the selection stays on its name server when the list changes', (t) => {
  const moved = stateWith([well, behind], {
    type: 'peers',
    change: (_, state) => movePeers(state, { by: 1 }),
  });
  const again = reduceConsole(moved, {
    type: 'snapshot',
    snapshot: fixedSnapshot({ peers: [unreached, well, behind] }),
    now: 1,
  });
  t.is(selectedPeer(again)?.address, behind.address);
  t.deepEqual(peerPosition(again), { top: 0, cursor: 2 });
});

test('peers › more than fit are scrolled, and the last one can be reached', (t) => {
  const end = stateWith(many(40), {
    type: 'peers',
    change: (_, state) => movePeers(state, { end: 'last' }),
  });
  t.deepEqual(peerPosition(end), { top: 35, cursor: 39 });
  const back = reduceConsole(end, {
    type: 'peers',
    change: (_, state) => movePeers(state, { pages: -1 }),
  });
  t.deepEqual(peerPosition(back), { top: 31, cursor: 35 });
});

test('peers › a narrow window drops the columns that weigh least, never a part of one', (t) => {
  const titles = (peers: PeerStatus[], width: number) =>
    columnsWithin(peerColumns(peers, new Map(), fixedNow), width).map(
      ({ name, title = name }) => title,
    );
  t.deepEqual(titles([well], 58), ['address', 'state', 'round trip', 'lag']);
  t.deepEqual(titles([well], 78), ['address', 'state', 'round trip', 'lag', 'clock', 'backlog']);
  const ipv6 = { ...well, address: '[2001:db8:1111:2222:3333:4444:5555:6666]:45240' };
  t.deepEqual(titles([ipv6], 78), ['address', 'state', 'round trip']);
  t.is(titles([well], 152).length, 12);
});

test('peers › a clock says how far and on which side', (t) => {
  t.is(clockCell(0.3), '0 ms');
  t.is(clockCell(12.4), '+12 ms');
  t.is(clockCell(-9_999), '-9999 ms');
  t.is(clockCell(-61_000), '-1 min');
});

test('peers › the details say in words what the columns say in figures', (t) => {
  t.deepEqual(details(behind, of()), [
    'Selected peer',
    'address     192.0.2.3:4524',
    'state       suspect: silent for 7 s',
    'last heard  2026-05-01 11:59:53 UTC (7 s ago)',
    'until then  round trip 18 ms, clock 412 ms behind, draining, 1,180 live hosts',
    'sync        unencrypted: set Secret in ddns.conf',
    'lag         1,204 changes behind, for 6 s',
    'pings       407 hosts, 33 % of all',
    'id          77c0de1584aa90fe, version unknown',
  ]);
  t.deepEqual(details(well, of()).slice(2, 6), [
    'state       alive, round trip 0.4 ms',
    'sync        encrypted',
    'lag         up to date',
    'clock       3 ms ahead',
  ]);
});

test('peers › nothing of a silent peer is shown as of now, whatever an older daemon says', (t) => {
  const figures = { roundTripMs: 0.8, clockMs: 3, load: { backlog: 1, limit: 100, live: 9 } };
  const down: PeerStatus = { ...well, ...figures, state: 'down', lag: null, encrypted: null };
  delete down.last;
  const [shown] = shownPeers(stateWith([down]));
  t.like(shown, { roundTripMs: null, clockMs: null, load: null });
  const row = (peer: PeerStatus) =>
    peerColumns([peer], new Map(), fixedNow)
      .filter(({ name, title = name }) => ['state', 'round trip', 'clock', 'hosts'].includes(title))
      .map(({ cell, width }) => cell(peer, width));
  t.deepEqual(row(shown as PeerStatus), ['down', '-', '-', '-']);
  const last = { at: fixedNow - 8_040_000, ...figures };
  t.is(row({ ...(shown as PeerStatus), last, trouble: 'x' })[0], 'down 2 h');
});

test('peers › what is wrong is said first, and cannot reach the terminal', (t) => {
  const trouble = 'no \u001b[2J';
  const lines = details({ ...unreached, trouble }, of()).slice(0, 3);
  t.deepEqual(lines, ['Selected peer', 'address     192.0.2.4:4524', 'trouble     no \\x1b[2J']);
});

test('peers › a filter leaves those that match, and the selection is one of them', (t) => {
  const state = stateWith(
    [well, behind, unreached],
    { type: 'peers', change: (_, state) => movePeers(state, { end: 'last' }) },
    { type: 'prompt', prompt: { kind: 'filter', text: 'SUSPECT', before: '' } },
  );
  t.deepEqual(shownPeers(state), [behind]);
  t.is(selectedPeer(state)?.address, behind.address);
  const none = reduceConsole(state, { type: 'filter', text: '!192.0.2' });
  t.is(selectedPeer(none), null);
  t.deepEqual(shownPeers(reduceConsole(none, { type: 'filter', text: '' })).length, 3);
});

test('peers › the details name the share of the pings as far as it is known, and the version', (t) => {
  const counting = { ...of(), shares: { ...fixedShares(), complete: false } };
  const of20 = (...args: [PeerStatus, typeof counting]) => details(...args).slice(-2);
  t.deepEqual(of20(well, counting), [
    'pings       425 hosts, 34 % of all (still counting)',
    'id          b1b3a7f2c40e4d11, version 1.2.3',
  ]);
  t.deepEqual(of20(unreached, counting), ['pings       not pinging', 'id          -']);
  const alone = { ...fixedStatus(), now: fixedNow, zone: utc };
  t.is(of20(well, alone)[0], 'pings       pinging');
});
