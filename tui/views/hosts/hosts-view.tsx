// The Hosts view: the table, and the details of the selected host beside it where there is room, or
// under it when asked for.
import { Box } from 'ink';
import { type ReactElement, useContext, useEffect } from 'react';
import { StoreContext, useSelected, useTheme } from '../../frame/console-context.ts';
import { bodyColumns, bodyRows } from '../../frame/layout.ts';
import { Lines } from '../../frame/lines.tsx';
import { type DaemonData, daemonNow } from '../../state/daemon-data.ts';
import { lateAfterMs } from '../../state/freshness.ts';
import { detailLines } from './host-detail.ts';
import { tableHeadRows, tableLines } from './host-table.ts';
import { type HostsState, rowsBehind, selectedHost, setViewport } from './hosts-state.ts';

/** The detail pane stands beside the table from this width on. */
const sideFrom = 150;
const sideColumns = 54;
const sideGap = 3;
/** Under the table it takes its lines and a rule. */
const belowRows = 10;

export interface HostsLayout {
  tableColumns: number;
  /** rows of the table proper */
  tableRows: number;
  detail: 'side' | 'below' | 'none';
}

export function hostsLayout(columns: number, rows: number, wantsDetail: boolean): HostsLayout {
  const free = rows - tableHeadRows;
  if (columns >= sideFrom)
    return { tableColumns: columns - sideColumns - sideGap, tableRows: free, detail: 'side' };
  return wantsDetail
    ? { tableColumns: columns, tableRows: Math.max(1, free - belowRows), detail: 'below' }
    : { tableColumns: columns, tableRows: free, detail: 'none' };
}

export function HostsView(): ReactElement {
  const theme = useTheme();
  const store = useContext(StoreContext);
  const width = useSelected(bodyColumns);
  const height = useSelected(bodyRows);
  const hosts = useSelected((state) => state.hosts);
  const data = useSelected((state) => state.data);
  const now = useSelected((state) => state.now);
  const layout = hostsLayout(width, height, hosts.detail);
  useEffect(() => {
    store?.dispatch({ type: 'hosts', change: (state) => setViewport(state, layout.tableRows) });
  }, [store, layout.tableRows]);
  const clock = data
    ? { at: daemonNow(data, now), ttlMs: data.status.ttlMs, rowsAge: rowsAge(hosts, data, now) }
    : { at: 0, ttlMs: 0 };
  const shape = {
    width: layout.tableColumns,
    hasIpv6: data?.status.listen.address.includes(':') ?? false,
  };
  const table = (
    <Lines
      lines={tableLines(theme, hosts, clock, shape, layout.tableRows)}
      width={layout.tableColumns}
    />
  );
  if (layout.detail === 'none') return table;
  const detail = detailLines(
    theme,
    selectedHost(hosts),
    clock,
    layout.detail === 'side' ? sideColumns : width,
  );
  if (layout.detail === 'below')
    return (
      <Box flexDirection="column">
        <Box height={layout.tableRows + tableHeadRows}>{table}</Box>
        <Lines lines={[theme.paint('rule', '─'.repeat(width)), ...detail]} width={width} />
      </Box>
    );
  return (
    <Box columnGap={sideGap}>
      {table}
      <Lines lines={['', ...detail]} width={sideColumns} />
    </Box>
  );
}

/** Of the rows, when they are older than the rest by so much that it matters; else 0. */
function rowsAge(hosts: HostsState, { receivedAt }: DaemonData, now: number): number {
  return rowsBehind(hosts, receivedAt) < lateAfterMs ? 0 : now - (hosts.readAt ?? now);
}
