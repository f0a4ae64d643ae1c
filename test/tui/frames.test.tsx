// Whole frames of every screen with fixed data, at the two sizes that are promised to look good, in colour and
// without.
import test, { type ExecutionContext } from 'ava';
import { viewNames } from '../../tui/state/common-state.ts';
import { columnsOf } from '../../tui/text/columns.ts';
import { unpainted } from '../../tui/theme.ts';
import { frameOf, readable, shownOf } from './frame-of.tsx';
import { waiting } from './screens/backlog.ts';
import { changed, configured } from './screens/config.ts';
import { filled } from './screens/log.ts';
import { extremeSizes, promisedSizes, screens } from './screens/screens.ts';
import { fleet, lost, sending } from './screens/situations.ts';

for (const size of promisedSizes)
  for (const screen of screens)
    test.serial(`frames › ${screen.name} at ${size.rows}x${size.columns}`, async (t) => {
      const lines = await frameOf(screen, size);
      t.is(lines.length, size.rows);
      for (const line of lines) t.true(columnsOf(line) <= size.columns, line);
      t.snapshot(readable(lines));

      const plain = await frameOf(screen, { ...size, env: { NO_COLOR: '1' } });
      t.deepEqual(plain.map(unpainted), lines.map(unpainted), 'nothing is said by colour alone');
      for (const [, codes] of plain.join('\n').matchAll(/\u001b\[([\d;]*)m/g))
        t.regex(codes ?? '', /^(?:(?:[0-9]|2[0-9])?(?:;|$))*$/, `with NO_COLOR: ${codes}`);
    });

const everything = [fleet, sending('drain'), waiting, configured, changed, filled, lost];

test.serial('frames › every screen fits into the smallest and the largest window', async (t) => {
  const [smallest, largest] = extremeSizes;
  for (const screen of screens) {
    const full = [...(screen.actions ?? []), ...everything];
    isFilled(t, await frameOf(screen, smallest), smallest, screen.name);
    for (const size of [smallest, largest])
      isFilled(t, await frameOf({ ...screen, actions: full }, size), size, screen.name);
  }
});

test.serial(
  'frames › in ten rows every view has its rows, and the Overview what matters',
  async (t) => {
    const size = { columns: 60, rows: 10 };
    for (const screen of screens)
      for (const actions of [screen.actions ?? [], [...(screen.actions ?? []), lost]])
        isFilled(t, await frameOf({ ...screen, actions }, size), size, screen.name);
    const shown = async (view: (typeof viewNames)[number]) =>
      (await shownOf({ view, actions: [fleet, waiting, configured, filled] }, size)).lines;
    const rows = {
      hosts: /^ {2,3}198\.51/,
      peers: /^ 192\.0/,
      redirects: /^ \d\d:/,
      backlog: /^ [\d.]+ /,
    };
    for (const [view, row] of Object.entries(rows)) {
      const found = (await shown(view as keyof typeof rows)).filter((line) => row.test(line));
      t.true(found.length >= 2, `${view}: ${found.length}`);
    }
    const overview = (await shown('overview')).join('\n');
    for (const word of ['Live hosts', 'Expiry', 'Pings', 'Activity'])
      t.true(overview.includes(word), word);
  },
);

test.serial('frames › no size between them leaves its window', async (t) => {
  for (const [columns, rows] of [
    [77, 24],
    [100, 30],
    [131, 37],
    [152, 43],
  ] as const)
    for (const view of viewNames) {
      const lines = await frameOf({ view, actions: everything }, { columns, rows });
      isFilled(t, lines, { columns, rows }, view);
      t.true(lines.at(-1)?.includes('quit'), `${view} at ${rows}x${columns}`);
    }
});

test.serial(
  'frames › a window that is too small is told politely, as far as the words fit',
  async (t) => {
    const politely = async (columns: number, rows: number) => {
      const lines = await frameOf({ view: 'overview', actions: everything }, { columns, rows });
      t.true(lines.length <= rows);
      for (const line of lines) t.true(columnsOf(line) <= columns, line);
      return lines.map((line) => line.trimEnd());
    };
    const asked = 'needs 60×10. q quits.';
    t.true((await politely(59, 10)).join('').includes(asked));
    t.true((await politely(300, 9)).join('').includes(asked));
    t.true((await politely(30, 10)).join(' ').includes(asked));
    t.deepEqual(await politely(12, 3), ['Window too', 'small: 12×3,', 'needs 60×10…']);
    t.is((await politely(1, 1)).length, 1);
  },
);

function isFilled(
  t: ExecutionContext,
  lines: readonly string[],
  { columns, rows }: { columns: number; rows: number },
  name: string,
): void {
  t.is(lines.length, rows, `${name} at ${rows}x${columns}`);
  for (const line of lines) t.true(columnsOf(line) <= columns, `${name}: ${line}`);
}
