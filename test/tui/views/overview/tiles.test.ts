import test from 'ava';
import type { Status } from '../../../../shared/ipc/contract.ts';
import { dataFromSnapshot } from '../../../../tui/state/daemon-data.ts';
import { createTheme, unpainted } from '../../../../tui/theme.ts';
import { tileLines } from '../../../../tui/views/overview/tiles.ts';
import { fixedNow, fixedSnapshot } from '../../fixture-data.ts';

const theme = createTheme({});

function tiles(width: number, selfPreservation?: Status['selfPreservation']): string[] {
  const data = dataFromSnapshot(fixedSnapshot(selfPreservation ? { selfPreservation } : {}), 0);
  return tileLines(theme, data, width);
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
