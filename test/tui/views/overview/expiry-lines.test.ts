import test from 'ava';
import {
  type FreezeReason,
  freezeReasons,
  type Status,
} from '../../../../shared/ipc/status-contract.ts';
import { dataFromSnapshot } from '../../../../tui/state/daemon-data.ts';
import { columnsOf } from '../../../../tui/text/columns.ts';
import { utc } from '../../../../tui/text/format.ts';
import { createTheme, unpainted } from '../../../../tui/theme.ts';
import { expiryLines } from '../../../../tui/views/overview/standing-lines.ts';
import { fixedNow, fixedSnapshot } from '../../fixture-data.ts';

const theme = createTheme();

function painted(change: Partial<Status>, width: number, readOnly = false): string[] {
  const data = dataFromSnapshot(fixedSnapshot(change), 0);
  return expiryLines(data, readOnly, utc, width).map((parts) =>
    parts.map(([text, tone]) => (tone ? theme.paint(tone, text) : text)).join(''),
  );
}

function linesOf(change: Partial<Status>, width: number, readOnly = false): string[] {
  return painted(change, width, readOnly).map((line) => unpainted(line).replaceAll('\u00a0', ' '));
}

function frozen(reason: FreezeReason, ago = 720_000): Partial<Status> {
  const since = fixedNow - ago;
  return { selfPreservation: { active: true, reason, since, overridden: false } };
}

test('expiry lines › say how many are due and how many fail, in the longest words that fit', (t) => {
  t.deepEqual(linesOf({}, 120), [
    'self-preservation off · 4 due, 2 not answering, 1 to be deleted',
  ]);
  t.deepEqual(linesOf({}, 50), ['self-preservation off · 4 due, 3 failing']);
  const expiry = { due: 123_456, suspects: 12_345, condemned: 0, pinging: 512, servers: 1 };
  t.deepEqual(linesOf({ expiry: { ...expiry, oldestSeen: null } }, 40), [
    '123,456 due, 12,345 failing',
  ]);
});

test('expiry lines › say that nobody can be pinged, in whatever room there is', (t) => {
  const expiry = { due: 4, suspects: 2, condemned: 0, pinging: 6, servers: 1, oldestSeen: null };
  const told = (width: number) => linesOf({ expiry: { ...expiry, nobodyAnswers: true } }, width);
  t.deepEqual(told(100), [
    'no host has ever answered a ping · 4 due, 2 not answering, 0 to be deleted',
  ]);
  t.deepEqual(told(60), ['no host has ever answered a ping · 4 due, 2 failing']);
  t.deepEqual(told(40), ['no host has ever answered a ping']);
});

test('expiry lines › say why nothing is deleted, since when, what ends it, and the key', (t) => {
  t.deepEqual(linesOf(frozen('canaries'), 70), [
    'Deletions held back (12 min): fewer than half of the recently seen',
    'hosts answer. Ends when half of them answer; o overrides.',
    '4 due, 2 not answering, 1 to be deleted',
  ]);
  t.deepEqual(linesOf(frozen('isolated'), 190), [
    'Self-preservation: deletions held back since 11:48:00 UTC (12 min): no inbound network traffic. Ends when traffic resumes; o overrides.',
    '4 due, 2 not answering, 1 to be deleted',
  ]);
  const none = { due: 0, suspects: 0, condemned: 0, pinging: 0, servers: 1, oldestSeen: null };
  t.is(linesOf({ ...frozen('isolated'), expiry: none }, 190).length, 1);
});

test('expiry lines › every reason fits a narrow window to its last word', (t) => {
  for (const reason of freezeReasons) {
    const lines = linesOf(frozen(reason, 8_040_000), 50);
    t.true(lines.length <= 4, reason);
    for (const line of lines) t.true(columnsOf(line) <= 50, line);
    t.true(lines.slice(0, -1).join(' ').endsWith('o overrides.'), lines.join(' '));
  }
});

test('expiry lines › a reason that this console does not know is shown as it is, and safely', (t) => {
  const lines = linesOf(frozen('moon\u001b[2J' as FreezeReason), 100);
  t.true(lines.join(' ').includes('(12 min): moon\\x1b[2J. Ends when'), lines.join(' '));
});

test('expiry lines › the key is not offered to who may not use it', (t) => {
  t.false(linesOf(frozen('isolated'), 120, true).join(' ').includes('override'));
});

test('expiry lines › a pause stands out, except for the one after every start', (t) => {
  const begin = (reason: FreezeReason) => painted(frozen(reason), 70)[0] ?? '';
  t.true(begin('canaries').startsWith(theme.paint('warn', 'x').split('x')[0] ?? '-'));
  t.true(begin('starting').startsWith(theme.paint('label', 'x').split('x')[0] ?? '-'));
});

test('expiry lines › an override is said', (t) => {
  const since = fixedNow - 60_000;
  const selfPreservation = { active: false, reason: null, since, overridden: true };
  t.deepEqual(linesOf({ selfPreservation }, 70), [
    'self-preservation overridden (1 min) · 4 due, 3 failing',
  ]);
});
