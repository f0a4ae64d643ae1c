// The Hosts view: the table, and the details of the selected host.
import { type ReactElement, useEffect } from 'react';
import type { Host } from '../../../shared/ipc/contract.ts';
import { Blank, Facts, factColumns, Styled, Summary } from '../../components/styled.tsx';
import { Table, TableAndAside } from '../../components/table.tsx';
import { zoneOf } from '../../state/common-state.ts';
import { type DaemonData, daemonNow } from '../../state/daemon-data.ts';
import { lateAfterMs, markMs } from '../../state/shown.ts';
import type { ColumnChoice } from '../../text/column-names.ts';
import { noMatchText } from '../../text/filter.ts';
import { count, counted, durationText, type Zone } from '../../text/format.ts';
import { serverName } from '../../text/shares.ts';
import { type HostClock, hostFacts, hostTableColumns } from './host-table.ts';
import {
  type HostsAction,
  type HostsState,
  hostAt,
  hostsLayout,
  rowsBehind,
  selectedHost,
  setViewport,
  type WithHosts,
} from './hosts-state.ts';

interface HostsViewProps {
  state: WithHosts;
  dispatch(action: HostsAction): void;
}

export function HostsView({ state, dispatch }: HostsViewProps): ReactElement {
  const { hosts, data, now } = state;
  const layout = hostsLayout(state);
  const { tableColumns, tableRows, asideColumns } = layout;
  useEffect(() => {
    dispatch({ type: 'hosts', change: (read) => setViewport(read, tableRows) });
  }, [dispatch, tableRows]);
  const zone = zoneOf(state);
  const clock = data ? clockOf(hosts, data, now, zone) : { at: 0, dataAt: 0, ttlMs: 0, zone };
  const host = selectedHost(hosts);
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
          <Facts title="Selected host" facts={hostFacts(host, clock, asideColumns - factColumns)} />
        )
      }
    >
      <Blank />
      <HostsSummary hosts={hosts} rowsAge={clock.rowsAge} width={tableColumns} />
      <Blank />
      <HostRows
        {...{ hosts, clock }}
        width={tableColumns}
        height={tableRows}
        hasIpv6={data?.status.listen.address.includes(':') ?? false}
        chosen={state.columns.hosts}
      />
    </TableAndAside>
  );
}

interface HostsSummaryProps {
  hosts: HostsState;
  /** of the rows, when it differs from that of the rest; 0 by default: it does not */
  rowsAge?: number;
  width: number;
}

export function HostsSummary({ hosts, rowsAge = 0, width }: HostsSummaryProps): ReactElement {
  const { marked, matched, revision, cursor, filter } = hosts;
  const age = rowsAge > 0 ? `rows ${durationText(rowsAge)} old  ·  ` : '';
  const found = `${rowsAge > 0 ? 'approx. ' : ''}${counted(matched, 'host')}`;
  return (
    <Summary
      text={revision === null ? '' : found}
      marked={marked.size === 0 ? '' : `${count(marked.size)} marked`}
      // Where one stands shows in the table as well, how many are marked does not.
      right={matched === 0 ? '' : `${age}${count(cursor + 1)} of ${count(matched)}`}
      {...{ filter, width }}
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
  hosts: HostsState;
  clock: HostClock;
  width: number;
  height: number;
  /** whether addresses may be IPv6 ones, which take more than twice the room */
  hasIpv6: boolean;
  /** those that the operator wants; all by default */
  chosen: ColumnChoice['hosts'];
}

function HostRows({ hosts, clock, width, height, hasIpv6, chosen }: HostRowsProps): ReactElement {
  const { revision, matched, top, cursor, marked, filter, sort } = hosts;
  const rows = Math.max(0, Math.min(height, matched - top));
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
        columns={hostTableColumns(
          { width: width - signs.plain[0].length, hasIpv6, chosen },
          sort,
          clock,
        )}
        rows={Array.from({ length: rows }, (_, row) => hostAt(hosts, top + row))}
        selected={cursor - top}
        width={width}
        keyOf={({ address }) => address}
        rowTone={(host) => (isMarked(host) ? 'accent' : null)}
        gutter={(host) => signs[isMarked(host) ? 'marked' : isNew(host) ? 'fresh' : 'plain']}
      />
      {(revision === null || matched === 0) && (
        <>
          <Blank />
          <Styled as="label">{revision === null ? 'loading hosts …' : nobody}</Styled>
        </>
      )}
    </>
  );
}

function clockOf(hosts: HostsState, data: DaemonData, now: number, zone: Zone): HostClock {
  return {
    zone,
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
