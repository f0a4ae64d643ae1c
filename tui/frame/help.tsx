// The help: all keys, from the list of bindings, instead of the view.
import { type ReactElement, useEffect } from 'react';
import { bodyColumns, bodyRows, padded } from '../components/layout.ts';
import { Lines, useTheme } from '../components/lines.tsx';
import { bindings, keyGroups } from '../console/bindings.ts';
import type { ConsoleBinding } from '../console/key-lookup.ts';
import { cut, fitted } from '../text/columns.ts';
import type { Theme } from '../theme.ts';
import { useSelected, useStore } from './following.tsx';

/** Two columns of groups from this width on. */
const twoColumnsFrom = 130;
/** Columns between two groups. */
const gap = 4;
const keyColumns = 14;

/** The help, scrolled to `help.top`. */
export function Help(): ReactElement {
  const theme = useTheme();
  const { dispatch } = useStore();
  const width = useSelected(bodyColumns);
  const height = useSelected(bodyRows);
  const top = useSelected((state) => state.help.top);
  const lines = helpLines(theme, width);
  const lowest = Math.max(0, lines.length - height);
  const from = Math.min(top, lowest);
  // Keeps `top` within the help, so that scrolling back from its end moves at once.
  useEffect(() => {
    if (top > lowest) dispatch({ type: 'help-scroll', by: lowest - top });
  }, [dispatch, top, lowest]);
  return <Lines lines={lines.slice(from, from + height)} width={width} steady />;
}

/** Every key in groups, in two columns where there is room. */
function helpLines(theme: Theme, width: number): string[] {
  const columns = width >= twoColumnsFrom ? 2 : 1;
  const each = Math.floor((width - gap * (columns - 1)) / columns);
  const groups = keyGroups.map(({ scope, title }) => [
    padded(theme.paint('title', title), each),
    ...bindings.filter((binding) => binding.scope === scope).map(keyLine(theme, each)),
    ' '.repeat(each),
  ]);
  if (columns === 1) return ['', ...groups.flat()];
  const left: string[] = [];
  const right: string[] = [];
  for (const group of groups) (left.length <= right.length ? left : right).push(...group);
  return [
    '',
    ...Array.from(
      { length: Math.max(left.length, right.length) },
      (_, row) => (left[row] ?? ' '.repeat(each)) + ' '.repeat(gap) + (right[row] ?? ''),
    ),
  ];
}

function keyLine(theme: Theme, width: number): (binding: ConsoleBinding) => string {
  const room = width - 2 - keyColumns;
  return ({ shown, help }) =>
    `  ${theme.paint('accent', fitted(shown, keyColumns))}${fitted(cut(help, room), room)}`;
}
