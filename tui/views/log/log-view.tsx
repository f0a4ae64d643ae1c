// The Log view: what the name server says, newest at the bottom.
import type { ReactElement } from 'react';
import { useSelected, useTheme } from '../../components/console-context.ts';
import { bodyColumns } from '../../components/layout.ts';
import { Lines } from '../../components/lines.tsx';
import { logLines } from './log-lines.ts';

export function LogView(): ReactElement {
  const theme = useTheme();
  const state = useSelected((all) => all);
  const width = bodyColumns(state);
  if (state.data === null)
    return (
      <Lines lines={['', theme.paint('label', 'waiting for the name server …')]} width={width} />
    );
  return <Lines lines={logLines(theme, state, state.data.status.log.level)} width={width} />;
}
