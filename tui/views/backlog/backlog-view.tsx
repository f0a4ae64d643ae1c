// The Backlog view: the connections whose request is not answered, and what is known of the selected one.
import type { ReactElement } from 'react';
import { useSelected, useTheme } from '../../components/console-context.ts';
import { bodyColumns } from '../../components/layout.ts';
import { Lines } from '../../components/lines.tsx';
import { TableAndAside } from '../../components/table-and-aside.tsx';
import { daemonNow } from '../../state/daemon-data.ts';
import { backlogDetailLines } from './backlog-detail.ts';
import { backlogLayout } from './backlog-layout.ts';
import { backlogPosition, selectedConnection, shownBacklog } from './backlog-state.ts';
import { backlogTableLines } from './backlog-table.ts';

export function BacklogView(): ReactElement {
  const theme = useTheme();
  // Nearly all of it is shown: size, data, position.
  const state = useSelected((all) => all);
  const { data, now } = state;
  const { list, failure, filter } = state.backlog;
  const width = bodyColumns(state);
  if (data === null)
    return (
      <Lines lines={['', theme.paint('label', 'waiting for the name server …')]} width={width} />
    );
  const layout = backlogLayout(state);
  // The list may be newer than the last tick.
  const at = Math.max(daemonNow(data, now), list?.at ?? 0);
  const entry = selectedConnection(state);
  return (
    <TableAndAside
      layout={layout}
      table={backlogTableLines(theme, {
        status: data.status,
        list,
        failure,
        shown: shownBacklog(state),
        filter,
        position: backlogPosition(state),
        at,
        width: layout.tableColumns,
        rows: layout.tableRows,
      })}
      aside={entry && ((columns, rows) => backlogDetailLines(theme, entry, at, columns, rows))}
    />
  );
}
