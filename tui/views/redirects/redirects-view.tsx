// The Redirects view: who was sent to which name server and why, newest first, and how many to each.
import type { ReactElement } from 'react';
import type { Status } from '../../../shared/ipc/status-contract.ts';
import { useDaemon, useSelected } from '../../components/following.ts';
import { Blank, Parts, Styled, Summary, Waiting, Wrapped } from '../../components/styled.tsx';
import { Table, TableAndAside } from '../../components/table.tsx';
import type { DaemonData } from '../../state/daemon-data.ts';
import { columnsOf, fitted, noMatchText, safe } from '../../text/columns.ts';
import { count, counted, durationText } from '../../text/format.ts';
import { noPeersText } from '../../text/peers.ts';
import { isRedirectingAll, redirectingText } from '../../text/redirecting.ts';
import { percent } from '../../text/shares.ts';
import { redirectColumns } from './redirect-table.ts';
import {
  redirectsLayout,
  redirectsPosition,
  shownRedirects,
  type WithRedirects,
} from './redirects-state.ts';

export function RedirectsView(): ReactElement {
  const daemon = useDaemon();
  const layout = useSelected(redirectsLayout);
  if (daemon === null) return <Waiting />;
  const { data } = daemon;
  const { asideColumns, asideRows, place } = layout;
  const { targets } = data.status.redirects;
  return (
    <TableAndAside
      layout={layout}
      aside={
        targets.length === 0 ? null : (
          <Targets
            {...data.status.redirects}
            width={asideColumns}
            rows={place === 'side' ? asideRows : asideRows - 1}
          />
        )
      }
    >
      <RedirectTable {...daemon} />
    </TableAndAside>
  );
}

type RedirectTableProps = NonNullable<ReturnType<typeof useDaemon>>;

function RedirectTable({ data, now, zone }: RedirectTableProps): ReactElement {
  const { tableColumns, tableRows } = useSelected(redirectsLayout);
  const { filter } = useSelected((state: WithRedirects) => state.redirects);
  const chosen = useSelected(({ columns }) => columns.redirects);
  const shown = useSelected(shownRedirects);
  const { top, cursor } = useSelected(redirectsPosition);
  const { total } = data.status.redirects;
  const kept = data.redirects.length;
  const newest = total > kept ? `latest ${count(kept)}, newest first` : 'newest first';
  const above = top === 0 ? newest : `${count(top)} newer above`;
  const position = cursor === null ? above : `${count(cursor + 1)} of ${count(shown.length)}`;
  const found = `${count(shown.length)} of the latest ${counted(kept, 'redirect')}`;
  return (
    <>
      <Blank />
      <Summary
        text={filter === '' ? `${counted(total, 'redirect')} since start` : found}
        right={shown.length === 0 ? '' : position}
        filter={filter}
      />
      <Mode {...data.status} now={now} />
      <Blank />
      {shown.length === 0 ? (
        <NoRedirects {...{ data, filter }} />
      ) : (
        <Table
          filter={filter}
          columns={redirectColumns(data.redirects, tableColumns, zone)}
          chosen={chosen}
          rows={shown.slice(top, top + tableRows)}
          selected={cursor === null ? null : cursor - top}
        />
      )}
    </>
  );
}

interface ModeProps extends Pick<Status, 'redirecting' | 'peers'> {
  now: number;
}

function Mode({ redirecting, peers, now }: ModeProps): ReactElement {
  const text = redirectingText(redirecting, peers);
  if (!isRedirectingAll(redirecting))
    return <Styled as={redirecting.isLoaded ? 'warn' : 'good'}>{text}</Styled>;
  return <Styled as="warn">{`${text} (${durationText(now - redirecting.since)})`}</Styled>;
}

interface NoRedirectsProps {
  data: DaemonData;
  filter: string;
}

function NoRedirects({ data, filter }: NoRedirectsProps): ReactElement {
  const { status, redirects } = data;
  if (redirects.length > 0) return <Styled as="label">{noMatchText('redirect', filter)}</Styled>;
  const hint =
    status.peers.length === 0
      ? `${noPeersText.charAt(0).toUpperCase()}${noPeersText.slice(1)}. Until then, newcomers are told to retry later when the backlog is full.`
      : 'No redirects since start. Newcomers are redirected when the backlog fills up, and every node is while the server drains (d).';
  return <Wrapped as="label" text={hint} lines={4} width={100} />;
}

const countColumns = 11;
const shareColumns = 6;

type TargetsProps = Pick<Status['redirects'], 'total' | 'targets'> & {
  width: number;
  rows: number;
};

/** How many were sent to each name server, and how many name servers have no room here. */
function Targets({ total, targets, width, rows }: TargetsProps): ReactElement {
  const room = Math.max(1, rows - 1);
  const shown = targets.length > room ? targets.slice(0, room - 1) : targets;
  const rest = targets.length - shown.length;
  const longest = Math.max(21, ...shown.map(({ address }) => columnsOf(safe(address))));
  const addressColumns = Math.min(longest, width - countColumns - shareColumns);
  return (
    <>
      <Styled as="strong">Targets</Styled>
      {shown.map(({ address, count: sent }) => (
        <Parts
          key={address}
          parts={[
            [fitted(safe(address), addressColumns)],
            [fitted(count(sent), countColumns, 'right')],
            [fitted(percent(total === 0 ? 0 : sent / total), shareColumns, 'right'), 'label'],
          ]}
        />
      ))}
      {rest > 0 && <Styled as="label">{`and ${count(rest)} more`}</Styled>}
    </>
  );
}
