// The Backlog view: the connections whose request is not answered, and what is known of the selected one.
import type { ReactElement } from 'react';
import { bodyColumns } from '../../components/layout.ts';
import { useTheme, WaitingLines } from '../../components/lines.tsx';
import { TableAndAside } from '../../components/table.tsx';
import { daemonNow } from '../../state/daemon-data.ts';
import {
  backlogLayout,
  backlogPosition,
  selectedConnection,
  shownBacklog,
  type WithBacklog,
} from './backlog-state.ts';
import { backlogDetailLines, backlogTableLines } from './backlog-table.ts';

export function BacklogView({ state }: { state: WithBacklog }): ReactElement {
  const theme = useTheme();
  const { data, now } = state;
  const { list, failure, filter } = state.backlog;
  const width = bodyColumns(state);
  if (data === null) return <WaitingLines width={width} />;
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
