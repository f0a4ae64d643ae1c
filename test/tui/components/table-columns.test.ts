import '../../fixture/production.ts';
import { readFileSync } from 'node:fs';
import test from 'ava';
import { columnsWithin, type TableColumn } from '../../../tui/components/table-columns.ts';
import { columnNames } from '../../../tui/text/column-names.ts';
import { utc } from '../../../tui/text/format.ts';
import { backlogColumns } from '../../../tui/views/backlog/backlog-table.ts';
import { serverColumns } from '../../../tui/views/fleet/fleet-view.tsx';
import { hostTableColumns } from '../../../tui/views/hosts/host-table.ts';
import { firstHosts } from '../../../tui/views/hosts/hosts-state.ts';
import { peerColumns } from '../../../tui/views/peers/peer-table.ts';
import { redirectColumns } from '../../../tui/views/redirects/redirect-table.ts';

type Letter = 'a' | 'b' | 'c';
const cell = () => '';
const columns: readonly TableColumn<null, Letter>[] = [
  { name: 'a', title: 'a', width: 10, weight: 1, cell },
  { name: 'b', title: 'b', width: 5, most: 20, weight: 0, cell },
  { name: 'c', title: 'c', width: 5, most: 20, weight: 0, cell },
];

const shapes = (width: number, chosen?: readonly Letter[]) =>
  columnsWithin(columns, width, chosen).map((column) => `${column.name} ${column.width}`);

test('table columns › the heaviest is dropped first, and what is left is shared', (t) => {
  t.deepEqual(shapes(24), ['a 10', 'b 5', 'c 5']);
  t.deepEqual(shapes(23), ['b 10', 'c 11']);
  t.deepEqual(shapes(34), ['a 10', 'b 10', 'c 10']);
  t.deepEqual(shapes(99), ['a 10', 'b 20', 'c 20']);
  t.deepEqual(shapes(3), ['b 5'], 'one is kept whatever its width');
});

test('table columns › those that are chosen stand in their order, and the last is dropped first', (t) => {
  t.deepEqual(shapes(99, ['c', 'a']), ['c 20', 'a 10']);
  t.deepEqual(shapes(16, ['c', 'a']), ['c 16']);
  t.deepEqual(shapes(17, ['c', 'a']), ['c 5', 'a 10']);
});

/** In a window that has room for all of them. */
const tables = {
  servers: (chosen?: readonly never[]) => columnsWithin(serverColumns([], 0, 999), 999, chosen),
  hosts: (chosen?: readonly never[]) => {
    const clock = { at: 0, ttlMs: 0, dataAt: 0, zone: utc };
    const all = hostTableColumns({ width: 999, hasIpv6: true }, firstHosts.sort, clock);
    return columnsWithin(all, 999, chosen);
  },
  peers: (chosen?: readonly never[]) => {
    const trips = new Map([['192.0.2.1:4524', [1, 2]]]);
    const all = peerColumns([], new Map(), 0, () => false, trips);
    return columnsWithin(all, 999, chosen);
  },
  redirects: (chosen?: readonly never[]) =>
    columnsWithin(redirectColumns([], 999, utc), 999, chosen),
  backlog: (chosen?: readonly never[]) => columnsWithin(backlogColumns([], 0), 999, chosen),
};

test('table columns › the manual lists all of them', (t) => {
  const manual = readFileSync(new URL('../../../tui/CONSOLE.md', import.meta.url), 'utf8');
  for (const [table, names] of Object.entries(columnNames))
    t.true(manual.includes(`| \`Columns.${table}\` | ${names.join(' ')} |`), table);
});

test("table columns › each has a name for the console's file, which lists no others", (t) => {
  for (const [table, names] of Object.entries(columnNames)) {
    const drawn = tables[table as keyof typeof tables];
    t.deepEqual(
      drawn().map(({ name }) => name),
      [...names],
      table,
    );
    const reversed = names.toReversed() as never[];
    t.deepEqual(
      drawn(reversed).map(({ name }) => name),
      reversed,
      table,
    );
  }
});
