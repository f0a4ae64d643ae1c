// The Config view: every setting with what is to be known of the selected one, or what stands between a
// change and the file.
import type { ReactElement } from 'react';
import { bodyColumns, bodyRows } from '../../components/layout.ts';
import { Lines, useTheme } from '../../components/lines.tsx';
import { TableAndAside } from '../../components/table.tsx';
import { configLayout, selectedRow, type WithConfig } from './config-state.ts';
import { configTableLines } from './config-table.ts';
import { reviewLines } from './review-lines.ts';
import { settingDetailLines } from './setting-detail.ts';

export function ConfigView({ state }: { state: WithConfig }): ReactElement {
  const theme = useTheme();
  const { config } = state;
  const width = bodyColumns(state);
  if (config.review !== null) {
    const lines = reviewLines(theme, config, width);
    const rows = bodyRows(state);
    // A window that grew shows more of it.
    const top = Math.min(config.reviewTop, Math.max(0, lines.length - rows));
    const shown = lines.slice(top, top + rows);
    return <Lines lines={shown} width={width} steady />;
  }
  const layout = configLayout(state);
  const row = selectedRow(state);
  return (
    <TableAndAside
      layout={layout}
      table={configTableLines(theme, state, layout.tableColumns, layout.tableRows)}
      aside={row && ((columns, rows) => settingDetailLines(theme, state, row, columns, rows))}
    />
  );
}
