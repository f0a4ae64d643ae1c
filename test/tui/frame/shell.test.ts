import test from 'ava';
import type { Redirecting } from '../../../shared/ipc/status-contract.ts';
import { firstState } from '../../../tui/console/console-state.ts';
import { footerLines } from '../../../tui/frame/footer.ts';
import { tabsLine } from '../../../tui/frame/header.ts';
import { redirectingBanner } from '../../../tui/frame/shell.ts';
import { alarmsOf, peerAlarms } from '../../../tui/text/alarms.ts';
import { columnsOf } from '../../../tui/text/columns.ts';
import { createTheme, unpainted } from '../../../tui/theme.ts';
import { fixedNow, fixedPeers, fixedStatus } from '../fixture-data.ts';

const theme = createTheme({});

test('header › alarms about peers take as many words as fit', (t) => {
  const alarms = peerAlarms(fixedPeers());
  const shown = (width: number) => {
    const line = unpainted(tabsLine(theme, 'overview', alarms, width));
    t.is(columnsOf(line), width - 1);
    return line.slice(line.indexOf('!'));
  };
  t.is(shown(120), '! 2 of 3 peers failing, sync unencrypted');
  t.is(shown(110), '! 2 peers failing, unencrypted');
  t.is(shown(100), '! 2 of 3 peers failing');
  t.is(shown(95), '! 2 peers failing');
  t.is(shown(80), '! peers');
  // The tabs have no titles any more.
  t.is(shown(60), '! 2 of 3 peers failing');
});

test('header › in a narrow window tabs move together, then lose their titles', (t) => {
  const shown = (width: number, alarms = peerAlarms([])) => {
    const line = unpainted(tabsLine(theme, 'hosts', alarms, width));
    t.is(columnsOf(line), width - 1);
    return line;
  };
  const alarms = peerAlarms(fixedPeers());
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
  t.false(tabsLine(theme, 'peers', alarms, 80).includes('!'));
});

test('header › a peer that was never reached raises no alarm unless a reason is known', (t) => {
  const [, , unreached] = fixedPeers();
  if (!unreached) throw new Error('no such peer');
  t.deepEqual(peerAlarms([{ ...unreached, trouble: null }]), []);
  t.is(peerAlarms([unreached])[0]?.text, '1 of 1 peer failing');
});

test('header › storage failures and held deletions are alarms in every view, the most urgent first', (t) => {
  const status = fixedStatus();
  t.deepEqual(alarmsOf(status), []);
  const since = fixedNow - 1_000;
  const frozen = { active: true, reason: 'canaries', since, overridden: false } as const;
  const failing = { ...status.storage, state: 'degraded', reason: 'the disk is full' } as const;
  const alarms = alarmsOf({ selfPreservation: frozen, storage: failing, peers: fixedPeers() });
  const shown = (width: number) => {
    const line = unpainted(tabsLine(theme, 'overview', alarms, width));
    t.is(columnsOf(line), width - 1);
    return line.slice(line.indexOf('!'));
  };
  t.true(
    shown(200).startsWith(
      '! storage degraded: registrations are refused, deletions held back, 2 of',
    ),
  );
  t.is(shown(100), '! storage degraded');
  t.is(shown(80), '! storage');
  const starting = { ...frozen, reason: 'starting' } as const;
  t.deepEqual(alarmsOf({ ...status, selfPreservation: starting }), []);
});

test('banner › a drain shows where nodes go, for how long, and how to end it', (t) => {
  const since = fixedNow - 320_000;
  const drain: Redirecting = { mode: 'drain', to: null, since, isLoaded: false };
  t.is(
    redirectingBanner(drain, fixedNow, false, 80),
    ' Draining: redirecting nodes to the least loaded peer (5 min). End: keys 4 u.',
  );
  t.is(
    redirectingBanner(drain, fixedNow, true, 80),
    ' Draining: redirecting nodes to the least loaded peer (5 min).',
  );
  t.is(
    redirectingBanner({ ...drain, mode: 'chosen', to: '\u001b[2J' }, fixedNow, false, 70),
    ' Draining: redirecting nodes to \\x1b[2J (5 min). End: keys 4 u.',
  );
  t.is(
    redirectingBanner({ ...drain, mode: 'stopping' }, fixedNow, false, 120),
    ' Shutting down: redirecting nodes (5 min).',
  );
});

test('footer › a long question leaves room for typed text', (t) => {
  const size = { columns: 60, rows: 20 };
  const address = '[2001:db8:1111:2222:3333:4444:5555:6666]:45240';
  const [footer = ''] = footerLines(theme, {
    ...firstState({ size, view: 'peers', readOnly: false, now: 0 }),
    prompt: { kind: 'confirm', text: 'drain', asked: { action: 'send', address } },
  });
  const line = unpainted(footer);
  t.true(columnsOf(line) <= 60, line);
  t.true(line.endsWith('…ain█'), line);
});
