import '../../fixture/production.ts';
import test, { type ExecutionContext } from 'ava';
import { createElement } from 'react';
import type { PeerStatus, Redirecting, Status } from '../../../shared/ipc/status-contract.ts';
import { bannerTexts, redirectingBanner } from '../../../tui/components/banner.ts';
import { Parts } from '../../../tui/components/styled.tsx';
import {
  type ConsoleState,
  firstState,
  reduceConsole,
} from '../../../tui/console/console-state.ts';
import { Footer } from '../../../tui/frame/footer.tsx';
import { TabLine } from '../../../tui/frame/header.tsx';
import type { ViewName } from '../../../tui/state/common-state.ts';
import { type Alarm, alarmsOf, peerAlarms } from '../../../tui/text/alarms.ts';
import { columnsOf } from '../../../tui/text/columns.ts';
import { type Token, unpainted } from '../../../tui/theme.ts';
import { frameLinesOf, paintedLinesOf } from '../drawn-lines.ts';
import { fixedNow, fixedPeers, fixedStatus } from '../fixture-data.ts';
import { fleet, lost, sending } from '../screens/situations.ts';

/** Text as Ink writes it in a style. */
const painted = (as: Token, text: string) =>
  paintedLinesOf(createElement(Parts, { parts: [[text, as]] }), 100)[0] ?? '';

function tabLine(view: ViewName, alarms: readonly Alarm[], width: number): string {
  return paintedLinesOf(createElement(TabLine, { view, alarms, width }), width)[0] ?? '';
}

/** What the tab line says after its tabs. */
function alarmsIn(t: ExecutionContext, alarms: readonly Alarm[], width: number): string {
  const line = unpainted(tabLine('overview', alarms, width));
  t.is(columnsOf(line), width - 1);
  return line.slice(line.indexOf('!'));
}

function frozenStatus(): Status {
  const since = fixedNow - 1_000;
  const selfPreservation = { active: true, reason: 'canaries', since, overridden: false } as const;
  return fixedStatus({ selfPreservation });
}

test('header › alarms name their things, in as many words as fit', (t) => {
  const alarms = alarmsOf({ ...fixedStatus(), peers: fixedPeers() });
  const shown = (width: number) => alarmsIn(t, alarms, width);
  t.is(
    shown(200),
    '! 192.0.2.3:4524 suspect, 192.0.2.4:4524 failing: it says not-a-peer: 192.0.2.1 is not in NameServe…, sync unencrypted',
  );
  t.is(shown(150), '! 192.0.2.3:4524 suspect, 192.0.2.4:4524 failing, sync unencrypted');
  t.is(shown(130), '! 192.0.2.3:4524 suspect, 192.0.2.4:4524 failing +1');
  t.is(shown(110), '! 192.0.2.3:4524 suspect +2');
  t.is(shown(80), '! peers');
});

test('header › what must be acted on is named in every window, in a colour of its own', (t) => {
  const [well] = fixedPeers() as [PeerStatus];
  const down = { ...well, state: 'down' } as const;
  const alarms = alarmsOf({
    ...fixedStatus(),
    peers: [down],
    refused: { backlog: 14, registry: 0 },
  });
  t.deepEqual(
    alarms.map(({ text, severity }) => [severity, text]),
    [
      ['bad', 'backlog full: 14 requests refused in a minute'],
      ['bad', '192.0.2.2:4524 down'],
    ],
  );
  for (const width of [60, 80, 100])
    t.true(alarmsIn(t, alarms, width).startsWith('! backlog full'), `at ${width}`);
  t.true(
    tabLine('overview', alarms, 80).endsWith(painted('bad', '! backlog full, 192.0.2.2:4524 down')),
  );
  const { selfPreservation } = frozenStatus();
  const warning = alarmsOf({ ...fixedStatus(), selfPreservation, peers: [down] });
  t.true(
    tabLine('overview', warning, 200).endsWith(
      painted('warn', 'deletions held back, 1 to be deleted: fewer than half of the recently see…'),
    ),
  );
});

test('header › in a narrow window tabs move together, then lose their titles', (t) => {
  const shown = (width: number, alarms: readonly Alarm[] = []) => {
    const line = unpainted(tabLine('hosts', alarms, width));
    t.true(columnsOf(line) < width);
    return line;
  };
  const alarms = alarmsOf({ ...fixedStatus(), peers: fixedPeers() });
  const whole = shown(200).trimEnd().replace(/ ─+$/, '').length;
  t.true(shown(whole + 2).includes(' 2 Hosts  3 Peers '));
  t.true(shown(whole + 1).startsWith(' 1 Overview 2 Hosts 3 Peers '));
  t.true(shown(whole + 6, alarms).startsWith(' 1 Overview 2 Hosts 3 Peers '));
  t.true(shown(40).startsWith('  1  2 Hosts  3  4  5  6 '));
  t.true(shown(40, alarms).endsWith(' ! peers'));
});

test('header › without trouble there is no alarm', (t) => {
  const [well] = fixedPeers();
  const alarms = peerAlarms(well ? [well] : []);
  t.false(tabLine('peers', alarms, 80).includes('!'));
});

test('header › a peer that was never reached raises no alarm unless a reason is known', (t) => {
  const [, , unreached] = fixedPeers();
  if (!unreached) throw new Error('no such peer');
  t.deepEqual(peerAlarms([{ ...unreached, trouble: null }]), []);
  t.regex(peerAlarms([unreached])[0]?.text ?? '', /^192\.0\.2\.4:4524 failing: it says not-a-peer/);
});

