import '../../fixture/production.ts';
import test from 'ava';
import { createElement } from 'react';
import { Parts } from '../../../tui/components/styled.tsx';
import { Table } from '../../../tui/components/table.tsx';
import type { TextPart } from '../../../tui/theme.ts';
import { paintedLinesOf } from '../drawn-lines.ts';

const columns = [
  {
    name: 'address',
    title: 'address',
    width: 12,
    weight: 0,
    cell: ({ text }: { text: string }) => text,
  },
];

/** The only row of a table, with styles. */
function rowOf(text: string, filter: string, selected: number | null = null): string {
  const props = { columns, rows: [{ text }], selected, width: 12, filter };
  return paintedLinesOf(createElement(Table<{ text: string }, string>, props), 12)[1] ?? '';
}

function painted(...parts: TextPart[]): string {
  return paintedLinesOf(createElement(Parts, { parts }), 12)[0] ?? '';
}

test('table › what the filter finds is set off, in any case, and nothing that it excludes', (t) => {
  t.is(rowOf('Node-7', 'node'), painted(['Node', 'match'], ['-7      ', null]));
  t.is(rowOf('a.b axb', 'a.b !axb'), painted(['a.b', 'match'], [' axb     ', null]));
  t.is(rowOf('10.0.0.1', '10. .1'), painted(['10.', 'match'], ['0.0', null], ['.1', 'match']));
  t.is(rowOf('node', '!x'), painted(['node', null]));
  t.is(rowOf('node', 'node', 0), painted(['node        ', 'selected']), 'a selected row is one');
});
