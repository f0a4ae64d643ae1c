// The Hosts view: the table, and the details of the selected host.
import { type ReactElement, useEffect } from 'react';
import type { Host } from '../../../shared/ipc/contract.ts';
import { useSelected, useStore } from '../../components/following.ts';
import { Blank, Facts, Styled, Summary } from '../../components/styled.tsx';
import { Table, TableAndAside } from '../../components/table.tsx';
import { zoneOf } from '../../state/common-state.ts';
import { type DaemonData, daemonNow } from '../../state/daemon-data.ts';
import { lateAfterMs, markMs } from '../../state/shown.ts';
import type { ColumnChoice } from '../../text/column-names.ts';
import { noMatchText } from '../../text/columns.ts';
import { count, counted, durationText } from '../../text/format.ts';
import { serverName } from '../../text/shares.ts';
import { type HostClock, hostFacts, hostTableColumns } from './host-table.ts';
import {
  type HostsState,
  hostsLayout,
  rowsBehind,
  type ShownHosts,
  setViewport,
  shownHosts,
  type WithHosts,
} from './hosts-state.ts';

export function HostsView(): ReactElement {
  const { dispatch } = useStore<WithHosts>();
  const hosts = useSelected(shownHosts);
  const chosen = useSelected(({ columns }) => columns.hosts);
  const layout = useSelected(hostsLayout);
  const { tableColumns, tableRows } = layout;
  useEffect(() => {
    dispatch({ type: 'hosts', change: (read) => setViewport(read, tableRows) });
  }, [dispatch, tableRows]);
  const status = useSelected(({ data }) => data?.status ?? null);
  const clock: HostClock = {
    ...useSelected(clockOf),
    nameOf: (id) => (status ? serverName(status, id) : id),
  };
  const host = hosts.selected;
  return (
    <TableAndAside
      layout={layout}
      aside={
        host === null ? (
          <>
            <Styled as="strong">Selected host</Styled>
            <Blank />
            <Styled as="label">none</Styled>
          </>
        ) : (
          <Facts title="Selected host" facts={hostFacts(host, clock)} />
        )
      }
    >
      <Blank />
      <HostsSummary hosts={hosts} rowsAge={clock.rowsAge} />
      <Blank />
      <HostRows
        {...{ hosts, clock, chosen }}
        width={tableColumns - signs.plain[0].length}
        hasIpv6={status?.listen.address.includes(':') ?? false}
      />
    </TableAndAside>
  );
}

interface HostsSummaryProps {
  hosts: Omit<ShownHosts, 'rows' | 'selected'>;
  /** of the rows, when it differs from that of the rest; 0 by default: it does not */
  rowsAge?: number;
}

export function HostsSummary({ hosts, rowsAge = 0 }: HostsSummaryProps): ReactElement {
  const { marked, matched, isLoaded, cursor, filter } = hosts;
  const age = rowsAge > 0 ? `rows ${durationText(rowsAge)} old  ·  ` : '';
  const found = `${rowsAge > 0 ? 'approx. ' : ''}${counted(matched, 'host')}`;
  return (
    <Summary
      text={isLoaded ? found : ''}
      marked={marked.size === 0 ? '' : `${count(marked.size)} marked`}
      // Where one stands shows in the table as well, how many are marked does not.
      right={matched === 0 ? '' : `${age}${count(cursor + 1)} of ${count(matched)}`}
      filter={filter}
    />
  );
}

/** Before each row: that the operator marked it, or that the host is new; without colour. */
const signs = {
  marked: ['* ', 'accent'],
  fresh: ['+ ', 'good'],
  plain: ['  ', null],
} as const;

interface HostRowsProps {
  hosts: ShownHosts;
  clock: HostClock;
  width: number;
  /** whether addresses may be IPv6 ones, which take more than twice the room */
  hasIpv6: boolean;
  /** those that the operator wants; all by default */
  chosen: ColumnChoice['hosts'];
}

function HostRows({ hosts, clock, width, hasIpv6, chosen }: HostRowsProps): ReactElement {
  const { isLoaded, rows, matched, top, cursor, marked, filter, sort } = hosts;
  const isMarked = ({ address }: Host) => marked.has(address);
  const isNew = ({ firstSeen }: Host) => Math.abs(clock.dataAt - firstSeen) < markMs;
  const nobody =
    filter === ''
      ? 'no hosts registered yet; a node registers with: query NODE-ID PORT'
      : noMatchText('host', filter);
  return (
    <>
      <Table
        filter={filter}
        columns={hostTableColumns({ width, hasIpv6 }, sort, clock)}
        chosen={chosen}
        rows={rows}
        selected={cursor - top}
        rowTone={(host) => (isMarked(host) ? 'accent' : null)}
        gutter={(host) => signs[isMarked(host) ? 'marked' : isNew(host) ? 'fresh' : 'plain']}
      />
      {(!isLoaded || matched === 0) && (
        <>
          <Blank />
          <Styled as="label">{isLoaded ? nobody : 'loading hosts …'}</Styled>
        </>
      )}
    </>
  );
}

function clockOf({ hosts, data, now, isUtc }: WithHosts): HostClock {
  const zone = zoneOf({ isUtc, data });
  if (data === null) return { at: 0, dataAt: 0, ttlMs: 0, zone };
  return {
    zone,
    at: daemonNow(data, now),
    dataAt: data.at,
    ttlMs: data.status.ttlMs,
    rowsAge: rowsAge(hosts, data, now),
    isHeldBack: data.status.selfPreservation.active,
  };
}

/** Of the rows, when they are older than the rest by so much that it matters; else 0. */
function rowsAge(hosts: HostsState, { receivedAt }: DaemonData, now: number): number {
  return rowsBehind(hosts, receivedAt) < lateAfterMs ? 0 : now - (hosts.readAt ?? now);
}
