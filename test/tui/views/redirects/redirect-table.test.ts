import test from 'ava';
import type { Redirect } from '../../../../shared/ipc/status-contract.ts';
import { columnsWithin } from '../../../../tui/components/table-columns.ts';
import { utc } from '../../../../tui/text/format.ts';
import { redirectColumns } from '../../../../tui/views/redirects/redirect-table.ts';
import { fixedRedirects } from '../../fixture-data.ts';

function columns(redirects: Redirect[], width: number): [title: string, width: number][] {
  return columnsWithin(redirectColumns(redirects, width, utc), width).map(
    ({ name, title = name, width: columns }) => [title, columns],
  );
}

const ipv4 = fixedRedirects(9);
const ipv6 = ipv4.map((redirect) => ({
  ...redirect,
  asker: '[2001:db8:1111:2222:3333:4444:5555:6666]:45240',
}));

test('redirect columns › addresses have the width that most of them need', (t) => {
  t.deepEqual(columns(ipv4, 78), [
    ['UTC', 8],
    ['source', 21],
    ['dialect', 7],
    ['target', 21],
    ['reason', 8],
  ]);
  t.deepEqual(columns([], 78), columns(ipv4, 78));
});

test('redirect columns › in a narrow window the dialect gives way to whole addresses', (t) => {
  t.deepEqual(columns(ipv4, 58), [
    ['UTC', 8],
    ['source', 20],
    ['target', 16],
    ['reason', 8],
  ]);
});

test('redirect columns › what cannot fit leaves half of the room to the other address', (t) => {
  t.deepEqual(columns(ipv6, 78), [
    ['UTC', 8],
    ['source', 42],
    ['target', 14],
    ['reason', 8],
  ]);
  const both = ipv6.map((redirect) => ({ ...redirect, to: redirect.asker }));
  t.deepEqual(columns(both, 78), [
    ['UTC', 8],
    ['source', 28],
    ['target', 28],
    ['reason', 8],
  ]);
});
