// The Redirects view: who was sent to which name server and why, newest first, and how many to each.
import type { ReactElement } from 'react';
import { bodyColumns } from '../../components/layout.ts';
import { useTheme, WaitingLines } from '../../components/lines.tsx';
import { TableAndAside } from '../../components/table.tsx';
import { redirectTableLines, redirectTotals } from './redirect-table.ts';
import {
  redirectsLayout,
  redirectsPosition,
  shownRedirects,
  type WithRedirects,
} from './redirects-state.ts';

export function RedirectsView({ state }: { state: WithRedirects }): ReactElement {
  const theme = useTheme();
  const { data, now } = state;
  const width = bodyColumns(state);
  if (data === null) return <WaitingLines width={width} />;
  const layout = redirectsLayout(state);
  const view = {
    shown: shownRedirects(state),
    filter: state.redirects.filter,
    ...redirectsPosition(state),
    now,
    width: layout.tableColumns,
    rows: layout.tableRows,
  };
  const { redirects } = data.status;
  return (
    <TableAndAside
      layout={layout}
      table={redirectTableLines(theme, data, view)}
      aside={(columns, rows) => redirectTotals(theme, redirects, columns, rows)}
    />
  );
}
