// The Hosts view: the table, and the details of the selected host.
import { type ReactElement, useEffect } from 'react';
import { useTheme } from '../../components/lines.tsx';
import { TableAndAside } from '../../components/table.tsx';
import { type DaemonData, daemonNow } from '../../state/daemon-data.ts';
import { lateAfterMs } from '../../state/shown.ts';
import { serverName } from '../../text/shares.ts';
import { detailLines, type HostClock, tableLines } from './host-table.ts';
import {
  type HostsAction,
  type HostsState,
  hostsLayout,
  rowsBehind,
  selectedHost,
  setViewport,
  type WithHosts,
} from './hosts-state.ts';

export function HostsView({
  state,
  dispatch,
}: {
  state: WithHosts;
  dispatch: (action: HostsAction) => void;
}): ReactElement {
  const theme = useTheme();
  const { hosts, data, now } = state;
  const layout = hostsLayout(state);
  const { tableColumns, tableRows } = layout;
  useEffect(() => {
    dispatch({ type: 'hosts', change: (read) => setViewport(read, tableRows) });
  }, [dispatch, tableRows]);
  const clock = data ? clockOf(hosts, data, now) : { at: 0, dataAt: 0, ttlMs: 0 };
  const shape = {
    width: tableColumns,
    hasIpv6: data?.status.listen.address.includes(':') ?? false,
  };
  return (
    <TableAndAside
      layout={layout}
      table={tableLines(theme, hosts, clock, shape, tableRows)}
      aside={(columns, rows) => detailLines(theme, selectedHost(hosts), clock, columns, rows)}
    />
  );
}

function clockOf(hosts: HostsState, data: DaemonData, now: number): HostClock {
  return {
    at: daemonNow(data, now),
    dataAt: data.at,
    ttlMs: data.status.ttlMs,
    rowsAge: rowsAge(hosts, data, now),
    isHeldBack: data.status.selfPreservation.active,
    nameOf: (id) => serverName(data.status, id),
  };
}

/** Of the rows, when they are older than the rest by so much that it matters; else 0. */
function rowsAge(hosts: HostsState, { receivedAt }: DaemonData, now: number): number {
  return rowsBehind(hosts, receivedAt) < lateAfterMs ? 0 : now - (hosts.readAt ?? now);
}
