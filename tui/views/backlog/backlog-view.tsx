// The Backlog view: the connections whose request is not answered, and what is known of the selected one.
import type { ReactElement } from 'react';
import type { Backlog, BacklogEntry } from '../../../shared/ipc/contract.ts';
import type { Status } from '../../../shared/ipc/status-contract.ts';
import { useDaemon, useSelected } from '../../components/following.ts';
import { Blank, FactList, Styled, Summary, Waiting, Wrapped } from '../../components/styled.tsx';
import { Table, TableAndAside } from '../../components/table.tsx';
import { backlogText, gapTexts, othersText } from '../../text/backlog.ts';
import { noMatchText, safe } from '../../text/columns.ts';
import { ago, count, type Zone } from '../../text/format.ts';
import {
  backlogLayout,
  backlogPosition,
  selectedConnection,
  shownBacklog,
  type WithBacklog,
} from './backlog-state.ts';
import { backlogColumns, connectionFacts, endText } from './backlog-table.ts';

/** The backlog is requested every second: from this age on the daemon answers slowly. */
const oldMs = 3_000;

export function BacklogView(): ReactElement {
  const daemon = useDaemon();
  const { list, failure } = useSelected((state: WithBacklog) => state.backlog);
  const layout = useSelected(backlogLayout);
  const entry = useSelected(selectedConnection);
  if (daemon === null) return <Waiting />;
  const { data, now, zone } = daemon;
  // The list may be newer than the last tick.
  const at = Math.max(now, list?.at ?? 0);
  return (
    <TableAndAside layout={layout} aside={entry && <ConnectionDetails {...{ entry, at, zone }} />}>
      <Blank />
      {failure !== null ? (
        <Wrapped as="warn" text={safe(failure, 400)} lines={4} />
      ) : list === null ? (
        <Styled as="label">loading the backlog …</Styled>
      ) : (
        <BacklogTable {...{ list, at }} status={data.status} />
      )}
    </TableAndAside>
  );
}

interface DetailsProps {
  entry: BacklogEntry;
  /** the daemon's clock */
  at: number;
  zone: Zone;
}

/** What the row has no room for, and when the connection ends by itself. */
export function ConnectionDetails({ entry, at, zone }: DetailsProps): ReactElement {
  return (
    <>
      <Styled as="strong">Selected connection</Styled>
      {/* An IPv6 address has no room beside a label. */}
      <Styled>{safe(entry.source)}</Styled>
      <FactList facts={connectionFacts(entry, at, zone)} labelColumns={10} />
      <Blank />
      <Wrapped as="label" text={endText(entry)} lines={3} />
    </>
  );
}

interface TableProps {
  list: Backlog;
  status: Status;
  /** the daemon's clock */
  at: number;
}

function BacklogTable({ list, status, at }: TableProps): ReactElement {
  const { tableRows } = useSelected(backlogLayout);
  const { filter } = useSelected((state: WithBacklog) => state.backlog);
  const chosen = useSelected(({ columns }) => columns.backlog);
  const shown = useSelected(shownBacklog);
  const { top, cursor } = useSelected(backlogPosition);
  const isOld = at - list.at >= oldMs;
  const right = [
    ...(isOld ? [`as of ${ago(at - list.at)}`] : []),
    ...(filter === '' ? [`peak ${count(status.backlog.peak)}`] : []),
    ...(shown.length === 0 ? [] : [`${count(cursor + 1)} of ${count(shown.length)}`]),
  ];
  const found = `${count(shown.length)} of ${count(list.total)} in the backlog`;
  return (
    <>
      <Summary
        text={filter === '' ? backlogText(list.total, status) : found}
        right={right.join('  ·  ')}
        rightAs={isOld ? 'warn' : 'label'}
        filter={filter}
      />
      <Styled as="label">{othersText(list, status)}</Styled>
      <Styled as="warn">{gapTexts(list).join('; ')}</Styled>
      {shown.length === 0 ? (
        <Nobody {...{ list, status, filter }} />
      ) : (
        <Table
          filter={filter}
          columns={backlogColumns(list.entries, at)}
          chosen={chosen}
          rows={shown.slice(top, top + tableRows)}
          selected={cursor - top}
        />
      )}
    </>
  );
}

interface NobodyProps {
  list: Backlog;
  status: Status;
  filter: string;
}

function Nobody({ list, status, filter }: NobodyProps): ReactElement | null {
  if (list.entries.length > 0)
    return <Styled as="label">{noMatchText('connection', filter)}</Styled>;
  if (list.missing.length > 0) return null;
  const hint = `The backlog holds the connections with an unanswered request, usually for a few milliseconds. At ${count(status.backlog.limit)} (Backlog in ddns.conf), newcomers are redirected or told to retry later.`;
  return (
    <>
      <Styled as="good">Backlog empty.</Styled>
      <Wrapped as="label" text={hint} lines={5} width={100} />
    </>
  );
}
