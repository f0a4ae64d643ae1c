// The help: all keys, from the list of bindings, instead of the view.
import { type ReactElement, useEffect } from 'react';
import { bodyColumns, bodyRows } from '../components/layout.ts';
import { Lines, useTheme } from '../components/lines.tsx';
import { bindings, keyGroups } from '../console/bindings.ts';
import { cut, fitted } from '../text/columns.ts';
import type { Theme } from '../theme.ts';
import { useSelected, useStore } from './following.tsx';

/** Two columns of groups from this width on. */
const twoColumnsFrom = 130;

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

export function helpLines(theme: Theme, width: number): string[] {
  const groups = keyGroups.map(({ scope, title }) => [
    theme.paint('title', title),
    ...bindings
      .filter((binding) => binding.scope === scope)
      .map(({ shown, help }) => ({ shown, help })),
  ]);
  const columns = width >= twoColumnsFrom ? 2 : 1;
  const each = Math.floor((width - 4 * (columns - 1)) / columns);
  const blocks = groups.map((group) => [
    ...group.map((line) =>
      typeof line === 'string'
        ? line + ' '.repeat(Math.max(0, each - titleColumns(line)))
        : keyLine(theme, line, each),
    ),
    ' '.repeat(each),
  ]);
  if (columns === 1) return ['', ...blocks.flat()];
  const left: string[] = [];
  const right: string[] = [];
  for (const block of blocks) (left.length <= right.length ? left : right).push(...block);
  return [
    '',
    ...Array.from(
      { length: Math.max(left.length, right.length) },
      (_, row) => `${left[row] ?? ' '.repeat(each)}    ${right[row] ?? ''}`,
    ),
  ];
}

function titleColumns(painted: string): number {
  return painted.replace(/\u001b\[[0-9;]*m/g, '').length;
}

function keyLine(theme: Theme, line: { shown: string; help: string }, width: number): string {
  const keys = fitted(line.shown, 14);
  return `  ${theme.paint('accent', keys)}${fitted(cut(line.help, width - 16), width - 16)}`;
}
