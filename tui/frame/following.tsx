// Lines that follow from the state alone, across the whole window; drawn again when they change.
import type { ReactElement } from 'react';
import type { ConsoleState } from '../state/console-state.ts';
import type { Theme } from '../theme.ts';
import { useSelected, useTheme } from './console-context.ts';
import { Lines } from './lines.tsx';

export function Following({
  lines,
}: {
  lines(theme: Theme, state: ConsoleState): readonly string[];
}): ReactElement {
  const theme = useTheme();
  const width = useSelected((state) => state.size.columns);
  const text = useSelected((state) => lines(theme, state).join('\n'));
  return <Lines lines={text === '' ? [] : text.split('\n')} width={width} steady />;
}
