// Lines that follow from the state alone, by default across the whole window; drawn again when they change.
import type { ReactElement } from 'react';
import type { ConsoleState } from '../console/console-state.ts';
import type { Theme } from '../theme.ts';
import { useSelected, useTheme } from './console-context.ts';
import { Lines } from './lines.tsx';

export function Following({
  lines,
  columns = ({ size }) => size.columns,
}: {
  lines(theme: Theme, state: ConsoleState): readonly string[];
  columns?(state: ConsoleState): number;
}): ReactElement {
  const theme = useTheme();
  const width = useSelected(columns);
  const text = useSelected((state) => lines(theme, state).join('\n'));
  return <Lines lines={text === '' ? [] : text.split('\n')} width={width} steady />;
}
