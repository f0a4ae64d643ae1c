import test from 'ava';
import type { Redirect } from '../../../../shared/ipc/status-contract.ts';
import { redirectColumns } from '../../../../tui/views/redirects/redirect-table.ts';
import { fixedRedirects } from '../../fixture-data.ts';

function columns(redirects: Redirect[], width: number): [title: string, width: number][] {
  return redirectColumns(redirects, width).map((column) => [column.title, column.width]);
}

const ipv4 = fixedRedirects(9);
const ipv6 = ipv4.map((redirect) => ({
  ...redirect,
  asker: '[2001:db8:1111:2222:3333:4444:5555:6666]:45240',
}));

test('redirect columns › addresses have the width that most of them need', (t) => {
  t.deepEqual(columns(ipv4, 78), [
    ['when', 8],
    ['who asked', 21],
    ['dialect', 7],
    ['sent to', 21],
    ['why', 8],
  ]);
  t.deepEqual(columns([], 78), columns(ipv4, 78));
});

test('redirect columns › in a narrow window the dialect gives way to whole addresses', (t) => {
  t.deepEqual(columns(ipv4, 58), [
    ['when', 8],
    ['who asked', 18],
    ['sent to', 14],
    ['why', 8],
  ]);
});

test('redirect columns › what cannot fit leaves half of the room to the other address', (t) => {
  t.deepEqual(columns(ipv6, 78), [
    ['when', 8],
    ['who asked', 42],
    ['sent to', 14],
    ['why', 8],
  ]);
  const both = ipv6.map((redirect) => ({ ...redirect, to: redirect.asker }));
  t.deepEqual(columns(both, 78), [
    ['when', 8],
    ['who asked', 28],
    ['sent to', 28],
    ['why', 8],
  ]);
});
