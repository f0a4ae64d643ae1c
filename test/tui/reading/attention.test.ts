import test from 'ava';
import {
  type ConsoleAction,
  firstState,
  reduceConsole,
} from '../../../tui/console/console-state.ts';
import { attentionOf } from '../../../tui/reading/account.ts';
import { fixedNow, fixedPeers, fixedSnapshot } from '../fixture-data.ts';
import { lost, sending } from '../screens/happenings.ts';

/** What a console that just attached is told of after `actions`. */
function told(change: Parameters<typeof fixedSnapshot>[0], ...actions: ConsoleAction[]): string[] {
  const size = { columns: 120, rows: 24 };
  const first = firstState({ size, view: 'overview', readOnly: false, now: 0 });
  const attached: ConsoleAction = { type: 'snapshot', snapshot: fixedSnapshot(change), now: 0 };
  return attentionOf([attached, ...actions].reduce(reduceConsole, first)).map(({ text }) => text);
}

test('attention › a name server that is well deserves none', (t) => {
  t.deepEqual(told({}), []);
});

test('attention › what the banner, the header and the tiles warn of is told in words', (t) => {
  const storage = {
    state: 'degraded' as const,
    file: '/db',
    reason: 'disk full\u001b[2J',
    since: 0,
  };
  t.deepEqual(told({ storage }), ['Storage degraded: disk full\\x1b[2J']);
  const held = { active: true, reason: 'isolated' as const, since: fixedNow, overridden: false };
  t.deepEqual(told({ selfPreservation: held }), ['No host is deleted now: isolated']);
  t.deepEqual(told({ selfPreservation: { ...held, reason: 'starting' as const } }), []);
  const expiry = { due: 0, suspects: 1, condemned: 0, pinging: 1, servers: 1, oldestSeen: null };
  t.deepEqual(told({ expiry: { ...expiry, nobodyAnswers: true } }), [
    'No host has ever answered a ping of this server: a firewall between, or all nodes behind NAT.',
  ]);
  const contested = [{ address: '192.0.2.1:4000', nodeIds: ['a', 'b\u001b'] as const }];
  t.deepEqual(told({ expiry: { ...expiry, contested } }), [
    'Two nodes register as 192.0.2.1:4000: a and b\\x1b. Give each a port of its own.',
  ]);
  t.deepEqual(told({ peers: fixedPeers() }), ['2 of 3 peers in trouble, sync not encrypted.']);
  t.deepEqual(told({}, sending('drain')), ['Every node is sent to the less loaded name servers.']);
});

test('attention › that the connection is lost outweighs nothing that was known before', (t) => {
  t.deepEqual(told({ peers: fixedPeers() }, lost), [
    'Connection lost; what is read is from before. Trying again until it is back.',
    '2 of 3 peers in trouble, sync not encrypted.',
  ]);
});

test('attention › a name server that hangs, and a pause, are told', (t) => {
  t.regex(told({}, { type: 'tick', now: 7_000 })[0] ?? '', /^No word from the name server/);
  t.deepEqual(told({}, { type: 'pause' }), ['Paused: what is read stays as it is.']);
});
