import test from 'ava';
import type { Status } from '../../../../shared/ipc/contract.ts';
import { dataFromSnapshot } from '../../../../tui/state/daemon-data.ts';
import { createTheme, unpainted } from '../../../../tui/theme.ts';
import { tileLines } from '../../../../tui/views/overview/tiles.ts';
import {
  fixedNow,
  fixedPeers,
  fixedSnapshot,
  fixedStatus,
  fixedTotals,
} from '../../fixture-data.ts';

const theme = createTheme({});

function tiles(width: number, selfPreservation?: Status['selfPreservation']): string[] {
  return tilesWith(selfPreservation ? { selfPreservation } : {}, width);
}

function tilesWith(change: Partial<Status>, width: number): string[] {
  return tileLines(theme, dataFromSnapshot(fixedSnapshot(change), 0), width);
}

/** What stands under `label` in the lines, cut where the next tile begins. */
function tileOf(lines: string[], label: string): string[] | null {
  const shown = lines.map(unpainted);
  const from = shown[0]?.indexOf(label) ?? -1;
  if (from < 0) return null;
  return shown.map((line) => line.slice(from).split(/ {2,}/, 1)[0]?.trimEnd() ?? '');
}

const paused = { active: true, since: fixedNow - 720_000, overridden: false } as const;

test('tiles › expiry says how many hosts are due and how many fail', (t) => {
  t.deepEqual(tileOf(tiles(128), 'Expiry'), ['Expiry', '4 due', '3 failing']);
});

test('tiles › a narrow window shows the threads, and expiry once it is paused', (t) => {
  t.deepEqual(tileOf(tiles(78), 'Threads'), ['Threads', '1 running', '12 configured']);
  t.is(tileOf(tiles(78), 'Expiry'), null);
  const alarmed = tiles(78, { ...paused, reason: 'canaries' });
  t.deepEqual(tileOf(alarmed, 'Expiry'), ['Expiry', 'paused 12 min', 'canaries']);
  t.is(tileOf(alarmed, 'Threads'), null);
});

test('tiles › a pause stands out, except for the one after every start', (t) => {
  const value = 'paused 12 min';
  t.true(
    tiles(128, { ...paused, reason: 'isolated' })
      .join()
      .includes(theme.paint('warn', value)),
  );
  t.true(
    tiles(128, { ...paused, reason: 'starting' })
      .join()
      .includes(theme.paint('strong', value)),
  );
});

test('tiles › an override is said', (t) => {
  const overridden = { active: false, reason: null, since: fixedNow, overridden: true };
  t.deepEqual(tileOf(tiles(128, overridden), 'Expiry'), ['Expiry', '4 due', 'overridden']);
});

test('tiles › a server on its own shows neither peers nor redirects', (t) => {
  t.is(tileOf(tiles(198), 'Peers'), null);
  t.is(tileOf(tiles(198), 'Redirects'), null);
});

test('tiles › peers say how many are alive, and that sync is not encrypted', (t) => {
  const peers = fixedPeers();
  const expiry = { ...fixedStatus().expiry, servers: 2 };
  t.deepEqual(tileOf(tilesWith({ peers, expiry }, 198), 'Peers'), [
    'Peers',
    '1 of 3 alive',
    'not encrypted',
  ]);
  const well = peers.slice(0, 1);
  t.deepEqual(tileOf(tilesWith({ peers: well, expiry }, 198), 'Peers'), [
    'Peers',
    '1 of 1 alive',
    '2 share pings',
  ]);
});

test('tiles › redirects say how many there were, and the mode', (t) => {
  const redirecting = (change: Partial<Status['redirecting']>) =>
    tileOf(
      tilesWith(
        {
          peers: fixedPeers(),
          redirects: fixedTotals,
          redirecting: { ...fixedStatus().redirecting, ...change },
        },
        198,
      ),
      'Redirects',
    );
  t.deepEqual(redirecting({}), ['Redirects', '1,039', 'load']);
  t.deepEqual(redirecting({ isLoaded: true }), ['Redirects', '1,039', 'filling up']);
  t.deepEqual(redirecting({ mode: 'drain', isLoaded: true }), ['Redirects', '1,039', 'drain']);
});
