import '../../../fixture/production.ts';
import test from 'ava';
import { createElement } from 'react';
import type { Status } from '../../../../shared/ipc/status-contract.ts';
import { dataFromSnapshot } from '../../../../tui/state/daemon-data.ts';
import { Tiles } from '../../../../tui/views/overview/tiles.tsx';
import { linesOf } from '../../drawn-lines.ts';
import { fixedPeers, fixedSnapshot, fixedStatus, fixedTotals } from '../../fixture-data.ts';

function tilesWith(change: Partial<Status>, width: number): string[] {
  const data = dataFromSnapshot(fixedSnapshot(change), 0);
  return linesOf(createElement(Tiles, { data, width }), width);
}

/** What stands under `label` in the lines, cut where the next tile begins. */
function tileOf(lines: string[], label: string): string[] | null {
  const from = lines[0]?.indexOf(label) ?? -1;
  if (from < 0) return null;
  return lines.map((line) => line.slice(from).split(/ {2,}/, 1)[0]?.trimEnd() ?? '');
}

test('tiles › a server on its own shows neither peers nor redirects', (t) => {
  t.is(tileOf(tilesWith({}, 198), 'Peers'), null);
  t.is(tileOf(tilesWith({}, 198), 'Redirects'), null);
});

test('tiles › in a narrow window the fifth is the peers, or the threads of a server on its own', (t) => {
  const alone = tilesWith({}, 78);
  t.deepEqual([tileOf(alone, 'Peers'), tileOf(alone, 'Threads')?.[0]], [null, 'Threads']);
  const fleet = tilesWith({ peers: fixedPeers() }, 78);
  t.deepEqual([tileOf(fleet, 'Peers')?.[0], tileOf(fleet, 'Threads')], ['Peers', null]);
});

test('tiles › peers say how many are alive, and that sync is unencrypted', (t) => {
  const peers = fixedPeers();
  const expiry = { ...fixedStatus().expiry, servers: 2 };
  t.deepEqual(tileOf(tilesWith({ peers, expiry }, 198), 'Peers'), [
    'Peers',
    '1 of 3 alive',
    'unencrypted',
  ]);
  const well = peers.slice(0, 1);
  t.deepEqual(tileOf(tilesWith({ peers: well, expiry }, 198), 'Peers'), [
    'Peers',
    '1 of 1 alive',
    '2 share pings',
  ]);
  const alone = { peers: well, expiry: { ...expiry, servers: 1 } };
  t.is(tileOf(tilesWith(alone, 198), 'Peers')?.[2], 'pings alone');
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
  t.deepEqual(redirecting({}), ['Redirects', '1,039', 'when full']);
  t.deepEqual(redirecting({ isLoaded: true }), ['Redirects', '1,039', 'backlog filling']);
  t.deepEqual(redirecting({ mode: 'drain', isLoaded: true }), ['Redirects', '1,039', 'draining']);
});

test('tiles › where not all fit, those that need somebody are there, in their usual order', (t) => {
  const labels = (change: Partial<Status>) => tilesWith(change, 58)[0]?.split(/ {2,}/);
  t.deepEqual(labels({}), ['Live hosts', 'Registrations', 'Backlog']);
  const { storage } = fixedStatus();
  const broken = { ...storage, state: 'degraded', reason: 'the disk is full' } as const;
  const connections = { open: 10_000, limit: 10_000 };
  t.deepEqual(labels({ storage: broken, connections }), ['Live hosts', 'Storage', 'Connections']);
});

test('tiles › no note is cut, however narrow its tile', (t) => {
  const redirecting = { ...fixedStatus().redirecting, isLoaded: true };
  const threads = { configured: 1, running: 1, cores: '2 cores: a CPU quota of 2 of 8' };
  for (const peers of [[], fixedPeers()])
    for (let width = 58; width <= 298; width += 4) {
      const lines = tilesWith({ peers, redirecting, threads }, width);
      t.false(lines.join('\n').includes('…'), `at ${width}:\n${lines.join('\n')}`);
    }
});
