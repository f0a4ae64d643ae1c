// The Log view: what the name server says, newest at the bottom.
import type { ReactElement } from 'react';
import { bodyColumns } from '../../components/layout.ts';
import { Lines, useTheme, Waiting } from '../../components/lines.tsx';
import { logLines } from './log-lines.ts';
import type { WithLog } from './log-state.ts';

export function LogView({ state }: { state: WithLog }): ReactElement {
  const theme = useTheme();
  const width = bodyColumns(state);
  if (state.data === null) return <Waiting width={width} />;
  return <Lines lines={logLines(theme, state, state.data.status.log.level)} width={width} />;
}