test('header › storage, a full registry and pings without answer are alarms, the most urgent first', (t) => {
  const status = fixedStatus();
  t.deepEqual(alarmsOf(status), []);
  const storage = { ...status.storage, state: 'degraded', reason: 'the disk is full' } as const;
  const hosts = { live: 50, gone: 0, limit: 50 };
  const contest = { address: '192.0.2.9:1', nodeIds: ['a', 'b'] as const };
  const expiry = { ...status.expiry, nobodyAnswers: true, contested: [contest] };
  const texts = (change: Partial<Status>) =>
    alarmsOf({ ...status, ...change }).map(({ severity, text }) => `${severity} ${text}`);
  t.deepEqual(texts({ ...frozenStatus(), storage, hosts, expiry }), [
    'bad storage degraded: the disk is full',
    'bad registry full: 50 hosts',
    'warn deletions held back, 1 to be deleted: fewer than half of the recently seen hosts answer',
    'warn no host has ever answered a ping',
    'warn two nodes register as 192.0.2.9:1',
  ]);
  t.deepEqual(texts({ expiry: { ...status.expiry, massDeletion: { deleted: 127, of: 150 } } }), [
    'bad 127 of 150 hosts deleted within a TTL',
  ]);
  const inability = (cannotJudge: 'all' | 'ipv6') =>
    texts({ expiry: { ...status.expiry, cannotJudge } });
  t.deepEqual([inability('ipv6'), inability('all')], [['warn cannot ping IPv6 hosts'], []]);
  const full = { limit: 100, current: 100, peak: 100 };
  t.deepEqual(texts({ backlog: full, refused: { backlog: 0, registry: 3 } }), [
    'warn backlog full: 100 of 100',
    'warn over HostsPerSource: 3 requests refused in a minute',
  ]);
  const starting = { ...frozenStatus().selfPreservation, reason: 'starting' } as const;
  t.deepEqual(texts({ selfPreservation: starting }), []);
});

test('banner › a drain shows where nodes go, for how long, and how to end it', (t) => {
  const since = fixedNow - 320_000;
  const drain: Redirecting = { mode: 'drain', to: null, since, isLoaded: false };
  const peers = fixedPeers();
  t.deepEqual(redirectingBanner({ redirecting: drain, peers }, fixedNow, true, 80), [
    ' Draining: redirecting nodes to the least loaded peer (5 min). End: keys 4 u.',
  ]);
  t.deepEqual(redirectingBanner({ redirecting: drain, peers }, fixedNow, false, 80), [
    ' Draining: redirecting nodes to the least loaded peer (5 min).',
  ]);
  t.deepEqual(
    redirectingBanner(
      {
        redirecting: { ...drain, mode: 'chosen', to: '\u001b[2J' },
        peers: peers.map((peer) => ({ ...peer, address: '\u001b[2J' })),
      },
      fixedNow,
      true,
      60,
    ),
    [' Draining: redirecting nodes to \\x1b[2J (5 min).', ' End: keys 4 u.'],
  );
  t.deepEqual(
    redirectingBanner({ redirecting: { ...drain, mode: 'stopping' }, peers }, fixedNow, true, 120),
    [' Shutting down: redirecting nodes (5 min).'],
  );
});

test('banner › no key is named to end a drain while none could', (t) => {
  const size = { columns: 80, rows: 24 };
  const attached = [fleet, sending('drain')].reduce(
    reduceConsole,
    firstState({ size, view: 'peers', readOnly: false, now: 0 }),
  );
  const hasKey = (state: ConsoleState) => bannerTexts(state).join(' ').includes('End: keys 4 u.');
  t.true(hasKey(attached));
  t.false(hasKey({ ...attached, readOnly: true }));
  t.false(hasKey(reduceConsole(attached, lost)));
});

test('banner › a drain that nobody takes is one in name only, and its time is not torn', (t) => {
  const [well, silent] = fixedPeers() as [PeerStatus, PeerStatus];
  const drain = { to: null, since: fixedNow - 7_000, isLoaded: false };
  const said = (mode: Redirecting['mode'], to: string | null, columns: number) =>
    redirectingBanner(
      { redirecting: { ...drain, mode, to }, peers: [well, silent] },
      fixedNow,
      false,
      columns,
    );
  t.deepEqual(said('drain', null, 58), [
    ' Draining: redirecting nodes to the least loaded peer',
    ' (7 s).',
  ]);
  t.deepEqual(said('chosen', silent.address, 120), [
    ' Draining to 192.0.2.3:4524, which accepts no nodes: they are served here (7 s).',
  ]);
  const redirecting = { ...drain, mode: 'drain' } as const;
  t.deepEqual(redirectingBanner({ redirecting, peers: [silent] }, fixedNow, false, 80), [
    ' Draining, but no peer accepts nodes: they are served here (7 s).',
  ]);
});

test('footer › the word that confirms is asked for, and the end of a long one is in sight', (t) => {
  const size = { columns: 60, rows: 20 };
  const state = firstState({ size, view: 'peers', readOnly: false, now: 0 });
  const asked = { action: 'drain' } as const;
  const footer = (text: string, afterCaret = 0) =>
    frameLinesOf(Footer, { ...state, prompt: { kind: 'confirm', text, afterCaret, asked } })[0];
  t.true(footer('drai')?.startsWith(' type drain: drai█ '));
  t.true(footer('drain', 2)?.startsWith(' type drain: drain '), 'under the caret is a character');
  const long = footer(`${'x'.repeat(150)}end`) ?? '';
  t.true(columnsOf(long) <= 60, long);
  t.true(long.includes('xend█'), long);
});
